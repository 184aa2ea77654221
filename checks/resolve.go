package checks

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// resolve finds the addresses of a host the way a client on this machine
// would, each once, in the order in which a client would try them (RFC 8305).
// A host that is an address needs no step.
func resolve(ctx context.Context, t *engine.Trace, host value.Host) ([]netip.Addr, error) {
	if a, ok := host.Addr(); ok {
		return []netip.Addr{a}, nil
	}
	var as []netip.Addr
	err := t.Span(ctx, result.OpResolve, func(ctx context.Context, s *engine.Step) error {
		s.Set("dns.question.name", string(host))
		// Another attempt asks again: the answer is what failed, perhaps.
		key := fmt.Sprintf("resolve %s, attempt %d", strings.ToLower(string(host)), t.Attempt())
		v, shared, err := t.Env.Memo.Do(ctx, key, func(ctx context.Context) (any, error) {
			if len(t.Env.Resolvers) > 0 {
				return ask(ctx, t, t.Env.Resolvers, string(host))
			}
			as, err := lookUp(ctx, t, string(host))
			if err != nil {
				return nil, err
			}
			return real(string(host), as)
		})
		if shared {
			s.Set("shared", true)
		}
		if err != nil {
			return err
		}
		as = v.([]netip.Addr)
		s.Set("dns.answers", texts(as))
		if leadsHere(t, host, as) != nil {
			s.Set("dns.leads_here", true)
		}
		return nil
	})
	return as, err
}

// lookUp finds the addresses by the system's way: through the library's own
// reading of its settings, which is quick, and where that fails through what
// other programs use, which knows more ways than DNS.
func lookUp(ctx context.Context, t *engine.Trace, host string) ([]netip.Addr, error) {
	limited, cancel := withTimeout(ctx, t.Env.Timeout)
	as, err := net.DefaultResolver.LookupNetIP(limited, "ip", host)
	cancel()
	if err == nil {
		return inOrder(as), nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	servers, confErr := machine.Resolvers()
	var why error
	engine.Parallel(2, func(i int) {
		switch {
		case i == 0:
			limited, cancel := withTimeout(ctx, t.Env.Timeout)
			defer cancel()
			as, _, _ = talk.SystemLookup(limited, host)
		case confErr != nil:
			why = engine.Failed(result.FailResolve, confErr)
		default:
			why = whyNot(ctx, t, servers, host, err)
		}
	})
	if len(as) > 0 {
		return inOrder(as), nil
	}
	return nil, cmp.Or(ctx.Err(), why)
}

// whyNot says why the system's way found no address, which it does not say
// itself: only an RCODE tells whether a name does not exist, has no address, or
// could not be looked up.
func whyNot(ctx context.Context, t *engine.Trace, configured []machine.Resolver, host string, system error) error {
	if len(configured) == 0 {
		return engine.Failed(result.FailNoResolver, fmt.Errorf("no resolver is configured: %w", system))
	}
	servers := make([]netip.AddrPort, len(configured))
	for i, r := range configured {
		servers[i] = r.Addr
	}
	if _, err := ask(ctx, t, servers, host); err != nil {
		return err
	}
	// The resolvers know the name, the system's way does not find it.
	return engine.Failed(result.FailResolve, system)
}

// ask asks the resolvers themselves, the next one where one does not answer or
// can't tell. The error is the first resolver's.
func ask(ctx context.Context, t *engine.Trace, servers []netip.AddrPort, host string) ([]netip.Addr, error) {
	var first error
	for _, server := range servers {
		as, err := askOne(ctx, t, server, host)
		if err == nil || ctx.Err() != nil {
			return as, cmp.Or(ctx.Err(), err)
		}
		if first == nil {
			first = err
		}
		if f := engine.Classify(err); f == result.FailNXDomain || f == result.FailNoData || f == result.FailNullAddress {
			return nil, err
		}
	}
	return nil, first
}

// askOne asks a resolver for the addresses of both families at once.
func askOne(ctx context.Context, t *engine.Trace, server netip.AddrPort, host string) ([]netip.Addr, error) {
	types := []string{"AAAA", "A"}
	found := make([][]netip.Addr, len(types))
	errs := make([]error, len(types))
	inTurn(len(types), func(i int, begun func()) {
		qtype, _ := talk.QueryType(types[i])
		stepErr := t.Step(ctx, result.OpQuery, func(ctx context.Context, s *engine.Step) error {
			begun()
			s.Set("dns.question.name", host)
			s.Set("dns.question.type", types[i])
			s.Set("server.address", server.Addr().String())
			s.Set("server.port", int(server.Port()))
			a, err := talk.Query(ctx, t.Network(), server, host, qtype, talk.QueryOptions{})
			if a != nil {
				s.Set("dns.response_code", a.RCodeName)
				s.Set("dns.answers", texts(a.Addrs()))
				var null error
				if found[i], null = real(host, a.Addrs()); null != nil {
					err = null
				}
			}
			errs[i] = err
			if engine.Classify(err) == result.FailNoData {
				return nil // to have no address of one family is no failure
			}
			return err
		})
		if stepErr != nil && errs[i] == nil {
			errs[i] = stepErr
		}
	})
	as := inOrder(slices.Concat(found...))
	switch {
	case len(as) > 0:
		return as, nil
	case engine.Classify(errs[0]) == result.FailNullAddress:
		return nil, errs[0]
	case errs[1] != nil && engine.Classify(errs[1]) != result.FailNoData:
		return nil, errs[1]
	}
	return nil, cmp.Or(errs...)
}

// inOrder is RFC 8305's order, each address once: the families take turns,
// IPv6 first, each in the order given.
func inOrder(as []netip.Addr) []netip.Addr {
	var families [2][]netip.Addr
	seen := map[netip.Addr]bool{}
	for _, a := range as {
		a = a.Unmap()
		if seen[a] {
			continue
		}
		seen[a] = true
		f := 0
		if a.Is4() {
			f = 1
		}
		families[f] = append(families[f], a)
	}
	var out []netip.Addr
	for i := range max(len(families[0]), len(families[1])) {
		for _, f := range families {
			if i < len(f) {
				out = append(out, f[i])
			}
		}
	}
	return out
}
