package diagnosis

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// inbound lists what is wrong with the way in: a service that is missing is so
// whatever becomes of the call, and of the call only one thing is said.
func inbound(v *view, c *result.Check) []*symptom {
	in := inwardOf(v, c)
	var ss []*symptom
	call := in.symptom(inwardCall, in.call)
	if in.missing() && in.wantsService() && !(in.state() == result.Open && farther(call)) {
		ss = append(ss, in.symptom(inwardService, in.sockets))
	} else if in.poser.Failure != "" {
		ss = append(ss, in.symptom(inwardService, in.poser))
	} else if in.tried.Failure == result.FailRefused {
		ss = append(ss, in.symptom(inwardService, in.tried))
	} else if in.stood.Failure != "" && in.stood.Failure != result.FailCanceled {
		ss = append(ss, in.symptom(inwardService, in.stood))
	}
	ss = append(ss, in.fromHere()...)
	told := v.toldOfLine(in.seen)
	switch {
	case in.helper != nil && in.helper.Failure == result.FailCanceled:
		return ss
	case in.helper == nil, in.helper.Failure != "":
		if told && !v.cameIn {
			ss = append(ss, in.symptom(inwardLine, in.call))
		}
		return append(ss, in.withoutHelper()...)
	}
	failed := in.state() != "" && !in.arrived()
	switch {
	case in.leadsElsewhere(), in.name.Failure != "" && len(in.leadsTo()) == 0:
		ss = append(ss, in.symptom(inwardName, in.name))
	case !failed || in.explained():
	case told && !v.cameIn && in.proof() != "foreign" && !in.passesBoth():
		ss = append(ss, in.symptom(inwardLine, in.call))
	default:
		ss = append(ss, in.symptom(inwardCall, in.call))
	}
	return ss
}

// explained tells whether a refusal is that of the machine inside, where nothing
// listens, or silence behind the router is what it shows from here too.
func (in *inward) explained() bool {
	switch {
	case in.state() == result.Closed && (in.missing() && !in.held() || in.tried.Failure == result.FailRefused):
		return in.answerer() != byRouter
	case in.state() == result.Filtered && in.tried.Failure != "" && in.tried.Failure != result.FailCanceled:
		return in.goesIn()
	}
	return false
}

// fromHere is what the names and the service inside showed from here: outward
// questions as any other.
func (in *inward) fromHere() []*symptom {
	var ss []*symptom
	for i := range in.check.Steps {
		st := &in.check.Steps[i]
		aside := st.Parent != nil || st.Failure == "" || st.Failure == result.FailCanceled || str(st, factHairpin) == "true"
		if aside || st == in.tried && st.Failure == result.FailRefused || st.Op != result.OpResolve && st.Op != result.OpConnect {
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
	at := asked{in.check, innermost(in.check, in.helperAt)}
	if first, ok := in.view.lost[in.helper.Failure]; ok && at.step == in.helper {
		at = first // who asked for all
	}
	o := ofStep(in.view, at.check, at.step)
	o.check, o.code = in.check, ""
	switch {
	case slices.Contains([]result.Op{result.OpResolve, result.OpQuery, result.OpHandshake}, o.step.Op), o.step.Op == result.OpVerify && !slices.Contains(unknownKeys, o.failure):
		return []*symptom{o} // is told as of any host
	}
	s := in.symptom(inwardHelper, at.step)
	o.host = cmp.Or(in.helperHost(), o.host)
	s.host, s.addr, s.ports, s.cover, s.proto, s.ev, s.shown = o.host, o.addr, o.ports, o.cover, "tcp", o.ev, at.check
	ss := []*symptom{s}
	if ru := match(rules(), o); o.step.Op == result.OpVerify && ru != nil && ru.code == result.TLSIntercepted {
		ss = append(ss, o) // others show who opens connections here
	}
	return ss
}

// unknownKeys are what is wrong with a helper that nobody vouches for: it may
// have a key of its own, or somebody else answers.
var unknownKeys = []result.Failure{result.FailPin, result.FailSelfSigned, result.FailUnknownCA, result.FailIntercepted}

// helperHost is the helper's name, or address.
func (in *inward) helperHost() string {
	u, err := url.Parse(str(in.helper, factHelper))
	if err != nil {
		return ""
	}
	return u.Hostname()
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

// listensOn tells whether a check asks that something listen on one port of
// this machine, and on no other.
func listensOn(c *result.Check, proto string, port uint16) bool {
	s := &result.Step{Facts: c.Spec.Fields}
	return c.Kind == "listen" && cmp.Or(str(s, "proto"), "tcp") == proto && portset.Parse(cmp.Or(str(s, "port"), str(s, "ports"))).String() == strconv.Itoa(int(port))
}
