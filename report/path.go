package report

import (
	"cmp"
	"net/netip"
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// path is the way of a finding's packets, as sweeps saw it: the devices from
// this machine to the target, and behind which of them the way ends.
type path struct {
	nodes []node
	cut   int    // the packets got as far as this node and no further
	host  string // what the last node is, as the profile names it
	more  int    // further hosts of the finding
}

// node is a device on a path.
type node struct {
	hop     int // 0: this machine, or not known
	address string
	owner   result.Owner
	gap     bool // any number of devices of which nothing is known
}

// pathOf is the path that a finding's sweeps saw, nil where none was made.
func pathOf(r *result.Report, f *result.Finding) *path {
	failed, controls := sweepsOf(r, f)
	if len(failed) == 0 {
		return nil
	}
	main := &failed[0]
	m := machineOf(r, main.machine)
	p := &path{nodes: []node{{owner: result.ThisMachine}}, host: cmp.Or(main.host, main.address)}
	p.more = len(hostsOf(failed)) - 1
	control := sweep{} // what is known of the way to the same address
	if i := slices.IndexFunc(controls, func(s sweep) bool { return s.address == main.address }); i >= 0 {
		control = controls[i]
	}
	end := node{address: main.address, owner: result.Destination, hop: control.distance()}

	// As far as the packets got: from hop to hop, one after the other.
	last := main.last(f.At)
	for ttl := 1; ttl <= last; ttl++ {
		p.pass(ttl, cmp.Or(main.router(ttl), control.router(ttl)), m)
	}
	p.cut = len(p.nodes) - 1
	if at := f.At; at != nil {
		p.place(at, m, main.address)
	}
	if p.nodes[p.cut].owner == result.Destination {
		return p
	}

	// And what would have come next.
	reached := p.nodes[p.cut].hop
	if at := f.At; at != nil && len(at.Between) == 2 && at.Between[1] != unknown && at.Between[1] != main.address && !p.has(at.Between[1]) {
		reached++
		p.nodes = append(p.nodes, node{hop: reached, address: at.Between[1], owner: ownerOf(m, at.Between[1], reached)})
	}
	for ttl := reached + 1; ttl < end.hop; ttl++ {
		p.pass(ttl, control.router(ttl), m)
	}
	adjacent := f.At != nil && len(f.At.Between) == 2 && f.At.Between[1] == main.address
	if end.hop == 0 && !adjacent {
		p.nodes = append(p.nodes, node{gap: true})
	}
	p.nodes = append(p.nodes, end)
	return p
}

// unknown is the end of an interval of which nothing is known.
const unknown = "unknown"

// pass adds a device that let packets pass.
func (p *path) pass(ttl int, address string, m *result.Machine) {
	p.nodes = append(p.nodes, node{hop: ttl, address: address, owner: ownerOf(m, address, ttl)})
}

func (p *path) has(address string) bool {
	return slices.ContainsFunc(p.nodes, func(n node) bool { return n.address == address })
}

// place puts the cut where the finding says that it is.
func (p *path) place(at *result.Place, m *result.Machine, target string) {
	where := at.Address
	if where == "" && len(at.Between) == 2 {
		where = at.Between[0]
	}
	switch {
	case where == "" || where == unknown:
		return
	case at.Address == "" && (where == string(result.ThisMachine) || owns(m, where)):
		return // how far it got is what the sweep shows
	case at.Owner == result.ThisMachine, owns(m, where):
		p.nodes, p.cut = p.nodes[:1], 0
		return
	}
	i := slices.IndexFunc(p.nodes, func(n node) bool { return n.address == where })
	if i > 0 && at.Address == where && at.Owner != "" && at.Owner != result.UnknownOwner {
		p.nodes[i].owner = at.Owner
	}
	if i < 0 {
		owner := cmp.Or(at.Owner, ownerOf(m, where, at.Hop))
		if where == target {
			owner = result.Destination
		}
		if h := p.nodes[len(p.nodes)-1].hop; at.Hop > h+1 || at.Hop == 0 {
			p.nodes = append(p.nodes, node{gap: true}) // the sweep did not see it
		}
		p.nodes = append(p.nodes, node{hop: at.Hop, address: where, owner: owner})
		i = len(p.nodes) - 1
	}
	p.nodes, p.cut = p.nodes[:i+1], i
}

// sweep is what packets to one port met at each TTL.
type sweep struct {
	name    string // of the follow-up
	machine string
	host    string
	address string
	port    int
	proto   string
	hops    []result.Hop
}

// sweepsOf are the sweeps on account of a finding: those of what failed, and
// those of ports that answered, the nearest kin first.
func sweepsOf(r *result.Report, f *result.Finding) (failed, controls []sweep) {
	var answered []sweep // of the finding's own targets all the same
	for i := range r.Followups {
		u := &r.Followups[i]
		for j := range u.Steps {
			e := u.Steps[j].Evidence
			if e == nil || len(e.Hops) == 0 {
				continue
			}
			s := sweep{name: u.Name, machine: u.Machine, host: u.Host, address: u.Address, port: u.Port, proto: cmp.Or(u.Proto, "tcp"), hops: e.Hops}
			concerned, host, own := s.concerns(r, f, u)
			s.host = cmp.Or(s.host, host)
			switch {
			case own && !s.open():
				failed = append(failed, s)
			case own:
				answered = append(answered, s)
			case concerned && s.open():
				controls = append(controls, s)
			}
		}
	}
	if len(failed) == 0 {
		failed = answered
	} else {
		controls = append(controls, answered...)
	}
	if len(failed) > 0 {
		kin := func(s sweep) int {
			switch {
			case s.address == failed[0].address:
				return 0
			case isV4(s.address) == isV4(failed[0].address):
				return 1
			}
			return 2
		}
		slices.SortStableFunc(controls, func(a, b sweep) int { return cmp.Compare(kin(a), kin(b)) })
	}
	return failed, controls
}

// concerns tells whether a sweep was made on account of a finding's checks, and
// whether its port is one that the finding is about, by which name.
func (s *sweep) concerns(r *result.Report, f *result.Finding, u *result.Followup) (concerned bool, host string, own bool) {
	port := portset.Set{{First: uint16(s.port), Last: uint16(s.port)}}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Machine != u.Machine {
			continue
		}
		explained := slices.Contains(c.Findings, f.ID)
		concerned = concerned || explained && slices.Contains(u.Checks, c.ID)
		for j := range c.Results {
			res := &c.Results[j]
			if res.Address != s.address || cmp.Or(res.Proto, "tcp") != s.proto || !portset.Parse(res.Ports).Overlaps(port) {
				continue
			}
			host = cmp.Or(host, res.Host)
			concerned = concerned || explained
			if explained && res.Cause != nil && res.Cause.Code == f.Code && samePlace(res.Cause.At, f.At) {
				return true, res.Host, true
			}
		}
	}
	return concerned, host, false
}

