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
	factRefusal     = "vantage.refused"
	factSeenAs      = "client.address"
	factCallerTTL   = "client.ttl"
	factScope       = "listen.scope"
	factListener    = "listen.process"
	factListensAt   = "listen.sockets"
	factCameIn      = "standin.accepted"
	factEnded       = "reach.ended"
	factWholeTable  = "connections.all"
	factArrivedAt   = "reach.arrived_at"
	factHalfOpen    = "connections.half_open"
	factAskedThere  = "standin.asked"
	factPoses       = "standin.poses"
	factTried       = "inside"
	factMapping     = "wan.mapping"
	factNone        = "wan.none"
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
	factCalledFrom  = "reach.from"
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
	poser         *result.Step // a stand-in that listens in the service's place
	connections   *result.Step
	tried         *result.Step // a connect from here to the service, where that is on another machine
	name          *result.Step // comparing where the public name leads
	call, control *result.Step // the call, and the one to a port of which nobody knows

	mapping  netip.AddrPort // where the gateway says that it leads the port; invalid: it does not say
	seen     netip.Addr     // this machine's line, as the helper sees it
	to, past *trail         // how far the call got, and the one for control, from outside; nil: nobody looked
}

// inwardOf reads the last attempt of an inbound check.
func inwardOf(v *view, c *result.Check) *inward {
	none := &result.Step{}
	in := &inward{view: v, check: c, sockets: none, stood: none, poser: none, connections: none, tried: none, name: none, call: none, control: none}
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
		case s.Op == result.OpStandin && str(s, factPoses) == "true":
			in.poser = s
		case s.Op == result.OpStandin && str(s, factAskedThere) == "":
			in.stood = s
		case s.Op == result.OpConnect && str(s, factTried) == "true":
			in.tried = s
		case s.Op == result.OpCompare && str(s, factPublicHost) != "":
			in.name = s
		case s.Op == result.OpWAN && str(s, factMapping) != "":
			in.mapping, _ = netip.ParseAddrPort(str(s, factMapping))
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
