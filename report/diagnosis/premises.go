package diagnosis

import (
	"net/netip"
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// premises are what conclusions rest on.
type premises struct {
	parties []*party
	of      map[string]*party             // by machine
	at      map[netip.Addr]*party         // by address
	same    map[string][]*result.Check    // checks of one id, or of one target
	wrong   map[*result.Check][]diagnosed // what went wrong with a check
	failed  map[*party][]*result.Check    // the checks with which anything did
	toward  map[*party][]diagnosed        // what went wrong on the way to a machine
	listen  map[*party][]*result.Check    // what was looked at on the machine itself
	passed  map[[2]*party][]*result.Check // by which checks a machine reached another
	doubt   map[*result.Check]bool        // whoever answered was not who was asked
	opened  []*opening                    // ports that lead into the shop
	hidden  map[*symptom]hiding           // whose finding says all there is to say of the symptom
}

// hiding is a check, and the cause of its finding; none: what is concluded of it,
// or what the helper outside saw.
type hiding struct {
	check *result.Check
	code  result.Code
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
		listen: map[*party][]*result.Check{}, passed: map[[2]*party][]*result.Check{}, doubt: map[*result.Check]bool{}, hidden: map[*symptom]hiding{},
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
	p.same[c.ID] = few(p.same[c.ID], c)
	if key := targetKey(c); key != "" {
		p.same[key] = few(p.same[key], c)
	}
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

// targetKey is what checks have in common that ask the same of the same ports,
// whatever the profile calls them; "" for those that look at their own machine.
func targetKey(c *result.Check) string {
	if ofMachine(c) || c.Target == "" || c.Kind == "inbound" || c.Kind == "dns" {
		return ""
	}
	return "\x00" + c.Kind + " " + c.Target // no id has that
}

// alike are the checks that ask the same as this one, one of each machine, in the
// order of the path.
func (p *premises) alike(c *result.Check) []*result.Check {
	all := []*result.Check{c}
	seen := map[string]bool{c.Machine: true}
	for _, o := range slices.Concat(p.same[c.ID], p.same[targetKey(c)]) {
		if !seen[o.Machine] && o.Verdict != result.Elsewhere {
			seen[o.Machine] = true
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b *result.Check) int { return p.of[a.Machine].place - p.of[b.Machine].place })
	return all
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
