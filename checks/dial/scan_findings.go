package dial

import (
	"net/netip"
	"slices"
	"time"

	"netcheck/report/result"
)

// note records a connect's outcome, if the port has none yet.
func (s *scan) note(p pending, o outcome, now time.Duration) {
	if s.policy.ports[p.port].done {
		return
	}
	state, code := o.verdict(s.sockets.local())
	if code == result.FailConnectTimeout {
		return // the system gave up repeating its SYN; whether to go on is the policy's to say
	}
	out := &s.out[p.port]
	out.Code, out.Evidence.Errno, out.Evidence.ICMP = code, o.errno, o.icmp
	if state == result.Filtered {
		return // no answer to ARP is silence too, and may be over with the next question
	}
	out.State = state
	out.Evidence.Attempts = int(s.policy.ports[p.port].tries)
	switch out.State {
	case result.Open, result.Closed, result.Reset:
		out.RTT = now - p.begun
		if refusalTakes == 0 || out.State == result.Open {
			s.n.paths.learn(s.addr, out.RTT)
		}
		s.policy.answered(int(p.port), int(p.try), p.begun, now, false)
	case result.Rejected:
		out.RTT = now - p.begun
		s.n.paths.sawReject()
		s.policy.answered(int(p.port), int(p.try), p.begun, now, true)
	default:
		s.policy.end(int(p.port))
		s.refusal = &Error{Op: "connect", Addr: netip.AddrPortFrom(s.addr, out.Port), Code: out.Code, Evidence: out.Evidence, Err: o.err}
		if out.Code == result.FailNoRoute {
			s.failed = s.refusal
		}
	}
}

// impossible is the error of a scan of which this system let no packet out.
func (s *scan) impossible() error {
	if s.refusal == nil || slices.ContainsFunc(s.out, func(p Port) bool { return p.State != result.Unknown }) {
		return nil // not the refusal itself: a nil *Error is no nil error
	}
	return s.refusal
}

// deviceOf is what rejected a port, if something did.
func deviceOf(p *Port) (device, bool) {
	m := p.Evidence.ICMP
	if p.State != result.Rejected || m == nil {
		return device{}, false
	}
	return device{m.From, m.Type, m.Code}, true
}

// conclude says of the ports without an answer what that means.
func (s *scan) conclude(whole bool) {
	p := s.policy
	if l := p.lonely; whole && l != nil {
		l.inferred(p, s.infer)
	}
	waited := result.Duration(time.Since(s.start) - p.firstAsks)
	local := ""
	if a := s.sockets.local(); a.IsValid() {
		local = a.String()
	}
	absent := s.absent()
	for i := range s.out {
		out := &s.out[i]
		if p.ports[i].tries > 0 {
			out.Evidence.Local = local
		}
		if p.ports[i].done {
			continue
		}
		out.Evidence.Attempts = int(p.ports[i].tries)
		switch {
		case out.Inferred, out.Code == result.FailTimeout: // by infer
		case s.failed != nil:
			out.Code, out.Evidence.Errno = s.failed.Code, s.failed.Evidence.Errno
		case !whole:
			out.Code = result.FailCanceled
		case p.unsure:
			out.Code = result.FailTimeout
		default:
			out.State, out.Evidence.Waited = result.Filtered, waited
			out.Inferred = absent.icmp != nil && out.Evidence.ICMP == nil
			out.Code, out.Evidence.Errno, out.Evidence.ICMP = result.FailConnectTimeout, absent.errno, absent.icmp
			if absent.icmp != nil {
				out.Code = icmpFailure(absent.icmp)
			}
		}
	}
}

// infer takes the port to be rejected as the other one was; -1 is none, but it
// can't be told that the port is not rejected.
func (s *scan) infer(i, like int) {
	out := &s.out[i]
	if like < 0 {
		out.Code = result.FailTimeout
		return
	}
	from := &s.out[like]
	out.State, out.Code, out.Inferred = from.State, from.Code, true
	out.Evidence = result.Evidence{Errno: from.Evidence.Errno, ICMP: from.Evidence.ICMP}
}

// absent is this system's word that the address answers no ARP. It has one for
// few ports, but means them all; unless some did answer, so that it was for a
// moment only.
func (s *scan) absent() outcome {
	if s.policy.got > 0 || s.policy.rejects > 0 {
		return outcome{}
	}
	for i := range s.out {
		if e := s.out[i].Evidence; !s.policy.ports[i].done && e.ICMP != nil {
			return outcome{errno: e.Errno, icmp: e.ICMP}
		}
	}
	return outcome{}
}
