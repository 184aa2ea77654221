package checks

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"netcheck/checks/engine"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

// outcome is the verdict. What is missing here counts first: no call can reach
// it. Then comes whether it was known where to call and who called; and then
// the call.
func (v *inboundView) outcome() (engine.Outcome, error) {
	out := engine.Outcome{Results: v.results()}
	doubt := func(code result.Code, detail string, err error) (engine.Outcome, error) {
		out.Verdict, out.Code, out.Detail = result.Inconclusive, code, detail
		return out, err
	}
	called := v.port != nil && v.elsewhere == nil && v.unresolved == nil
	switch {
	case v.here.nothing != nil && !(called && v.here.post != nil && v.reach != nil):
		return v.missing(out)
	case v.helper == nil:
		return doubt("", errNoHelper.Error(), nil)
	case v.lost != nil:
		return doubt(result.InboundVantageUnreachable, v.lost.Error(), v.lost)
	case v.unresolved != nil:
		return doubt("", fmt.Sprintf("where %s leads is not known from here: %v", v.check.PublicHost, v.unresolved), v.unresolved)
	case v.elsewhere != nil:
		return doubt("", v.elsewhere.Error(), v.elsewhere)
	case v.reach != nil:
		return v.failed(out)
	case v.proof.arrived():
		if others := slices.DeleteFunc(slices.Clone(v.public), func(a netip.Addr) bool { return a == v.caller }); len(others) > 0 && !v.target.IsValid() {
			out.Verdict, out.Detail = result.Warn, fmt.Sprintf("%s leads to %s as well, which nobody called", v.check.PublicHost, list(others))
		}
		return out, nil
	case v.port.State != result.Open && v.check.proto() == "udp":
		return doubt("", "no answer: a service over UDP need not answer a stranger; while it is stopped netcheck stands in for it, and can tell", nil)
	case v.port.State != result.Open:
		return doubt("", "the helper outside could not tell what became of its call", nil)
	case v.seen != nil && v.seen.unread != nil:
		return doubt("", "something answers; whether it is this machine can't be told: this system does not show its connections", nil)
	}
	if v.port.Ended == vantage.EndedReset && !v.here.elsewhere && v.here.post == nil {
		return doubt("", "something answers, and breaks off at once: so short a connection need not be seen among this machine's; the service may be keeping strangers out; while it is stopped netcheck stands in for it, and can tell", nil)
	}
	if v.seen != nil && !v.here.elsewhere && v.proof == provenNot {
		return doubt("", fmt.Sprintf("something answers; somebody came here from the router %s meanwhile, who may have been the call or not: while the service is stopped netcheck stands in for it, and can tell", v.here.gateway), nil)
	}
	return doubt("", fmt.Sprintf("something answers; whether it is what listens at %s can't be told from here", v.check.hostPort(v.here)), nil)
}

// missing is the verdict where nothing listens that calls could reach.
func (v *inboundView) missing(out engine.Outcome) (engine.Outcome, error) {
	out.Verdict, out.Code, out.Detail = result.Fail, result.InboundNotListening, v.here.nothing.Error()
	if v.here.scope == scopeLoopback {
		out.Code = result.InboundLoopbackOnly
	}
	if v.proof.arrived() && v.elsewhere == nil {
		out.Detail += "; a call from outside reached netcheck in its place: only the service is missing"
	}
	return out, v.here.nothing
}

// failed is the verdict where the call failed or went elsewhere.
func (v *inboundView) failed(out engine.Outcome) (engine.Outcome, error) {
	out.Detail = v.reach.Error()
	unanswered := v.port.State != result.Open
	switch {
	case v.check.AllowList && unanswered && v.here.nothing == nil:
		out.Verdict, out.Detail = result.Inconclusive, out.Detail+"; that is what a list of allowed addresses does with a stranger"
		return out, v.reach
	case v.port.State == result.Closed && !v.here.elsewhere && v.here.refused != nil:
		// Nobody listened whom the call could have reached.
		out.Verdict, out.Detail = result.Inconclusive, fmt.Sprintf("nothing listens here, and netcheck could not stand in: %v", v.here.refused)
		return out, v.reach
	}
	out.Verdict = result.Fail
	if v.here.nothing != nil {
		out.Detail += "; and " + v.here.nothing.Error()
	}
	return out, v.reach
}

// results is the called port.
func (v *inboundView) results() []result.Result {
	r := result.Result{
		Host: string(v.check.PublicHost), Proto: v.check.proto(), Ports: strconv.Itoa(int(v.check.PublicPort)), State: result.Unknown,
	}
	if v.caller.IsValid() {
		r.Address = v.caller.String()
	}
	if v.port == nil {
		return []result.Result{r}
	}
	r.State, r.RTT = v.port.State, v.port.RTT
	if v.reach != nil {
		r.Failure = engine.Classify(v.reach)
	}
	switch v.proof {
	case provenOwn:
		r.Note = "reached netcheck, which stood in here"
	case provenStandin:
		r.Note = "reached the stand-in at " + v.check.hostPort(v.here)
	case provenConnection:
		r.Note = "reached " + cmp.Or(v.here.process, "this machine")
	case provenLikely:
		r.Note = "reached this machine, most likely: somebody came from " + v.likelyFrom() + " when it was called"
	case provenForeign:
		r.Note = "another stand-in answered"
	}
	return []result.Result{r}
}

// likelyFrom is who is taken for the call.
func (v *inboundView) likelyFrom() string {
	if v.here.gateway.IsValid() {
		return "the router " + v.here.gateway.String()
	}
	return "this network"
}
