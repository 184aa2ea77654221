package report

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netcheck/report/result"
)

// callsOf are the calls from outside on account of a finding, as the helper
// that made them followed them: those to the ports that are wanted, and those
// to ports of which nobody knows.
func callsOf(r *result.Report, f *result.Finding) (wanted, controls []sweep) {
	for i := range r.Checks {
		c := &r.Checks[i]
		if !slices.Contains(c.Findings, f.ID) {
			continue
		}
		for j := range c.Steps {
			st := &c.Steps[j]
			if st.Op != result.OpReach || st.Evidence == nil || len(st.Evidence.Hops) == 0 {
				continue
			}
			address, _ := st.Facts["reach.address"].(string)
			proto, _ := st.Facts["reach.proto"].(string)
			inside, _ := st.Facts["reach.local"].(string)
			port, _ := strconv.Atoi(fact(st.Facts["reach.port"]))
			s := sweep{machine: c.Machine, host: address, address: address, port: port, proto: proto, hops: st.Evidence.Hops, inside: inside}
			if control, _ := st.Facts["reach.control"].(bool); control {
				controls = append(controls, s)
			} else {
				wanted = append(wanted, s)
			}
		}
	}
	return wanted, controls
}

// aboutCalls tells whether a finding is about calls from outside, and not about
// a way out to the helper that makes them.
func aboutCalls(f *result.Finding) bool {
	return strings.HasPrefix(string(f.Code), "inbound.") && f.Code != result.InboundVantageUnreachable
}

// pathIn is the path of a call from outside: from the helper by the shop's
// public address to where the service is.
func pathIn(r *result.Report, f *result.Finding) *path {
	wanted, controls := callsOf(r, f)
	if len(wanted) == 0 || f.At == nil || f.At.Owner == result.ThisMachine {
		return nil
	}
	main := &wanted[0]
	if answerLost(f, main) {
		return wayBack(r, main)
	}
	known := []*sweep{main}
	for i := range controls {
		if controls[i].machine == main.machine && controls[i].address == main.address {
			known = append(known, &controls[i])
		}
	}
	p := &path{nodes: []node{{}}, inward: true}
	last, public := main.last(nil), -1
	for ttl := 1; ttl <= last; ttl++ {
		n := node{hop: ttl, address: firstRouter(known, ttl)}
		if n.address == main.address {
			if public >= 0 {
				n.address = "" // a further router of the shop, which shows the same address
			} else {
				public, n.owner = len(p.nodes), shopOwner(f)
			}
		}
		p.nodes = append(p.nodes, n)
	}
	p.cut = len(p.nodes) - 1
	if public < 0 { // what comes next, up to the shop's router
		answered, router := main.answered(), controlAt(known)
		if router == 0 || answered > 0 && answered < router {
			router = answered
		}
		for ttl := last + 1; ttl < router; ttl++ {
			p.nodes = append(p.nodes, node{hop: ttl, address: firstRouter(known, ttl)})
		}
		if router == 0 {
			p.nodes = append(p.nodes, node{gap: true})
		}
		public = len(p.nodes)
		if !owns(machineOf(r, main.machine), main.address) {
			p.nodes = append(p.nodes, node{address: main.address, owner: shopOwner(f)})
		}
		if at := f.At; at.Address == main.address || len(at.Between) == 2 && at.Between[0] == main.address || answered > router {
			p.cut = len(p.nodes) - 1
		}
	}
	if before := public - 1; before > 1 && p.nodes[before].address != "" {
		p.nodes[before].owner = result.Provider
	}
	p.nodes = append(p.nodes, insideOf(r, main))
	return p
}

// answerLost tells whether the call came in, and its answer did not get back:
// the finding is then somewhere behind the very machine that was called.
func answerLost(f *result.Finding, s *sweep) bool {
	ap, err := netip.ParseAddrPort(s.inside)
	return err == nil && f.Code == result.InboundFiltered && len(f.At.Between) == 2 && f.At.Between[0] == ap.Addr().String() && f.At.Between[1] == unknown
}

// onTheWayBack tells whether a finding is about an answer to outside.
func (p *phrases) onTheWayBack(f *result.Finding) bool {
	if !aboutCalls(f) {
		return false
	}
	wanted, _ := callsOf(p.r, f)
	return len(wanted) > 0 && answerLost(f, &wanted[0])
}

// wayBack is the path of an answer, of which nobody saw more than its start: it
// need not leave by the routers by which the call came in.
func wayBack(r *result.Report, s *sweep) *path {
	start := insideOf(r, s)
	return &path{nodes: []node{start, {gap: true}, {}}, from: start.address, back: true}
}

// firstRouter is the device at a hop from the helper, by whichever call showed
// it.
func firstRouter(sweeps []*sweep, ttl int) string {
	for _, s := range sweeps {
		if a := s.router(ttl); a != "" {
			return a
		}
	}
	return ""
}

// controlAt is how far from the helper the public address answers for another
// port, 0 if it does not.
func controlAt(sweeps []*sweep) int {
	for _, s := range sweeps[1:] {
		if t := s.answered(); t > 0 {
			return t
		}
	}
	return 0
}

// shopOwner is whose the device with the public address is, as far as the
// finding says.
func shopOwner(f *result.Finding) result.Owner {
	switch {
	case f.Code == result.InboundCGNAT:
		return result.Provider
	case f.Code == result.InboundDoubleNAT:
		return result.Site
	case f.At.Owner == result.Provider, f.At.Owner == result.UnknownOwner:
		return result.UnknownOwner
	}
	return result.Gateway
}

// insideOf is the machine that the calls are for.
func insideOf(r *result.Report, s *sweep) node {
	ap, err := netip.ParseAddrPort(s.inside)
	if err != nil || owns(machineOf(r, s.machine), ap.Addr().String()) {
		return node{owner: result.ThisMachine}
	}
	return node{address: ap.Addr().WithZone("").String()}
}
