package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

// inboundView is all that one probe found out.
type inboundView struct {
	check *inboundCheck
	trace *engine.Trace
	here  *local

	helper *outside      // nil: none is configured
	lost   error         // the helper told nothing: of the vantage step
	caller netip.Addr    // whom it sees asking, and calls
	ttl    int           // with which this machine's packets come there; 0: not known
	target netip.Addr    // whom it was told to call, since it sees nobody
	seen   *sighting     // who came meanwhile; nil: nobody looked
	port   *vantage.Port // what became of the call; nil: there was none

	public     []netip.Addr // of public_host
	unresolved error
	elsewhere  error // the call went not where the public host leads: of the compare step

	proof  proven
	beside netip.AddrPort // the end here at which the call came in instead of the port; invalid: it is not known to have
	reach  error          // the call failed, or did not arrive here: of the reach step
}

// Probe looks at the end here, has the port called from outside and compares.
func (c *inboundCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	v := &inboundView{check: c, trace: t}
	var err error
	if v.helper, err = outsideOf(t, c.ipv6()); err != nil {
		return engine.Outcome{}, err
	}
	v.here = c.inspect(ctx, t, v.helper != nil)
	defer v.here.leave()
	var lines []talk.WANAnswer
	var poser netip.AddrPort
	inTurn(5, func(i int, begun func()) {
		switch i {
		case 0:
			v.askOutside(ctx, begun)
		case 1:
			begun()
			v.lookUp(ctx)
		case 2:
			begun()
			v.tryInside(ctx)
		case 3:
			begun()
			poser = v.unmask(ctx)
		case 4:
			lines = v.askGateway(ctx)
		}
	})
	if ctx.Err() != nil {
		return engine.Outcome{}, ctx.Err()
	}
	v.notePoser(ctx, poser)
	noteGateway(ctx, t, lines)
	v.compare(ctx)
	v.noteCall(ctx)
	v.hairpin(ctx)
	return v.outcome()
}

// askOutside has the helper call.
func (v *inboundView) askOutside(ctx context.Context, begun func()) {
	if v.helper == nil {
		return
	}
	v.lost = v.helper.step(ctx, func(ctx context.Context, s *engine.Step) error {
		begun()
		caller, err := v.helper.where(ctx, s)
		switch {
		case errors.Is(err, vantage.ErrNoAddress):
			if v.target = v.ownAddress(ctx); v.target.IsValid() {
				s.Set("vantage.target", v.target.String())
			}
		case err != nil:
			return err
		}
		v.caller = caller.Address
		return v.call(ctx, s)
	})
}

// ownAddress is the line's, for a helper that does not see it and must be told
// whom to call: what the profile says that is called, else the gateway's.
func (v *inboundView) ownAddress(ctx context.Context) netip.Addr {
	if v.check.PublicHost != "" {
		as, _ := resolve(ctx, v.trace, v.check.PublicHost)
		if as = ofFamily(as, v.check.ipv6()); len(as) > 0 {
			return as[0]
		}
		return netip.Addr{}
	}
	for _, a := range v.askGateway(ctx) {
		if a.Protocol != talk.STUN && isPublic(a.Address) {
			return a.Address
		}
	}
	return netip.Addr{}
}

// call has the port called, and looks meanwhile who comes.
func (v *inboundView) call(ctx context.Context, s *engine.Step) error {
	r := vantage.Request{
		Proto: v.check.proto(), Ports: []uint16{v.check.PublicPort}, Prove: v.proves(), Path: true,
		Profile: v.trace.Env.Profile, Target: v.target,
	}
	ready, over := make(chan struct{}), make(chan struct{})
	var reply vantage.Reply
	var err error
	engine.Parallel(2, func(i int) {
		if i == 0 {
			defer close(over)
			<-ready
			reply, err = v.helper.call(ctx, s, r)
			return
		}
		begin := func() { close(ready) }
		if v.here.elsewhere || r.Proto == "udp" {
			begin() // nothing is to be seen here
			return
		}
		v.seen = watch(ctx, v.check.localPort(), begin, over)
	})
	if err != nil {
		return err
	}
	v.ttl = reply.Caller.TTL
	if v.caller = reply.Caller.Address; !v.caller.IsValid() {
		v.caller = v.target
	}
	if len(reply.Ports) == 0 {
		return engine.Failed(result.FailNotVantage, errors.New("the helper outside says nothing of the port"))
	}
	v.port = &reply.Ports[0]
	return nil
}

