package diagnosis

import (
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/result"
)

// rule is one way to explain a symptom: an entry in a table. Of the rules that
// fit, the first wins, so that what is more specific stands above what is more
// general. The words of a rule are in report/i18n under its id.
type rule struct {
	id       string
	failures []result.Failure // one of these; none: any
	knows    []result.Code    // or the probe itself named one of these causes
	ops      []result.Op      // at a step that did one of these; none: any
	when     []cond           // and all of these hold
	about    aspect           // and it is about this

	code     result.Code                      // the cause; "": the one that the probe named
	sure     func(*symptom) result.Confidence // how sure
	at       func(*symptom) *result.Place     // where; nil: nowhere
	alike    []alike                          // what looks the same
	subject  func(*symptom) string            // what symptoms must share to be one finding; nil: the device, else the host
	act      string                           // who must act, unless the profile says so; "": whose the place is
	like     string                           // the rule with whose findings its own are one; "": none
	request  bool                             // a firewall rule is what to ask for
	app      string                           // and the application that it must name, where the port alone is open already
	gathers  bool                             // symptoms that end at one place of the way are one finding, whatever was asked
	unplaced bool                             // it knows no place for want of a sweep, and another finding's may be it
	follows  bool                             // its place is where a ClientHello ends that was followed, if there was time to
	see      string                           // a reference: an RFC, a manual
}

type cond = func(*symptom) bool

// alike is a cause that looks the same, and what excludes it.
type alike struct {
	code     result.Code
	excluded cond // nil: nothing does
}

// fits tells whether a rule explains a symptom.
func (r *rule) fits(s *symptom) bool {
	if r.about != s.about {
		return false
	}
	if r.knows != nil && !slices.Contains(r.knows, s.code) || r.knows == nil && s.code != "" {
		return false
	}
	if r.failures != nil && !slices.Contains(r.failures, s.failure) {
		return false
	}
	if r.ops != nil && !slices.Contains(r.ops, s.op()) {
		return false
	}
	for _, holds := range r.when {
		if !holds(s) {
			return false
		}
	}
	return true
}

// cause is what the rule says of a symptom that it fits. Certain is for what
// leaves nothing else open.
func (r *rule) cause(s *symptom) *result.Cause {
	c := &result.Cause{Code: r.code, Confidence: r.sure(s)}
	if c.Code == "" {
		c.Code = s.code
	}
	if r.at != nil {
		c.At = r.at(s)
	}
	for _, a := range r.alike {
		if a.excluded != nil && a.excluded(s) {
			c.RuledOut = append(c.RuledOut, a.code)
		} else {
			c.NotExcluded = append(c.NotExcluded, a.code)
		}
	}
	if s.about == outward && byScript(s) && !strings.HasPrefix(string(c.Code), "local.") && !slices.Contains(c.NotExcluded, result.ProxyRequired) {
		c.NotExcluded = append(c.NotExcluded, result.ProxyRequired)
	}
	if c.Confidence == result.Certain && len(c.NotExcluded) > 0 {
		c.Confidence = result.Strong
	}
	return c
}

// op is what the failing step did; of a result without a step, what its kind
// does.
func (s *symptom) op() result.Op {
	if s.step.Op != "" && s.step.Op != result.OpScan {
		return s.step.Op
	}
	if s.proto == "udp" {
		return result.OpExchange
	}
	return result.OpConnect
}

// rules lists every rule, lowest layer first, and within a layer the most
// specific first. What fails below explains what fails above.
func rules() []rule {
	return slices.Concat(standInRules(), inboundServiceRules(), inboundHelperRules(), inboundLineRules(), inboundCallRules(), illusionRules(), lossRules(), foundNameRules(), mistakenRules(), personalRules(), answeredDoubts(), knownRules(), proxyWays(), localRules(), nameRules(), proxyRules(), portalRules(), sshRules(), ftpRules(), dataRules(), deviceRules(), pathRules(), connectRules(), nmapRules(), datagramPathRules(), datagramRules(), startTLSRules(), loginRules(), socketRules(), handshakeRules(), tlsRules(), httpRules(), talkRules())
}

