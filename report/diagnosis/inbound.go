package diagnosis

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// The facts that rules about the way in rest on.
const (
	kindInbound = "inbound"

	factHelper      = "vantage.url"
	factRefusal     = "vantage.refusal"
	factSeenAs      = "client.address"
	factScope       = "listen.scope"
	factListener    = "listen.process"
	factListensAt   = "listen.sockets"
	factCameIn      = "standin.accepted"
	factHeard       = "standin.heard"
	factWANProtocol = "wan.protocol"
	factWANGateway  = "wan.gateway"
	factWANAddress  = "wan.address"
	factWANDevice   = "wan.device"
	factLeadsTo     = "public.addresses"
	factPublicHost  = "public.host"
	factCallState   = "reach.state"
	factCallPort    = "reach.port"
	factCalled      = "reach.address"
	factCallProto   = "reach.proto"
	factProof       = "reach.proof"
	factForControl  = "reach.control"
	factInside      = "reach.local"
	factHeld        = "reach.held"
	factHairpin     = "hairpin"
	factUnreadable  = "connections.unreadable"
)

// aspect is what a symptom is about, and which rules may explain it: what this
// machine asked others, or a side of what came of asking to be called.
type aspect int

const (
	outward       aspect = iota
	inwardService        // whether the service listens inside
	inwardHelper         // whether the helper outside was there
	inwardName           // where the public name leads
	inwardLine           // what the gateway tells of the line
	inwardCall           // what became of the call
)

// inward is what an inbound check saw: from outside, by the helper that
// called, and here.
type inward struct {
	view          *view
	check         *result.Check
	helper        *result.Step // asking the helper; nil: there is none
	helperAt      int          // which step that is
	sockets       *result.Step // looking who listens here. This and the rest are never nil, perhaps empty
	stood         *result.Step // listening in the service's place
	connections   *result.Step
	name          *result.Step // comparing where the public name leads
	call, control *result.Step // the call, and the one to a port of which nobody knows

	seen     netip.Addr // this machine's line, as the helper sees it
	to, past *trail     // how far the call got, and the one for control, from outside; nil: nobody looked
}

// inwardOf reads the last attempt of an inbound check.
func inwardOf(v *view, c *result.Check) *inward {
	none := &result.Step{}
	in := &inward{view: v, check: c, sockets: none, stood: none, connections: none, name: none, call: none, control: none}
	last := 0
	for i := range c.Steps {
		last = max(last, c.Steps[i].Attempt)
	}
	for i := range c.Steps {
		s := &c.Steps[i]
		if s.Attempt != last {
			continue
		}
		switch _, counts := s.Facts["connections"]; {
		case s.Op == result.OpVantage:
			in.helper, in.helperAt = s, i
		case s.Op == result.OpInspect && str(s, factScope) != "":
			in.sockets = s
		case s.Op == result.OpInspect && (counts || str(s, factUnreadable) != ""):
			in.connections = s
		case s.Op == result.OpStandin:
			in.stood = s
		case s.Op == result.OpCompare && str(s, factPublicHost) != "":
			in.name = s
		case s.Op == result.OpReach && str(s, factForControl) == "true":
			in.control = s
		case s.Op == result.OpReach:
			in.call = s
		}
	}
	if in.helper != nil {
		in.seen, _ = address(str(in.helper, factSeenAs))
	}
	if a, ok := address(str(in.call, factCalled)); ok {
		in.seen = a
	}
	in.to, in.past = in.trail(in.call), in.trail(in.control)
	return in
}

func (in *inward) trail(s *result.Step) *trail {
	if s.Evidence == nil || len(s.Evidence.Hops) == 0 {
		return nil
	}
	return trailOf(in.seen, firstPort(str(s, factCallPort)), in.proto(), s.Evidence.Hops)
}

func firstPort(ports string) int {
	if set := portset.Parse(ports); len(set) > 0 {
		return int(set[0].First)
	}
	return 0
}

func (in *inward) proto() string {
	if p := str(in.call, factCallProto); p != "" {
		return p
	}
	p, _ := in.check.Spec.Fields["proto"].(string)
	if p == "" {
		p = "tcp"
	}
	return p
}

