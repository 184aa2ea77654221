package diagnosis

import (
	"net/netip"
	"slices"
	"time"

	"netcheck/report/result"
)

// party is one of the machines of a merged report.
type party struct {
	machine *result.Machine
	view    *view
	title   result.Text // of its role
	place   int         // on the path, outermost last
}

// joint is what another machine saw of what failed on this one.
type joint struct {
	kind       jointKind
	own, other *party
	single     *result.Cause // what this machine's own run says
	check      *result.Check // of the other machine
	inside     *result.Check // that reaches the service from within the shop; nil: none
	from       *party        // the machine that made it
	way        *opening      // into the shop
	sockets    []netip.AddrPort
	outermost  bool // no machine further out was asked the same
}

// jointKind is how two machines' results stand to each other.
type jointKind int

const (
	outerPasses      jointKind = iota + 1 // the same check passes further out
	innerPasses                           // or further in
	innerFails                            // the same check fails further in, too
	listens                               // where this machine got no answer, the other says that it listens
	notReached                            // nothing listens here, and the other got no answer
	comesInElsewhere                      // the helper outside reached the service, and this machine does not
	comesIn                               // the service is reached within the shop, and not from outside
	otherWay                              // the other machine reaches this one
	elsewhereIs                           // the other machine has another address than the one that was asked
)

// apart is how long two machines' runs lie apart.
func (j *joint) apart() time.Duration { return j.own.view.now.Sub(j.other.view.now).Abs() }

// machines are those that a group is about: the one whose checks it explains,
// then those whose results it rests on as well.
func (g *group) machines() []string {
	ids := []string{g.members[0].check.Machine}
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, d := range g.members {
		if d.joint != nil {
			add(d.joint.other.machine.ID)
			if d.joint.from != nil {
				add(d.joint.from.machine.ID)
			}
		}
	}
	for _, d := range g.under {
		add(d.check.Machine)
	}
	return ids
}

// address is a machine's address of the family that a symptom is of, as its own
// packets have it where they tell.
func (o *party) address(s *symptom) string {
	for i := range s.joint.check.Steps {
		if ev := s.joint.check.Steps[i].Evidence; ev != nil {
			if a, ok := address(ev.Local); ok && o.view.own(a) && a.Is4() == s.addr.Is4() {
				return a.String()
			}
		}
	}
	for _, p := range o.view.prefixes {
		if a := p.Addr(); a.Is4() == s.addr.Is4() && !a.IsLinkLocalUnicast() && !a.IsLoopback() {
			return a.String()
		}
	}
	return unknownPlace
}

// bound tells of a socket whether whoever asks a symptom's address gets there.
func bound(s *symptom) func(netip.AddrPort) bool {
	return func(ap netip.AddrPort) bool {
		a := ap.Addr().Unmap()
		return a == s.addr || a.IsUnspecified() && (a.Is6() || s.addr.Is4()) // one for IPv6 takes IPv4 as well, on most systems
	}
}
