package diagnosis

import (
	"net/netip"
	"slices"
	"time"

	"netcheck/report/portset"
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

// premises are what conclusions rest on.
type premises struct {
	parties []*party
	of      map[string]*party             // by machine
	at      map[netip.Addr]*party         // by address
	same    map[string][]*result.Check    // checks of one id, in the order of the path
	wrong   map[*result.Check][]diagnosed // what went wrong with a check
	failed  map[*party][]*result.Check    // the checks with which anything did
	toward  map[*party][]diagnosed        // what went wrong on the way to a machine
	listen  map[*party][]*result.Check    // what was looked at on the machine itself
	passed  map[[2]*party][]*result.Check // by which checks a machine reached another
	doubt   map[*result.Check]bool        // whoever answered was not who was asked
	opened  []*opening                    // ports that lead into the shop
	hidden  map[*symptom]*result.Check    // a check whose finding says all there is to say of the symptom
}

// opening is a port of the public address, as a check of the profile has it.
type opening struct {
	host    string
	port    portset.Set
	local   portset.Set
	check   *result.Check // that says so
	service *party
	listed  bool // it is meant for those on a list
}

func newPremises(r *result.Report, vs map[string]*view, groups []*group) *premises {
	p := &premises{
		of: map[string]*party{}, at: map[netip.Addr]*party{}, same: map[string][]*result.Check{}, wrong: map[*result.Check][]diagnosed{}, failed: map[*party][]*result.Check{}, toward: map[*party][]diagnosed{},
		listen: map[*party][]*result.Check{}, passed: map[[2]*party][]*result.Check{}, doubt: map[*result.Check]bool{}, hidden: map[*symptom]*result.Check{},
	}
	for i := range r.Machines {
		m := &r.Machines[i]
		one := &party{machine: m, view: vs[m.ID], place: i, title: result.Text{"": m.Name}}
		for _, role := range r.Profile.Roles {
			if role.ID == m.Role {
				one.title = role.Title
				if len(role.Title) == 0 {
					one.title = result.Text{"": role.ID}
				}
			}
		}
		p.parties = append(p.parties, one)
		p.of[m.ID] = one
	}
	shared := map[netip.Addr]bool{}
	for _, one := range p.parties {
		for _, prefix := range one.view.prefixes {
			a := prefix.Addr()
			shared[a] = shared[a] || p.at[a] != nil
			p.at[a] = one
		}
	}
	for a := range p.at {
		if shared[a] || a.IsLoopback() || a.IsLinkLocalUnicast() {
			delete(p.at, a) // it is nobody's alone
		}
	}
	for _, g := range groups {
		if slices.Contains(impostorCodes, g.cause().Code) {
			for _, d := range g.all() {
				p.doubt[d.check] = true
			}
		}
	}
	for i := range r.Checks {
		p.learn(&r.Checks[i])
	}
	for _, all := range p.same {
		slices.SortStableFunc(all, func(a, b *result.Check) int { return p.of[a.Machine].place - p.of[b.Machine].place })
	}
	for _, g := range groups {
		for _, d := range g.members {
			if own := p.of[d.check.Machine]; len(p.wrong[d.check]) == 0 && own != nil {
				p.failed[own] = append(p.failed[own], d.check)
			}
			p.wrong[d.check] = append(p.wrong[d.check], d)
			if to := p.far(d.symptom); to != nil {
				p.toward[to] = few(p.toward[to], d)
			}
		}
	}
	return p
}

// impostorCodes are the causes with which a connect that was accepted was not
// accepted by who was asked.
var impostorCodes = []result.Code{result.TCPTransparentProxy, result.TCPAnsweredByFirewall, result.HTTPCaptivePortal, result.DNSRewritten}

// few adds to what is looked through for each symptom, as long as that is not
// much: a report that comes from anybody may hold any number.
func few[T any](all []T, one T) []T {
	const enough = 256
	if len(all) == enough {
		return all
	}
	return append(all, one)
}

// learn takes from a check what may be held against others.
func (p *premises) learn(c *result.Check) {
	own := p.of[c.Machine]
	if own == nil {
		return
	}
	p.same[c.ID] = append(p.same[c.ID], c)
	switch c.Kind {
	case "listen":
		p.listen[own] = few(p.listen[own], c)
		return
	case "inbound":
		p.learnOpening(c, own)
		return
	}
	for i := range c.Results {
		res := &c.Results[i]
		a, ok := address(res.Address)
		if to := p.at[a]; ok && to != nil && to != own && res.Via == "" && res.State == result.Open && !p.doubt[c] {
			if key := [2]*party{own, to}; !slices.Contains(p.passed[key], c) {
				p.passed[key] = few(p.passed[key], c)
			}
		}
	}
}

// learnOpening takes from a check of the way in where it leads.
func (p *premises) learnOpening(c *result.Check, own *party) {
	field := func(name string) string { return str(&result.Step{Facts: c.Spec.Fields}, name) }
	o := &opening{check: c, host: field("public_host"), port: portset.Parse(field("public_port")), local: portset.Parse(field("local_port")), listed: field("allow_list") == "true"}
	if len(o.local) == 0 {
		o.local = o.port
	}
	if a, ok := address(field("local_host")); ok {
		o.service = p.at[a]
	} else if field("local_host") == "" && c.Verdict != result.Elsewhere {
		o.service = own
	}
	if o.host != "" && len(o.port) > 0 && o.service != nil {
		p.opened = few(p.opened, o)
	}
}

// far is the other machine of the report that a symptom is about, nil if none
// is.
func (p *premises) far(s *symptom) *party {
	if to := p.at[s.addr]; s.addr.IsValid() && to != nil && to.machine.ID != s.check.Machine && s.via == "" {
		return to
	}
	return nil
}

// reaches tells whether another machine's check got through where a symptom's
// did not.
func (p *premises) reaches(c *result.Check, s *symptom) bool {
	if p.doubt[c] {
		return false
	}
	if op := s.op(); op != result.OpConnect && op != result.OpExchange {
		return (c.Verdict == result.Pass || c.Verdict == result.Warn) && openAt(c, s).Count() > 0
	}
	return s.ports.Count() > 0 && openAt(c, s).And(s.ports).Count() == s.ports.Count()
}

// openAt are the ports of a symptom's host that a check found open.
func openAt(c *result.Check, s *symptom) portset.Set {
	var sets []portset.Set
	for i := range c.Results {
		res := &c.Results[i]
		proto := res.Proto
		if proto == "" {
			proto = "tcp"
		}
		if res.Via == "" && res.State == result.Open && proto == s.proto && (res.Host == s.host && s.host != "" || sameAddr(res.Address, s.addr)) {
			sets = append(sets, portset.Parse(res.Ports))
		}
	}
	return portset.Join(sets...)
}

func sameAddr(text string, a netip.Addr) bool {
	b, ok := address(text)
	return ok && a == b
}

// fails tells whether another machine's check failed at the same.
func (p *premises) fails(c *result.Check, s *symptom) *diagnosed {
	all := p.wrong[c]
	i := slices.IndexFunc(all, func(d diagnosed) bool {
		return d.via == "" && d.host == s.host && d.ports.Overlaps(s.ports) && heldUp(d.cause)
	})
	if i < 0 {
		return nil
	}
	return &all[i]
}

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