func (in *inward) state() result.State { return result.State(str(in.call, factCallState)) }
func (in *inward) proof() string       { return str(in.call, factProof) }
func (in *inward) held() bool          { return str(in.call, factHeld) == "true" }

// arrived tells whether the call is proven to have reached the service, or
// netcheck in its place.
func (in *inward) arrived() bool {
	return slices.Contains([]string{"own", "standin", "connection", "likely"}, in.proof())
}

// listens tells whether something here takes what comes in from the network:
// the service, or netcheck in its place.
func (in *inward) listens() bool {
	return in.held() || slices.Contains([]string{"any", "this-address"}, str(in.sockets, factScope))
}

// missing tells whether the service is known not to take what comes in.
func (in *inward) missing() bool {
	return slices.Contains([]string{"none", "loopback", "other-address"}, str(in.sockets, factScope))
}

// wantsService tells whether a stand-in's answer is not enough.
func (in *inward) wantsService() bool { return in.check.Spec.Fields["proof"] != "standin" }

// allowList tells whether the profile says that strangers are kept out.
func (in *inward) allowList() bool {
	v := in.check.Spec.Fields["allow_list"]
	return v == true || v == "true"
}

// leadsTo are the addresses that the public name has.
func (in *inward) leadsTo() []netip.Addr {
	var as []netip.Addr
	for _, t := range texts(in.name, factLeadsTo) {
		if a, ok := address(t); ok {
			as = append(as, a)
		}
	}
	return as
}

// leadsElsewhere tells whether it has others than the one that was called.
func (in *inward) leadsElsewhere() bool {
	as := in.leadsTo()
	return len(as) > 0 && in.seen.IsValid() && !slices.Contains(as, in.seen)
}

// inbound lists what is wrong with the way in: a service that is missing is so
// whatever becomes of the call, and of the call only one thing is said.
func inbound(v *view, c *result.Check) []*symptom {
	in := inwardOf(v, c)
	var ss []*symptom
	if in.missing() && in.wantsService() {
		ss = append(ss, in.symptom(inwardService, in.sockets))
	} else if in.stood.Failure != "" && in.stood.Failure != result.FailCanceled {
		ss = append(ss, in.symptom(inwardService, in.stood))
	}
	ss = append(ss, in.fromHere()...)
	told := v.toldOfLine(in.seen)
	if in.helper == nil || in.helper.Failure != "" {
		if in.helper != nil && in.helper.Failure == result.FailCanceled {
			return ss
		}
		if told && !v.cameIn {
			ss = append(ss, in.symptom(inwardLine, in.call))
		}
		return append(ss, in.withoutHelper()...)
	}
	failed := in.state() != "" && !in.arrived()
	switch {
	case in.leadsElsewhere():
		ss = append(ss, in.symptom(inwardName, in.name))
	case !failed || in.explained():
	case told && !v.cameIn && in.proof() != "foreign" && !in.passesBoth():
		ss = append(ss, in.symptom(inwardLine, in.call))
	default:
		ss = append(ss, in.symptom(inwardCall, in.call))
	}
	return ss
}

// explained tells whether a refusal is that of this machine, where nothing
// listens.
func (in *inward) explained() bool {
	return in.state() == result.Closed && in.missing() && !in.held() && in.answerer() != byRouter
}

// fromHere is what the names and the service inside showed from here: outward
// questions as any other.
func (in *inward) fromHere() []*symptom {
	var ss []*symptom
	for i := range in.check.Steps {
		st := &in.check.Steps[i]
		aside := st.Parent != nil || st.Failure == "" || st.Failure == result.FailCanceled || str(st, factHairpin) == "true"
		if aside || st.Op != result.OpResolve && st.Op != result.OpConnect {
			continue
		}
		s := ofStep(in.view, in.check, innermost(in.check, i))
		s.code = ""
		ss = append(ss, s)
	}
	return ss
}