func samePlace(a, b *result.Place) bool {
	return a == nil || b == nil || a.Address == b.Address && slices.Equal(a.Between, b.Between)
}

// open tells whether the port answered at some distance.
func (s *sweep) open() bool {
	return slices.ContainsFunc(s.hops, func(h result.Hop) bool { return h.State == result.Open })
}

// distance is at how many hops the port answered; 0 if it did not.
func (s *sweep) distance() int {
	for i := range s.hops {
		if s.hops[i].State == result.Open {
			return s.hops[i].TTL
		}
	}
	return 0
}

// last is the last hop that let the packets pass.
func (s *sweep) last(at *result.Place) int {
	last := 0
	for i := range s.hops {
		if h := &s.hops[i]; h.State == result.Expired {
			last = max(last, h.TTL)
		}
	}
	if at != nil && at.Hop > 0 {
		last = min(last, at.Hop)
	}
	return min(last, maxTTL)
}

// maxTTL is as far as a packet goes, whatever a report says that comes from
// anybody.
const maxTTL = 255

// hop is what the packets met at a TTL, nil if it is not known.
func (s *sweep) hop(ttl int) *result.Hop {
	for i := range s.hops {
		if s.hops[i].TTL == ttl {
			return &s.hops[i]
		}
	}
	return nil
}

// router is the device where packets of a TTL expired, if it said so.
func (s *sweep) router(ttl int) string {
	if h := s.hop(ttl); h != nil && h.State == result.Expired {
		return h.From
	}
	return ""
}

// hostsOf are the hosts of sweeps, each once.
func hostsOf(sweeps []sweep) []string {
	var hosts []string
	for i := range sweeps {
		if h := cmp.Or(sweeps[i].host, sweeps[i].address); !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

func machineOf(r *result.Report, id string) *result.Machine {
	for i := range r.Machines {
		if r.Machines[i].ID == id {
			return &r.Machines[i]
		}
	}
	return &result.Machine{ID: id}
}

func owns(m *result.Machine, address string) bool {
	return slices.ContainsFunc(m.Addresses, func(own string) bool {
		p, err := netip.ParsePrefix(own)
		return err == nil && p.Addr().String() == address
	})
}

func onLink(m *result.Machine, a netip.Addr) bool {
	return slices.ContainsFunc(m.Addresses, func(own string) bool {
		p, err := netip.ParsePrefix(own)
		return err == nil && p.Contains(a)
	})
}

// ownerOf is whose a router is, by its address. The first one in this machine's
// network is the gateway, by whatever address it answers.
func ownerOf(m *result.Machine, address string, hop int) result.Owner {
	a, err := netip.ParseAddr(address)
	switch {
	case err != nil:
		return result.UnknownOwner
	case a.WithZone("").String() == m.Gateway, slices.Contains(m.Gateways, a.WithZone("").String()), hop == 1 && onLink(m, a):
		return result.Gateway
	case a.IsPrivate(), a.IsLinkLocalUnicast():
		return result.Site
	}
	return result.Provider
}

func isV4(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && a.Unmap().Is4()
}