// proves tells whether whoever answers is asked to prove that it is a
// stand-in. A service here is not: what it makes of such a question is not
// known, and its connection is seen. On another machine there is no other way.
func (v *inboundView) proves() bool {
	return v.here.post != nil || v.here.elsewhere || v.here.owned || !v.check.service() || v.check.proto() == "udp"
}

// brief tells whether whoever answered broke the call's connection off so soon
// that it need not have been seen here, where a reset leaves nothing of it.
func (v *inboundView) brief() bool {
	return v.port.Ended == vantage.EndedReset && time.Duration(v.port.Kept) < 3*lookEvery && !v.beside.IsValid()
}

// lookUp finds where the public host leads.
func (v *inboundView) lookUp(ctx context.Context) {
	if v.check.PublicHost == "" {
		return
	}
	as, err := resolve(ctx, v.trace, v.check.PublicHost)
	v.public, v.unresolved = ofFamily(as, v.check.ipv6()), err
}

// compare tells whether the call went where the public host leads.
func (v *inboundView) compare(ctx context.Context) {
	if v.check.PublicHost == "" || v.unresolved != nil || !v.caller.IsValid() || v.target.IsValid() {
		return
	}
	v.elsewhere = v.trace.Span(ctx, result.OpCompare, func(_ context.Context, s *engine.Step) error {
		s.Set("public.host", string(v.check.PublicHost))
		s.Set("public.addresses", texts(v.public))
		s.Set("client.address", v.caller.String())
		if slices.Contains(v.public, v.caller) {
			return nil
		}
		if a, ok := v.check.PublicHost.Addr(); ok {
			return engine.Failed(result.FailExpectation, fmt.Errorf("%s is not this line's address: the helper outside sees and calls %s", a, v.caller))
		}
		to := "no IPv4 address"
		if v.check.ipv6() {
			to = "no IPv6 address"
		}
		if len(v.public) > 0 {
			to = list(v.public)
		}
		return engine.Failed(result.FailExpectation, fmt.Errorf("%s leads to %s; the helper outside sees and calls %s", v.check.PublicHost, to, v.caller))
	})
}

// prove tells whether the call that was answered arrived here.
func (v *inboundView) prove(ctx context.Context) proven {
	p := v.port
	switch {
	case p.Answer != "" && v.here.post != nil:
		if v.here.post.server.Key().Proof(p.Challenge) == p.Answer {
			return provenOwn
		}
		return provenForeign
	case p.Answer != "":
		if v.sameStandin(ctx) {
			return provenStandin
		}
		return provenForeign
	case v.check.proto() == "tcp" && v.here.post != nil && !p.From.IsValid():
		return strangers(v.here.post.callers(), v.here.gateway, v.here.own)
	case v.check.proto() == "tcp" && v.here.post != nil:
		came := recognise(v.here.post.callers(), p.From, v.here.gateway, v.here.own)
		if came == provenNot && p.Challenge != "" {
			return provenNone // our own would have answered
		}
		return came
	case !p.From.IsValid():
		return provenNot // a customer would look the same
	case v.seen != nil && v.seen.unread == nil:
		came := recognise(v.seen.remotes(false), p.From, v.here.gateway, v.here.own)
		if came == provenNone && v.brief() {
			return provenNot // it may have been gone before anybody looked
		}
		return came
	case p.Challenge != "":
		return provenNone
	}
	return provenNot
}
