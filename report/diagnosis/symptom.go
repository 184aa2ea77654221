package diagnosis

import (
	"cmp"
	"net/netip"
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// symptom is one thing that went wrong: of a check, a result that is not as it
// should be, or the step at which it failed. Rules look at symptoms.
type symptom struct {
	view    *view
	check   *result.Check
	res     *result.Result // nil: the check as a whole
	step    *result.Step   // that shows it; never nil, perhaps empty
	shown   *result.Check  // whose step that is: another's, where an answer was shared
	failure result.Failure
	code    result.Code // a cause that the probe knows by itself
	ev      result.Evidence

	host  string      // as the profile names it, or the address
	addr  netip.Addr  // that was contacted; invalid: none
	ports portset.Set // that showed it
	cover portset.Set // and of a sample those in between, which are taken to be alike
	proto string      // tcp or udp

	via    string // the proxy, of a way through one: then the host is that of the proxy until it is reached
	toHost string // to which that was to lead
	toPort string

	byNmap bool   // the ICMP error answered nmap, and not our own packet
	beside bool   // the check did not fail for it
	lent   *trail // the sweep of another port that stands for this one's

	about aspect  // which rules may explain it
	in    *inward // of one about the way in
	joint *joint  // what another machine of a merged report saw of it; nil: nothing was concluded
}

// symptoms lists what is wrong with a check. A check that passed has only the
// addresses that another one made up for.
func symptoms(v *view, c *result.Check) []*symptom {
	switch c.Verdict {
	case result.Pass:
		if c.Kind == kindInbound {
			return nil // whose answer it is was proven
		}
		return slices.Concat(illusions(v, c), mistaken(v, c), despite(v, c), deadAddresses(v, c))
	case result.Fail, result.Warn, result.Inconclusive:
	default:
		return nil
	}
	if c.Kind == kindInbound {
		return inbound(v, c)
	}
	var ss []*symptom
	for _, via := range relevant(c) {
		if via == "" {
			ss = append(ss, directly(v, c)...)
		} else {
			ss = append(ss, throughProxy(v, c, via)...)
		}
	}
	return ss
}

// directly lists what is wrong by the direct way.
func directly(v *view, c *result.Check) []*symptom {
	var ss []*symptom
	for i := range c.Results {
		if res := &c.Results[i]; res.Via == "" && wrong(c, res) {
			ss = append(ss, apart(ofResult(v, c, res))...)
		}
	}
	if slices.ContainsFunc(ss, not(noFamily)) {
		ss = slices.DeleteFunc(ss, noFamily)
	}
	fatal := fatalStep(c, "")
	if c.Kind == "dns" && fatal != nil && fatal.Op == result.OpCompare && fatal.Failure == result.FailExpectation {
		return []*symptom{ofStep(v, c, fatal)} // an answer there was, whatever became of other resolvers
	}
	if c.Kind == "dns" && len(ss) > 0 {
		return ss // each resolver's answer says more than what became of them
	}
	if fatal == nil {
		if len(ss) == 0 && known(c, "") != "" {
			ss = append(ss, ofStep(v, c, doubted(c)))
		}
		return append(ss, mistaken(v, c)...)
	}
	// The results may hold a dead address only, while the check failed at
	// something else. Of a scan they hold all there is.
	if len(ss) > 0 && fatal.Op == result.OpScan {
		return ss
	}
	if !slices.ContainsFunc(ss, func(s *symptom) bool { return s.failure == fatal.Failure || s.code != "" }) {
		ss = append(ss, ofStep(v, c, fatal))
	}
	return append(ss, remarked(v, c, fatal)...)
}

// doubted is the step with the answer that a check does not trust, if it says
// which.
func doubted(c *result.Check) *result.Step {
	for i := range c.Steps {
		if st := &c.Steps[i]; str(st, factBlockPage) != "" || str(st, factUnspoken) != "" || str(st, factNoFrames) != "" {
			return &c.Steps[i]
		}
	}
	return &result.Step{}
}

// noFamily tells whether a symptom is that this machine has no IPv6, which is
// no fault as long as there is another address to try.
func noFamily(s *symptom) bool {
	return s.failure == result.FailNoRoute && s.res != nil && toIPv6(s)
}

// deadAddresses are those of a check that passed by way of others. A family
// that this machine has no route for is no fault: it has none.
func deadAddresses(v *view, c *result.Check) []*symptom {
	var ss []*symptom
	for i := range c.Results {
		res := &c.Results[i]
		if c.Code == "" && res.Via == "" && wrong(c, res) && res.Failure != result.FailNoRoute && siblingOpen(c, res) {
			ss = append(ss, ofResult(v, c, res))
		}
	}
	return ss
}

// siblingOpen tells whether another address of the same host is open where
// this one is not.
func siblingOpen(c *result.Check, res *result.Result) bool {
	ports := portset.Parse(res.Ports)
	return slices.ContainsFunc(c.Results, func(o result.Result) bool {
		return o.Via == "" && o.Host == res.Host && o.Host != "" && o.Address != res.Address && o.State == result.Open && portset.Parse(o.Ports).Overlaps(ports)
	})
}

// wrong tells whether a result is not what its check hopes for.
func wrong(c *result.Check, res *result.Result) bool {
	expect, _ := c.Spec.Fields["expect"].(string)
	if c.Kind == "tcp" && (expect == "closed" || c.Code == result.TCPOpen) {
		return res.State == result.Open
	}
	if res.State == result.Unknown && (res.Failure == "" || res.Failure == result.FailCanceled) {
		return false // not asked to the end
	}
	switch res.State {
	case result.Closed, result.Filtered, result.Rejected, result.Reset:
		return true
	}
	return res.Failure != ""
}

// implied is the failure that a state stands for, where a result has none.
func implied(res *result.Result) result.Failure {
	switch res.State {
	case result.Open:
		return result.FailExpectation
	case result.Closed:
		return result.FailRefused
	case result.Rejected:
		return result.FailICMP
	case result.Reset:
		return result.FailReset
	}
	if res.Proto == "udp" {
		return result.FailNoReply
	}
	return result.FailConnectTimeout
}

func ofResult(v *view, c *result.Check, res *result.Result) *symptom {
	if _, known := address(res.Address); !known && !ofMachine(c) { // it has come no further than its name
		if fatal := fatalStep(c, res.Via); fatal != nil && fatal.Failure == res.Failure {
			s := ofStep(v, c, fatal)
			s.res, s.host = res, cmp.Or(res.Host, s.host)
			return s
		}
	}
	s := &symptom{view: v, check: c, shown: c, res: res, code: known(c, res.Via), failure: cmp.Or(res.Failure, implied(res)), ports: portset.Parse(res.Ports)}
	s.step = showing(c, res, s.failure)
	if res.Evidence != nil {
		s.ev = *res.Evidence
	} else if s.step.Evidence != nil {
		s.ev = *s.step.Evidence
	}
	s.addr, _ = address(res.Address)
	s.host = cmp.Or(res.Host, res.Address, hostOf(c, s.step))
	s.proto = cmp.Or(res.Proto, protoOf(c, s.step))
	s.cover = s.ports
	if declared, asked := portset.Sampled(c, res.Address); declared != nil {
		s.cover = s.ports.Between(asked, declared)
	}
	if forData(s) {
		s.cover = dataPorts(c, s.ports)
	}
	if m := heardByNmap(s); m != nil {
		s.ev.ICMP, s.byNmap = m, true
	}
	if ofMachine(c) {
		s.host, s.ports, s.cover, s.addr = "", nil, nil, netip.Addr{}
	}
	if c.Kind == "dns" { // its results are resolvers: the subject is the name
		s.host, s.ports, s.cover, s.proto = hostOf(c, s.step), nil, nil, "udp"
		if s.code == result.DNSResolverUnreachable {
			s.code = "" // and why it is so can be said
		}
	}
	return s
}

func ofStep(v *view, c *result.Check, step *result.Step) *symptom {
	s := &symptom{view: v, check: c, shown: c, step: step, code: known(c, step.Via), failure: step.Failure, proto: protoOf(c, step)}
	if q, ok := v.asked[str(step, factName)+" "+string(step.Failure)]; ok && step.Op == result.OpResolve {
		s.shown, s.step = q.check, q.step
		c, step = q.check, q.step
	}
	if step.Evidence != nil {
		s.ev = *step.Evidence
	}
	if ofMachine(c) {
		return s
	}
	s.host = hostOf(c, step)
	if s.addr, _ = address(peerOf(c, step)); !s.addr.IsValid() && talked(step) {
		s.addr = spokenWith(c, s.host)
	}
	if step.Op != result.OpQuery && step.Op != result.OpResolve {
		s.ports = portset.Parse(portOf(c, step))
		s.cover = s.ports
	}
	return s
}

// talked tells whether a step spoke with a host after its name was known.
func talked(s *result.Step) bool {
	return slices.Contains([]result.Op{result.OpHandshake, result.OpVerify, result.OpRequest, result.OpGreeting, result.OpStartTLS, result.OpUpgraded}, s.Op)
}

// spokenWith is the address that a check spoke with at a host, if it spoke with
// one alone.
func spokenWith(c *result.Check, host string) netip.Addr {
	only, _ := address(host)
	for i := range c.Results {
		res := &c.Results[i]
		a, ok := address(res.Address)
		if !ok || res.Via != "" || res.State != result.Open || res.Host != "" && res.Host != host {
			continue
		}
		if only.IsValid() && only != a {
			return netip.Addr{}
		}
		only = a
	}
	return only
}

// ofMachine tells whether a check looks at this machine, or asks a person, and
// has no host to name.
func ofMachine(c *result.Check) bool {
	if c.Kind == "fresh" {
		return c.Spec.Fields["path"] != nil
	}
	return slices.Contains([]string{"listen", "address", "key", "assert", "attest"}, c.Kind)
}
