package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/checks/vantage"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

const (
	// callsTake is how long a helper outside may take for a call: its own bound,
	// with the paths that it looks at.
	callsTake = 8 * time.Second
	// othersTake is how long somebody else's service may take, which hands it on
	// to machines of others.
	othersTake = 40 * time.Second
)

// outside is a run's helper outside.
type outside struct {
	trace  *engine.Trace
	helper vantage.Helper
	ipv6   bool       // the family in which it is asked
	peer   netip.Addr // where it was reached last; invalid: not yet
}

// outsideOf is the run's helper; nil: it has none.
func outsideOf(t *engine.Trace, ipv6 bool) (*outside, error) {
	if t.Env.Vantage == "" {
		return nil, nil
	}
	o := &outside{trace: t, ipv6: ipv6}
	var err error
	o.helper, err = vantage.Open(t.Env.Vantage, vantage.Options{Dial: o.dial, Token: t.Env.Token})
	return o, err
}

// dial connects to the helper in the one family, never by a proxy: it calls
// back whoever connects.
func (o *outside) dial(ctx context.Context, to vantage.Server) (net.Conn, error) {
	as, err := resolve(ctx, o.trace, value.Host(to.Host))
	if err != nil {
		return nil, err
	}
	family := "IPv4"
	if o.ipv6 {
		family = "IPv6"
	}
	_, literal := value.Host(to.Host).Addr()
	switch as = ofFamily(as, o.ipv6); {
	case len(as) == 0 && literal:
		return nil, &vantage.RefusedError{Refusal: vantage.Refusal{Code: vantage.RefusedCaller, Message: "it is named by an address by which " + family + " is not spoken, and calls back only by what it is asked by: name it by its " + family + " address, or by a name"}}
	case len(as) == 0:
		return nil, engine.Failed(result.FailNoData, fmt.Errorf("%s has no %s address, and a helper calls back only by what it is asked by", to.Host, family))
	}
	way := opening{
		trust: &trust{Trust: to.Pin}, host: value.Host(to.Host), port: to.Port,
		plain: !to.Secure, alpn: []string{"http/1.1"},
	}
	var a arrival
	for _, ip := range as[:min(len(as), 3)] { // in turn: a helper with a dead address is rare
		if a = way.one(ctx, o.trace, netip.AddrPortFrom(ip, to.Port)); a.err == nil {
			o.peer = ip.Unmap()
			break
		}
		(&reached{arrival: &a}).close()
	}
	switch {
	case a.err != nil:
		return nil, a.err
	case a.hello != nil:
		return a.hello.Conn, nil
	}
	return a.conn, nil
}

// step holds all that is asked of the helper.
func (o *outside) step(ctx context.Context, f func(ctx context.Context, s *engine.Step) error) error {
	return o.trace.Span(ctx, result.OpVantage, func(ctx context.Context, s *engine.Step) error {
		s.Set("vantage.url", talk.Clean(o.trace.Env.Vantage, 300))
		s.Set("vantage.discloses", o.helper.Discloses())
		if !o.ours() {
			service, _, _ := strings.Cut(o.trace.Env.Vantage, "+")
			s.Set("vantage.service", talk.Clean(strings.TrimSuffix(service, ":"), 30))
		}
		return f(ctx, s)
	})
}

// where asks the helper whom it sees, once for all checks of a run.
func (o *outside) where(ctx context.Context, s *engine.Step) (vantage.Caller, error) {
	t := o.trace
	key := fmt.Sprintf("vantage: where, IPv6 %v, attempt %d", o.ipv6, t.Attempt())
	v, shared, err := t.Env.Memo.Do(ctx, key, func(ctx context.Context) (any, error) {
		return o.request(ctx, vantage.Address, 2*t.Env.Timeout, o.helper.Where)
	})
	if shared {
		s.Set("shared", true)
	}
	if err != nil {
		return vantage.Caller{}, err
	}
	r := v.(vantage.Reply)
	s.Set("client.address", r.Caller.Address.String())
	if !r.Time.IsZero() {
		s.Set("vantage.clock_offset_ms", r.Ahead.Milliseconds())
	}
	return r.Caller, nil
}

// call has a port of this line called. That the helper can be asked is known by
// then: hardly any time goes there.
func (o *outside) call(ctx context.Context, s *engine.Step, r vantage.Request) (vantage.Reply, error) {
	limit := o.trace.Env.Timeout
	switch {
	case limit <= 0:
	case o.ours():
		limit += callsTake
	default:
		limit += othersTake
	}
	reply, err := o.request(ctx, vantage.Reach, limit, func(ctx context.Context) (vantage.Reply, error) { return o.helper.Call(ctx, r) })
	if err != nil {
		return reply, err
	}
	c := reply.Caller
	if c.Address.IsValid() {
		s.Set("client.address", c.Address.String())
	}
	for key, n := range map[string]int{"client.port": int(c.Port), "client.ttl": c.TTL, "client.mss": c.MSS} {
		if n != 0 {
			s.Set(key, n)
		}
	}
	return reply, nil
}

// request is one question to the helper.
func (o *outside) request(ctx context.Context, path string, limit time.Duration, ask func(context.Context) (vantage.Reply, error)) (vantage.Reply, error) {
	ctx, cancel := withTimeout(ctx, limit)
	defer cancel()
	var r vantage.Reply
	var unseen error
	err := o.trace.Span(ctx, result.OpRequest, func(ctx context.Context, s *engine.Step) (err error) {
		s.Set("url.path", path)
		if r, err = ask(ctx); errors.Is(err, vantage.ErrNoAddress) {
			unseen = err
			return nil // it was not even asked
		}
		if e, ok := errors.AsType[*vantage.RefusedError](err); ok {
			s.Set("vantage.refused", e.Code)
		}
		if e, ok := errors.AsType[*vantage.ForeignError](err); ok && e.Status != 0 {
			s.Set("http.response.status_code", e.Status)
		}
		return err
	})
	return r, cmp.Or(unseen, err)
}

// ours tells a helper of netcheck's from somebody else's service.
func (o *outside) ours() bool {
	_, ok := o.helper.(interface{ Server() vantage.Server })
	return ok
}

// stun is where the helper may answer STUN as well; invalid: nobody says so.
func (o *outside) stun(ctx context.Context) netip.AddrPort {
	h, ok := o.helper.(interface{ Server() vantage.Server })
	if !ok {
		return netip.AddrPort{}
	}
	as, err := resolve(ctx, o.trace, value.Host(h.Server().Host))
	if as = ofFamily(as, o.ipv6); err != nil || len(as) == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(as[0], stunPort)
}

// stunPort is where STUN is answered (RFC 8489, 14).
const stunPort = 3478
