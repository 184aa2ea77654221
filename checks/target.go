package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// hosts are the fields by which a kind is told whom to contact.
type hosts struct {
	Host  value.OneOrMany[value.Host] `yaml:"host" doc:"a name or an address, or a list of them"`
	Hosts value.OneOrMany[value.Host] `yaml:"hosts" doc:"the same as host"`
}

func (h hosts) list() []value.Host { return slices.Concat(h.Host, h.Hosts) }

func (h hosts) validate() error {
	switch {
	case len(h.Host) > 0 && len(h.Hosts) > 0:
		return &engine.FieldError{Field: "hosts", Message: "given beside host, which is the same", Hint: "write one list"}
	case len(h.list()) == 0:
		return &engine.FieldError{Field: "host", Message: "missing: which host?"}
	}
	return nil
}

// ports are the fields by which a kind is told on which ports.
type ports struct {
	Port  value.Ports `yaml:"port" doc:"a port, a range such as 8000-8005, or a list of both"`
	Ports value.Ports `yaml:"ports" doc:"the same as port"`
}

func (p ports) list() value.Ports { return slices.Concat(p.Port, p.Ports) }

func (p ports) validate() error {
	switch {
	case len(p.Port) > 0 && len(p.Ports) > 0:
		return &engine.FieldError{Field: "ports", Message: "given beside port, which is the same", Hint: "write one list"}
	case len(p.list()) == 0:
		return &engine.FieldError{Field: "port", Message: "missing: which port?"}
	}
	return nil
}

// targetName is hosts and ports for a reader: a, b:9000-9999.
func targetName(hs []value.Host, ps value.Ports) string {
	names := make([]string, len(hs))
	for i, h := range hs {
		names[i] = string(h)
	}
	if len(names) == 1 {
		return net.JoinHostPort(names[0], ps.String())
	}
	return strings.Join(names, ", ") + ":" + ps.String()
}

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
		v, shared, err := t.Env.Memo.Do(ctx, "resolve "+strings.ToLower(string(host)), func(ctx context.Context) (any, error) {
			if len(t.Env.Resolvers) > 0 {
				return ask(ctx, t, t.Env.Resolvers, string(host))
			}
			return lookUp(ctx, t, string(host))
		})
		if shared {
			s.Set("shared", true)
		}
		if err != nil {
			return err
		}
		as = v.([]netip.Addr)
		s.Set("dns.answers", texts(as))
		return nil
	})
	return as, err
}

// lookUp asks the system, and where that fails, the system's resolvers
// themselves: only an RCODE says whether a name does not exist, has no address,
// or could not be looked up.
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
	configured, confErr := machine.Resolvers()
	if confErr != nil || len(configured) == 0 {
		return nil, engine.Failed(result.FailNoResolver, fmt.Errorf("no resolver is configured: %w", err))
	}
	servers := make([]netip.AddrPort, len(configured))
	for i, r := range configured {
		servers[i] = r.Addr
	}
	if _, asked := ask(ctx, t, servers, host); asked != nil {
		return nil, asked
	}
	// The resolvers know the name, the system's way does not find it.
	return nil, engine.Failed(result.FailResolve, err)
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
		if f := engine.Classify(err); f == result.FailNXDomain || f == result.FailNoData {
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
			s.Set("server.address", server.String())
			a, err := talk.Query(ctx, t.Network(), server, host, qtype, talk.QueryOptions{})
			if a != nil {
				found[i] = a.Addrs()
				s.Set("dns.response_code", a.RCodeName)
				s.Set("dns.answers", texts(found[i]))
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

// stateOf is what a connect or datagram with this failure showed, in the same
// words as a scan's.
func stateOf(f result.Failure, ev result.Evidence) result.State {
	if icmp := ev.ICMP; icmp != nil {
		local, err := netip.ParseAddrPort(ev.Local)
		if err == nil && icmp.From == local.Addr().String() {
			return result.Filtered // this system's own word on an address that answers no ARP
		}
		return result.Rejected
	}
	switch f {
	case "":
		return result.Open
	case result.FailRefused:
		return result.Closed
	case result.FailReset, result.FailEOF:
		return result.Reset
	case result.FailConnectTimeout, result.FailTimeout, result.FailNoReply:
		return result.Filtered
	case result.FailProhibited, result.FailICMP, result.FailTTLExceeded, result.FailHostUnreachable, result.FailNetUnreachable:
		return result.Rejected
	}
	return result.Unknown
}

// connect opens a connection as a step, and says what it showed.
func connect(ctx context.Context, t *engine.Trace, to netip.AddrPort) (*dial.Conn, result.Result, error) {
	var conn *dial.Conn
	var r result.Result
	err := t.Step(ctx, result.OpConnect, func(ctx context.Context, s *engine.Step) (err error) {
		conn, r, err = connectIn(ctx, t, s, to)
		return err
	})
	return conn, r, err
}

// connectIn opens a connection within a step.
func connectIn(ctx context.Context, t *engine.Trace, s *engine.Step, to netip.AddrPort) (*dial.Conn, result.Result, error) {
	r := result.Result{Address: to.Addr().String(), Proto: "tcp", Ports: strconv.Itoa(int(to.Port()))}
	s.Set("network.peer.address", r.Address)
	s.Set("network.peer.port", int(to.Port()))
	c, err := t.Network().Connect(ctx, to)
	var ev result.Evidence
	if err == nil {
		r.RTT = result.Duration(c.RTT)
	} else {
		r.Failure = engine.Classify(err)
		if r.Evidence = evidenceOf(err); r.Evidence != nil {
			ev = *r.Evidence
			s.Evidence(ev)
		}
	}
	r.State = stateOf(r.Failure, ev)
	return c, r, err
}

// evidenceOf is what the system told of an error; nil if nothing.
func evidenceOf(err error) *result.Evidence {
	if de, ok := errors.AsType[*dial.Error](err); ok && de.Evidence != (result.Evidence{}) {
		ev := de.Evidence
		return &ev
	}
	return nil
}

// withTimeout bounds ctx by a time, where there is one.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

func texts[T fmt.Stringer](vs []T) []string {
	ss := make([]string, len(vs))
	for i, v := range vs {
		ss[i] = v.String()
	}
	return ss
}
