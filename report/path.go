package report

import (
	"cmp"
	"net/netip"
	"slices"

	"netcheck/report/result"
)

// path is the way of a finding's packets, as sweeps saw it: the devices from
// this machine to the target, and behind which of them the way ends.
type path struct {
	nodes []node
	cut   int    // the packets got as far as this node and no further
	host  string // what the last node is, as the profile names it
	more  int    // further hosts of the finding

	inward bool   // it begins at the helper outside, and ends at this machine or beside it
	back   bool   // it is an answer's, from there to the helper
	from   string // what this machine is called; "" where it needs no name
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
	if aboutCalls(f) {
		return pathIn(r, f)
	}
	failed, controls := sweepsOf(r, f)
	if len(failed) == 0 || placeless(r, f) || besides(f) {
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
		p.place(at, m, main.address, main.answered())
	}
	if p.nodes[p.cut].owner == result.Destination {
		if between := p.nodes[1:p.cut]; len(between) > 0 && !slices.ContainsFunc(between, func(n node) bool { return n.address != "" }) {
			return nil // of the way nothing is known
		}
		return p
	}

	// And what would have come next.
	reached := p.nodes[p.cut].hop
	if end.hop <= reached {
		end.hop = 0 // whoever answered there is not the target
	}
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

// besides tells whether a finding is about what is not on the way to the target.
func besides(f *result.Finding) bool {
	switch f.Code {
	case result.ProxyUnreachable, result.ProxyAuthRequired, result.ProxyDenied, result.ProxyError:
		return true
	}
	return false
}

// placeless tells whether nobody knows where a finding is: then a picture would
// say more than it.
func placeless(r *result.Report, f *result.Finding) bool {
	at := f.At
	return at != nil && at.Address == "" && at.Owner != result.ThisMachine && (len(at.Between) < 2 || at.Between[1] == unknown && at.Hop == 0 && ownEnd(r, f, at.Between[0]))
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

// place puts the cut where the finding says that it is; answered is at how many
// hops somebody answered for the target.
func (p *path) place(at *result.Place, m *result.Machine, target string, answered int) {
	where := at.Address
	if where == "" && len(at.Between) == 2 {
		where = at.Between[0]
	}
	switch {
	case where == "" && at.Owner == result.ThisMachine:
		p.nodes, p.cut = p.nodes[:1], 0
		return
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
		owner := ownerOf(m, where, at.Hop)
		if at.Address == where {
			owner = cmp.Or(at.Owner, owner)
		}
		if where == target {
			owner = result.Destination
		}
		hop := at.Hop
		if hop == 0 && where == target {
			hop = answered
		}
		if last := p.nodes[len(p.nodes)-1].hop; hop != last+1 {
			p.nodes = append(p.nodes, node{gap: true}) // the sweep did not see it
		}
		p.nodes = append(p.nodes, node{hop: hop, address: where, owner: owner})
		i = len(p.nodes) - 1
	}
	p.nodes, p.cut = p.nodes[:i+1], i
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

// ownEnd tells whether an end of an interval is the machine that a finding is
// about: in a report of one run, the only one.
func ownEnd(r *result.Report, f *result.Finding, end string) bool {
	return end == string(result.ThisMachine) || slices.ContainsFunc(r.Machines, func(m result.Machine) bool {
		return (len(f.Machines) == 0 || f.Machines[0] == m.ID) && owns(&m, end)
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
