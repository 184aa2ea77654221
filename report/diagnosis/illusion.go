package diagnosis

import (
	"net/netip"
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// followedOrigin is the follow-up that looks whether a host itself answers.
const followedOrigin = "origin"

// The controls of a connect, by the fact that says which a step is.
const (
	factControl   = "control"
	factHere      = "here"
	controlNear   = "near"        // the port itself, no further than the nearest hops
	controlRandom = "random-port" // one on which nobody is to answer
	controlPacket = "datagram"    // a packet that no device answers for TCP's sake
	controlEnd    = "other-end"   // whether a program of this machine accepts
	controlBorn   = "born"        // with which TTL the acceptance comes
)

// origin is what the controls of an address showed: who accepts connects to
// it.
type origin struct {
	near    map[int]int        // of a port that was looked at the lowest TTL with which it was accepted; 0: with none
	passed  map[int]int        // and the highest with which it went on
	devices map[int]netip.Addr // by TTL, where a packet expired that nobody answered
	beyond  int                // the highest TTL with which a packet to another port went on
	silent  map[int]bool       // TTLs with which a random port was not answered
	refused bool               // one was refused, by whoever is further away
	closed  int                // the lowest TTL with which one was; 0: not known
	random  map[int]bool       // random ports that were accepted
	not     bool               // another was not, as far as its packet could go
	looked  bool               // for who accepts, on this machine
	here    bool               // and it was found there
	nearest int                // the lowest TTL with which one was; 0: not known
	born    int                // from how many hops away an acceptance came; 0: not known
}

// learnOrigin takes from a step what controls of a connect showed.
func (v *view) learnOrigin(s *result.Step) {
	control := str(s, factControl)
	addr, ok := address(str(s, factPeer))
	if control == "" || !ok {
		return
	}
	o := v.origins[addr]
	if o == nil {
		o = &origin{near: map[int]int{}, devices: map[int]netip.Addr{}, passed: map[int]int{}, silent: map[int]bool{}, random: map[int]bool{}}
		v.origins[addr] = o
	}
	if here := str(s, factHere); control == controlEnd && here != "" {
		o.looked, o.here = true, o.here || here == "true"
	}
	number, _ := num(s, factPeerPort)
	port := int(number)
	if control == controlNear && o.near[port] == 0 {
		o.near[port] = 0 // it was looked at
	}
	if control == controlRandom {
		switch result.State(str(s, factSeen)) {
		case result.Open:
			o.random[port] = true
		case result.Closed:
			o.refused, o.not = true, true
		case result.Filtered, result.Rejected:
			o.not = true
		}
	}
	if s.Evidence == nil {
		return
	}
	if control == controlBorn {
		o.born = distance(s.Evidence.AnswerTTL)
		return
	}
	for _, h := range s.Evidence.Hops {
		from, named := address(h.From)
		switch {
		case h.State == result.Expired && named:
			o.devices[h.TTL] = from
			switch control {
			case controlRandom, controlPacket:
				o.beyond = max(o.beyond, h.TTL)
			case controlNear:
				o.passed[port] = max(o.passed[port], h.TTL)
			}
		case h.State == result.Filtered && control == controlRandom:
			o.silent[h.TTL] = true
		case h.State == result.Closed && control == controlRandom:
			if o.closed == 0 || h.TTL < o.closed {
				o.closed = h.TTL
			}
		case h.State == result.Open && control == controlNear:
			if old := o.near[port]; old == 0 || h.TTL < old {
				o.near[port] = h.TTL
			}
		case h.State == result.Open && control == controlRandom:
			o.random[port] = true
			if o.nearest == 0 || h.TTL < o.nearest {
				o.nearest = h.TTL
			}
		}
	}
}

// takenBy is the lowest TTL with which a port's connects are accepted while
// others to the same address go on from there; 0 if it is not so.
func (o *origin) takenBy(port int) int {
	switch {
	case o == nil || o.near[port] == 0 || o.front(o.near[port]) && o.closed == o.near[port]+1:
		return 0
	case o.beyond >= o.near[port]:
	case o.silent[o.near[port]] && o.refused: // it takes more to be answered
	default:
		return 0
	}
	return o.near[port]
}

// front tells whether who accepts at a hop may be the host's own front, such as
// a load balancer: it is no device of this site, and nothing shows that there
// is another between it and the host.
func (o *origin) front(hop int) bool {
	return o != nil && hop > 1 && !o.devices[hop].IsPrivate() && o.beyond <= hop
}

func maybeFront(s *symptom) bool { return s.view.origins[s.addr].front(s.accepter()) }

// goesOn tells whether a device said that others go on.
func goesOn(s *symptom) bool {
	o := s.view.origins[s.addr]
	return o.all() || o.beyond >= s.accepter()
}

// all tells whether somebody accepts whatever port of the address. A single
// one that was chosen at random may be a service's.
func (o *origin) all() bool { return o != nil && len(o.random) > 0 && !o.not }

// illusory tells which of an address' ports were found to be accepted by
// somebody else, and for what cause.
func (v *view) illusory(addr netip.Addr, ports portset.Set) (portset.Set, result.Code) {
	o := v.origins[addr]
	if o.all() {
		return ports, result.TCPAnsweredByFirewall
	}
	if o == nil {
		return nil, ""
	}
	var taken, genuine portset.Set
	for port := range o.near {
		one := portset.Set{{First: uint16(port), Last: uint16(port)}}
		switch {
		case !ports.Overlaps(one):
		case o.takenBy(port) > 0:
			taken = portset.Join(taken, one)
		default:
			genuine = portset.Join(genuine, one)
		}
	}
	switch {
	case taken.Count() == 0:
		return nil, ""
	case genuine.Count() == 0:
		taken = ports // what was looked at stands for what lies between
	}
	return taken, result.TCPTransparentProxy
}

// illusions are the ports of a check that passed because somebody else
// accepted. What a server said, or proved, stands by itself.
func illusions(v *view, c *result.Check) []*symptom {
	identify, _ := c.Spec.Fields["identify"].(bool)
	expect, _ := c.Spec.Fields["expect"].(string)
	if c.Kind != "tcp" || identify || expect == "closed" || len(v.origins) == 0 {
		return nil
	}
	var ss []*symptom
	for i := range c.Results {
		res := &c.Results[i]
		addr, ok := address(res.Address)
		if !ok || res.State != result.Open || v.near(addr) {
			continue
		}
		if ports, code := v.illusory(addr, portset.Parse(res.Ports)); ports.Count() > 0 {
			s := ofResult(v, c, res)
			if s.ports, s.cover = ports, ports; code == result.TCPTransparentProxy {
				s.code = code
			}
			ss = append(ss, s)
		}
	}
	return ss
}

// disbelieve takes back the pass of checks that somebody else answered.
func disbelieve(groups []*group) {
	for _, g := range groups {
		anybody := g.cause().Code == result.DNSRewritten && g.cause().Confidence == result.Certain // every name leads there
		if !anybody && !slices.Contains([]result.Code{result.TCPTransparentProxy, result.TCPAnsweredByFirewall, result.HTTPCaptivePortal}, g.cause().Code) {
			continue
		}
		for _, d := range g.all() {
			if (anybody || d.code != "" || acceptsAll(d.symptom)) && (d.check.Verdict == result.Pass || d.check.Verdict == result.Warn) {
				change(d.check, result.Inconclusive, result.BecauseIllusion)
			}
		}
	}
}

// illusionRules are about connects that were accepted in a host's place.
func illusionRules() []rule {
	return []rule{
		{
			id: "answered-by-firewall", when: []cond{acceptsAll, opened},
			code: result.TCPAnsweredByFirewall, sure: either(surelyAll, result.Certain, result.Likely), at: atAccepter, subject: byAccepter,
			alike: []alike{{result.TCPTransparentProxy, surelyAll}},
		},
		{
			id: "transparent-proxy", knows: []result.Code{result.TCPTransparentProxy},
			sure: func(s *symptom) result.Confidence {
				if !goesOn(s) || maybeFront(s) {
					return result.Likely
				}
				return either(atFirstHop, result.Certain, result.Strong)(s)
			}, at: atAccepter, subject: byAccepter,
			alike: []alike{{result.TCPAnsweredByFirewall, goesOn}, {result.HostFirewall, not(maybeFront)}},
		},
	}
}

// opened tells whether the connect came off, be it that nothing more was asked,
// or that nothing more came.
func opened(s *symptom) bool {
	switch s.op() {
	case result.OpConnect:
		return s.failure == result.FailReset || s.res != nil && s.res.State == result.Open && s.check.Code == ""
	case result.OpHandshake, result.OpRequest, result.OpGreeting, result.OpStartTLS:
		return slices.Contains([]result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}, s.failure)
	}
	return false
}

func acceptsAll(s *symptom) bool { return s.view.origins[s.addr].all() }

// surelyAll tells whether more than one random port was accepted, or one
// nearer than the first router lets pass: that is no service of the host's.
func surelyAll(s *symptom) bool {
	o := s.view.origins[s.addr]
	return o.all() && (len(o.random) > 1 || o.nearest > 0 && o.devices[o.nearest].IsValid())
}
