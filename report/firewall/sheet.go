package firewall

import (
	"slices"
	"strings"

	"netcheck/report/result"
)

// New makes the sheet of a profile from its checks' flows, for one machine or,
// where role is "", for all of them.
func New(p result.Profile, flows []Flow, role string) *Sheet {
	s := &Sheet{Profile: p, Role: role, Outer: outer(p, flows), At: map[string][]string{}}
	for i := range flows {
		s.place(&flows[i])
	}
	flows = slices.DeleteFunc(slices.Clone(flows), func(f Flow) bool { return f.Idle })
	for i := range flows {
		for _, r := range s.machines(flows[i].From) {
			s.add(r, &flows[i])
		}
	}
	s.proxies(flows)
	s.answered()
	s.fold()
	s.lookups(flows)
	if role != "" {
		s.Rules = slices.DeleteFunc(s.Rules, func(r Rule) bool {
			return !slices.Contains(r.From.Roles, role) && !slices.Contains(r.To.Roles, role)
		})
	}
	s.oneLookup()
	s.sort()
	return s
}

// outer is the role that stands for the internet: the last, as roles are in the
// order of the path, where another machine is called from there. It is a machine
// for tests, which has no firewall that anybody here runs.
func outer(p result.Profile, flows []Flow) string {
	if len(p.Roles) < 2 {
		return ""
	}
	last := p.Roles[len(p.Roles)-1].ID
	called := false
	for _, f := range flows {
		if f.Into && slices.Contains(f.From, last) {
			return ""
		}
		called = called || f.PublicPort != "" && len(f.From) > 0 && !f.Idle
	}
	if !called {
		return ""
	}
	return last
}

// machines are the roles that a check is made from.
func (s *Sheet) machines(from []string) []string {
	if len(from) > 0 {
		return from
	}
	var all []string
	for _, r := range s.Profile.Roles {
		if r.ID != s.Outer {
			all = append(all, r.ID)
		}
	}
	if len(all) == 0 {
		return []string{""}
	}
	return all
}

// place notes where a machine is, from checks that go there inside the shop.
func (s *Sheet) place(f *Flow) {
	to := f.To
	if f.Into && f.PublicPort != "" && len(f.From) == 1 {
		to = f.From
	}
	if len(to) != 1 || slices.Equal(f.From, []string{s.Outer}) && s.Outer != "" {
		return
	}
	for _, h := range f.Hosts {
		if !slices.Contains(s.At[to[0]], h) {
			s.At[to[0]] = append(s.At[to[0]], h)
		}
	}
}

// add makes a check's rules for one of the machines that it is made from.
func (s *Sheet) add(role string, f *Flow) {
	r := Rule{
		Block: f.Closed, Proto: f.Proto, Ports: parsePorts(f.Ports), Level: f.Level, Act: f.Act, Policy: f.Policy, Data: f.Data, Whole: f.Whole,
		Why: []result.Text{f.Title}, Features: f.Features, Checks: []string{f.Check}, Only: f.Only,
	}
	if f.App != "" {
		r.Apps = []string{f.App}
	}
	if f.Proxy != "" {
		r.Proxies = []string{f.Proxy}
	}
	hosts := f.Hosts
	if rule := f.Rule; rule != nil {
		if rule.See != "" {
			r.See = []string{rule.See}
		}
		r.AsOf = rule.AsOf
		if len(rule.Hosts) > 0 && !f.Into {
			hosts = rule.Hosts
		}
	}
	switch {
	case f.Into && f.PublicPort != "":
		r.Direction, r.Policy = Forward, ""
		r.From, r.To = s.callers(f), Party{Roles: []string{role}, Hosts: f.Hosts}
		r.PublicAt, r.Listed = parsePorts(f.PublicPort), f.Listed
		if f.Public != "" {
			r.Public = []string{f.Public}
		}
		s.Rules = append(s.Rules, r)
	case f.Into:
		r.Direction, r.LAN, r.Policy = In, true, ""
		r.From, r.To = Party{Unsaid: true}, Party{Roles: []string{role}}
		s.Rules = append(s.Rules, r)
	case f.App == "DNS" && len(f.Hosts) == 0, len(hosts) == 0:
	case role == s.Outer && s.Outer != "":
		s.fromOutside(f, r)
	default:
		r.Direction, r.From = Out, Party{Roles: []string{role}}
		if len(f.To) > 0 {
			r.Direction, r.LAN = In, true
		}
		for _, h := range hosts {
			if slices.Contains(s.At[role], h) && len(f.To) == 0 {
				continue // it is the machine itself
			}
			r.To = Party{Roles: f.To, Hosts: []string{h}}
			r.LAN = len(f.To) > 0 || private(h)
			s.Rules = append(s.Rules, r)
		}
	}
}

