package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

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

// quickly is how long the library's own reading of the system's settings is
// waited for, before the other ways are gone beside it: longer than a healthy
// resolver takes for a name that it must look for.
const quickly = time.Second

// lookUp finds the addresses by the system's way: through the library's own
// reading of its settings, which is quick, and where that fails or is not
// through what other programs use, which knows more ways than DNS. That has
// the time that programs have: with a dead server before the good one they
// wait for five seconds, and work. Meanwhile the resolvers say why it fails, or
// the addresses, should the system's way take longer than anybody waits.
func lookUp(ctx context.Context, t *engine.Trace, host string) ([]netip.Addr, error) {
	limited, cancel := withTimeout(ctx, quickly)
	as, err := net.DefaultResolver.LookupNetIP(limited, "ip", host)
	cancel()
	if err == nil {
		return inOrder(as), nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	servers, confErr := machine.Resolvers()
	var system, why error
	var told []netip.Addr
	engine.Parallel(2, func(i int) {
		switch {
		case i == 0:
			limited, cancel := withTimeout(ctx, max(patience, t.Env.Timeout))
			defer cancel()
			as, _, system = talk.SystemLookup(limited, host)
		case confErr != nil:
			why = engine.Failed(result.FailResolve, confErr)
		default:
			told, why = inPlace(ctx, t, servers, host)
		}
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(as) > 0:
		return inOrder(as), nil
	case why != nil:
		return nil, why
	case engine.Classify(system) == result.FailDNSTimeout:
		return told, nil
	}
	// The resolvers know the name, the system's way does not find it.
	return nil, engine.Failed(result.FailResolve, system)
}

// inPlace asks the configured resolvers in the system's place, which does not
// say why it finds nothing: only an RCODE tells whether a name does not exist,
// has no address, or could not be looked up.
func inPlace(ctx context.Context, t *engine.Trace, configured []machine.Resolver, host string) ([]netip.Addr, error) {
	if len(configured) == 0 {
		return nil, engine.Failed(result.FailNoResolver, errors.New("no resolver is configured"))
	}
	servers := make([]netip.AddrPort, len(configured))
	for i, r := range configured {
		servers[i] = r.Addr
	}
	return ask(ctx, t, servers, host)
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