// withoutHelper is that the helper outside was not there. Whoever answers in
// its place is told of by himself.
func (in *inward) withoutHelper() []*symptom {
	if in.helper == nil {
		return []*symptom{in.symptom(inwardHelper, &result.Step{})}
	}
	step := innermost(in.check, in.helperAt)
	s := in.symptom(inwardHelper, step)
	s.host, s.ports, s.proto = hostOf(in.check, step), portset.Parse(portOf(in.check, step)), "tcp"
	s.cover = s.ports
	s.addr, _ = address(peerOf(in.check, step))
	if step.Evidence != nil {
		s.ev = *step.Evidence
	}
	ss := []*symptom{s}
	if step.Op == result.OpVerify {
		o := ofStep(in.view, in.check, step)
		o.code = ""
		// Of a wrong key nothing more is known than that, unless others show who
		// opens connections here.
		if ru := match(rules(), o); step.Failure != result.FailPin || ru != nil && ru.code == result.TLSIntercepted {
			ss = append(ss, o)
		}
	}
	return ss
}

// innermost is the step within a step that failed with the same failure.
func innermost(c *result.Check, at int) *result.Step {
	for i := at + 1; i < len(c.Steps); i++ {
		if p := c.Steps[i].Parent; p != nil && *p == at && c.Steps[i].Failure == c.Steps[at].Failure {
			at = i
		}
	}
	return &c.Steps[at]
}

// symptom is one about the way in: its host and ports are those that the
// outside knows.
func (in *inward) symptom(about aspect, step *result.Step) *symptom {
	s := &symptom{view: in.view, check: in.check, shown: in.check, step: step, failure: step.Failure, about: about, in: in, addr: in.seen, proto: in.proto()}
	fields := in.check.Spec.Fields
	s.host, _ = fields["public_host"].(string)
	if s.host == "" && in.seen.IsValid() {
		s.host = in.seen.String()
	}
	s.ports = portset.Parse(str(in.call, factCallPort))
	if len(s.ports) == 0 {
		s.ports = portset.Parse(declaredPorts(fields["public_port"]))
	}
	s.cover = s.ports
	if ev := in.call.Evidence; ev != nil && about == inwardCall {
		s.ev.ICMP, s.ev.AnswerTTL = ev.ICMP, ev.AnswerTTL
	}
	if about == inwardService { // is about this machine
		s.addr = netip.Addr{}
	}
	return s
}

// inside is where the service is to be, as address and port: on this machine,
// where nothing else is said.
func (in *inward) inside() netip.AddrPort {
	if ap, err := netip.ParseAddrPort(str(in.call, factInside)); err == nil {
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	fields := in.check.Spec.Fields
	port := firstPort(declaredPorts(fields["local_port"]))
	if port == 0 {
		port = firstPort(declaredPorts(fields["public_port"]))
	}
	host, _ := fields["local_host"].(string)
	a, ok := address(host)
	for _, p := range in.view.prefixes {
		if own := p.Addr(); !ok && host == "" && own.Is6() == (fmt.Sprint(fields["family"]) == "6") && !own.IsLinkLocalUnicast() && !own.IsLoopback() {
			a, ok = own, true
		}
	}
	return netip.AddrPortFrom(a, uint16(port))
}

// here tells whether the service is to be on this machine.
func (in *inward) here() bool {
	a := in.inside().Addr()
	return !a.IsValid() || in.view.own(a)
}

// direct tells whether the address that was called is this machine's own, with
// no translation in between, as with IPv6.
func (in *inward) direct() bool {
	return in.seen.IsValid() && (in.view.own(in.seen) || in.seen == in.inside().Addr() || in.seen.Is6())
}

// namesSteward are programs that hold ports for others, whose connections this
// system does not show as its own: containers, subsystems, forwardings.
var namesSteward = []string{"docker", "podman", "rootlesskit", "wslrelay", "vpnkit", "svchost", "slirp4netns", "conmon", "limactl"}

// heldForOthers tells whether what listens here hands on what comes in.
func (in *inward) heldForOthers() bool {
	name := strings.ToLower(str(in.sockets, factListener))
	return slices.ContainsFunc(namesSteward, func(n string) bool { return strings.Contains(name, n) })
}

// readable tells whether this system shows who is connected.
func (in *inward) readable() bool { return str(in.connections, factUnreadable) == "" }