// callers are who calls from the internet.
func (s *Sheet) callers(f *Flow) Party {
	p := Party{Internet: true}
	if f.Rule != nil {
		p.Hosts = f.Rule.Sources
	}
	return p
}

// fromOutside takes up what is tested from a line elsewhere: there the internet
// calls, on a port on which it is to get in. What else such a machine contacts
// passes no firewall of the shop's.
func (s *Sheet) fromOutside(f *Flow, r Rule) {
	for _, h := range f.Hosts {
		meant := slices.IndexFunc(s.Rules, func(o Rule) bool {
			return o.Direction == Forward && o.Proto == r.Proto && o.PublicAt.String() == r.Ports.String() && slices.Contains(o.Public, h) && o.Block == r.Block
		})
		if meant >= 0 {
			s.Rules[meant].absorb(r)
			continue
		}
		like := slices.IndexFunc(s.Rules, func(o Rule) bool {
			return o.Direction == Forward && o.Proto == r.Proto && o.PublicAt.String() == r.Ports.String()
		})
		if like < 0 && len(f.To) == 0 {
			continue
		}
		in := r
		in.Direction, in.Policy = Forward, ""
		in.From, in.To = s.callers(f), Party{Roles: f.To}
		if like >= 0 && f.Rule == nil { // the same callers, at another address
			in.From, in.See, in.AsOf, in.Listed = s.Rules[like].From, s.Rules[like].See, s.Rules[like].AsOf, s.Rules[like].Listed
		}
		if like >= 0 && len(f.To) == 0 {
			in.To.Roles = s.Rules[like].To.Roles
		}
		if r.Block { // whoever is listed gets in by another rule
			in.From, in.See, in.AsOf = Party{Internet: true}, nil, ""
		}
		in.Public, in.PublicAt, in.Ports = []string{h}, r.Ports, Ports{}
		s.Rules = append(s.Rules, in)
	}
}

// proxies are the ways to those that the profile names.
func (s *Sheet) proxies(flows []Flow) {
	for i := range flows {
		f := &flows[i]
		if f.Proxy == "" || f.Policy == "unsupported" || f.Into {
			continue
		}
		host, port := f.Proxy, ""
		if i := strings.LastIndex(f.Proxy, ":"); i >= 0 {
			host, port = strings.Trim(f.Proxy[:i], "[]"), f.Proxy[i+1:]
		}
		level := result.Optional // the direct way will do
		if f.Policy == "required" {
			level = f.Level
		}
		for _, role := range s.machines(f.From) {
			s.Rules = append(s.Rules, Rule{
				Direction: Out, LAN: private(host), IsProxy: true, From: Party{Roles: []string{role}}, To: Party{Hosts: []string{host}},
				Proto: "tcp", Ports: parsePorts(port), Level: level, Act: f.Act, Features: f.Features, Checks: []string{f.Check}, Only: f.Only,
			})
		}
	}
}

// answered leaves out the ports on which a machine listens for those who are said
// to contact it.
func (s *Sheet) answered() {
	for i := range s.Rules {
		r := &s.Rules[i]
		if !r.From.Unsaid {
			continue
		}
		for _, o := range s.Rules {
			if o.From.Unsaid || o.Block || o.Proto != r.Proto || !slices.Contains(o.To.Roles, r.To.Roles[0]) || o.Direction == Forward && len(o.To.Hosts) > 0 {
				continue
			}
			r.Ports = r.Ports.without(o.Ports)
		}
	}
	s.Rules = slices.DeleteFunc(s.Rules, func(r Rule) bool { return r.From.Unsaid && r.Ports.empty() })
}
