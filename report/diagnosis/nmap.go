package diagnosis

import (
	"net/netip"
	"slices"
	"strconv"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// What the scanner nmap saw, where it was asked. It makes packets of its own,
// if it may, and sees what comes back before this machine's system and its
// firewall do: that is told apart from what our own probes were told.
const (
	followedNmap = "nmap"

	factNmapService = "nmap.service"
)

// sawNmap are the steps with which nmap saw ports of an address.
func (v *view) sawNmap(a netip.Addr, proto string, ports portset.Set) []*result.Step {
	var steps []*result.Step
	for _, f := range v.followups {
		at, ok := address(f.Address)
		if f.Name != followedNmap || !ok || at != a || f.Proto != proto || len(f.Steps) == 0 || f.Port <= 0 || f.Port >= 1<<16 {
			continue
		}
		if ports.Overlaps(portset.Set{{First: uint16(f.Port), Last: uint16(f.Port)}}) {
			steps = append(steps, &f.Steps[0])
		}
	}
	return steps
}

// learnNmap takes what nmap saw in a check of its own for what it may tell of
// others.
func (v *view) learnNmap(c *result.Check) {
	if c.Kind != "nmap" {
		return
	}
	for i := range c.Results {
		res := &c.Results[i]
		port, err := strconv.Atoi(res.Ports)
		if err != nil || res.State == result.Unknown {
			continue
		}
		facts := result.Facts{factSeen: string(res.State), factPeerPort: port, factNmapService: res.Note}
		v.followups = append(v.followups, &result.Followup{
			Name: followedNmap, Machine: c.Machine, Checks: []string{c.ID}, Subject: result.Subject{Address: res.Address, Port: port, Proto: res.Proto},
			Steps: []result.Step{{Op: result.OpScan, Facts: facts, Evidence: res.Evidence}},
		})
	}
}

// heardByNmap is the ICMP error that answered nmap's packets to all the ports of
// a symptom of which it was asked, where no such message came to our own.
func heardByNmap(s *symptom) *result.ICMP {
	unheard := []result.Failure{
		result.FailConnectTimeout, result.FailNoReply, result.FailHostUnreachable, result.FailNetUnreachable, result.FailProhibited, result.FailICMP,
	}
	if s.ev.ICMP != nil || !s.addr.IsValid() || !slices.Contains(unheard, s.failure) {
		return nil
	}
	var m *result.ICMP
	for _, st := range s.view.sawNmap(s.addr, s.proto, s.ports) {
		switch {
		case st.Evidence == nil || st.Evidence.ICMP == nil:
			return nil
		case m == nil:
			m = st.Evidence.ICMP
		case m.From != st.Evidence.ICMP.From || m.Type != st.Evidence.ICMP.Type || m.Code != st.Evidence.ICMP.Code:
			return nil
		}
	}
	return m
}

// ttlByNmap is the TTL with which a TCP port answered nmap, 0 if it did not say.
func (s *symptom) ttlByNmap(port int) int {
	if port <= 0 || port >= 1<<16 {
		return 0
	}
	for _, st := range s.view.sawNmap(s.addr, "tcp", portset.Set{{First: uint16(port), Last: uint16(port)}}) {
		if st.Evidence != nil {
			return st.Evidence.AnswerTTL
		}
	}
	return 0
}

// answersNmap tells whether every port of the symptom that nmap was asked about
// answered a question of nmap's.
func answersNmap(s *symptom) bool {
	steps := s.view.sawNmap(s.addr, s.proto, s.ports)
	return len(steps) > 0 && !slices.ContainsFunc(steps, func(st *result.Step) bool { return str(st, factSeen) != string(result.Open) })
}

// emptyQuestion tells whether a check asks by an empty datagram, and any answer
// will do: then it is the answer that counts, and not the question.
func emptyQuestion(s *symptom) bool {
	of := func(field string) string { v, _ := s.check.Spec.Fields[field].(string); return v }
	standin, _ := s.check.Spec.Fields["standin"].(bool)
	return s.check.Kind == "udp" && !standin && of("payload") == "" && (of("reply") == "" || of("reply") == "any")
}

// nmap says what nmap saw of a symptom's ports.
func (e *sentences) nmap(s *symptom) {
	const most = 2
	if s.check.Kind == "nmap" {
		return // it has said so
	}
	for i, st := range s.view.sawNmap(s.addr, s.proto, s.ports) {
		if i == most {
			return
		}
		port, _ := num(st, factPeerPort)
		d := map[string]any{
			"Target": (&target{host: s.host}).at(portset.Set{{First: uint16(port), Last: uint16(port)}}.String()),
			"State":  str(st, factSeen), "Service": str(st, factNmapService), "Device": "", "TTL": 0,
		}
		if ev := st.Evidence; ev != nil {
			d["TTL"] = ev.AnswerTTL
			if ev.ICMP != nil {
				d["Device"], d["Words"] = ev.ICMP.From, icmpWords(e.lang, ev.ICMP)
			}
		}
		e.add("nmap", d)
	}
}