// How sure.

func always(c result.Confidence) func(*symptom) result.Confidence {
	return func(*symptom) result.Confidence { return c }
}

// either is sure if a condition holds, else less.
func either(holds cond, sure, less result.Confidence) func(*symptom) result.Confidence {
	return func(s *symptom) result.Confidence {
		if holds(s) {
			return sure
		}
		return less
	}
}

// byControls counts what else the run showed: two other hosts beyond this link
// that answer, and an answer of the same address, say that the fault is this
// port's alone.
func byControls(s *symptom) result.Confidence {
	others := len(s.view.others(s.host, s.addr))
	switch same := sameAddressAnswers(s); {
	case others >= 2 && same:
		return result.Strong
	case others >= 1 || same:
		return result.Likely
	}
	return result.Hint
}

// Where.

const (
	unknownPlace = "unknown"
	thisMachine  = "this-machine"
)

// atDevice is the device that sent the ICMP error.
func atDevice(s *symptom) *result.Place {
	a, ok := address(s.ev.ICMP.From)
	if !ok {
		return silent(s)
	}
	return s.placeOf(a)
}

// placeOf is the place of a device that answered.
func (s *symptom) placeOf(a netip.Addr) *result.Place {
	p := &result.Place{Address: a.String(), Owner: result.UnknownOwner}
	switch {
	case s.view.own(a):
		p.Owner = result.ThisMachine
	case s.view.isGateway(a):
		p.Owner, p.Hop = result.Gateway, 1
	case a == s.addr:
		p.Owner = result.Destination
	case s.view.onLink(a):
		p.Owner, p.Hop = result.Site, 1
		if from, ok := s.sender(); ok && from == a {
			p.Owner = s.ownerAt(a, 1) // it answers for what lies beyond
		}
	default:
		p.Hop = s.view.hopOf(a, s.ev.ICMP)
		p.Owner = s.ownerAt(a, p.Hop)
	}
	return p
}

// atTarget is whoever answers at the address that was asked.
func atTarget(s *symptom) *result.Place {
	if !s.addr.IsValid() {
		return nil
	}
	return s.placeOf(s.addr)
}

func atThisMachine(*symptom) *result.Place { return &result.Place{Owner: result.ThisMachine} }

// silent is all that silence says: somewhere on the way.
func silent(s *symptom) *result.Place {
	if p := beyondProxy(s); p != nil {
		return p
	}
	return &result.Place{Between: []string{s.local(), unknownPlace}, Owner: result.UnknownOwner}
}

// beforeTarget is between this machine and the target, on the same link.
func beforeTarget(s *symptom) *result.Place {
	return &result.Place{Between: []string{s.local(), s.addr.String()}, Owner: result.Destination}
}

// beyondDevice is between the router that answered and the target.
func beyondDevice(s *symptom) *result.Place {
	a, ok := address(s.ev.ICMP.From)
	if !ok || !s.addr.IsValid() {
		return silent(s)
	}
	return &result.Place{Between: []string{a.String(), s.addr.String()}, Hop: s.view.hopOf(a, s.ev.ICMP), Owner: result.Destination}
}

// beforeGateway is the first step of the way.
func beforeGateway(s *symptom) *result.Place {
	next := unknownPlace
	if g := s.view.gatewayFor(s.addr); g.IsValid() {
		next = g.String()
	}
	return &result.Place{Between: []string{s.local(), next}, Hop: 1, Owner: result.Gateway}
}

// local is this machine's address, as the packet had it.
func (s *symptom) local() string {
	if a, ok := address(s.ev.Local); ok {
		return a.String()
	}
	if !s.addr.IsValid() {
		return thisMachine
	}
	for _, p := range s.view.prefixes {
		if a := p.Addr(); a.Is4() == s.addr.Is4() && !a.IsLinkLocalUnicast() {
			return a.String()
		}
	}
	return thisMachine
}
