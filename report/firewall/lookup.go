package firewall

import (
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/result"
)

// lookups are the way to the DNS servers, of each machine that needs a name.
func (s *Sheet) lookups(flows []Flow) {
	for _, role := range append(s.machines(nil), "") {
		r := Rule{Direction: Out, From: Party{Roles: []string{role}}, To: Party{DNS: true}, Proto: "tcp/udp", Ports: parsePorts("53"), Apps: []string{"DNS"}}
		need := func(level result.Level, act string, names ...string) {
			for _, n := range names {
				if n != "" && !literal(n) && !strings.HasPrefix(n, "*") && !slices.Contains(r.Names, n) {
					r.Names = append(r.Names, n)
				}
			}
			if len(names) > 0 && level.Weight() > r.Level.Weight() {
				r.Level, r.Act = level, act
			}
		}
		for i := range flows {
			f := &flows[i]
			if !slices.Contains(s.machines(f.From), role) || role == "" && len(s.Profile.Roles) > 0 {
				continue
			}
			names := f.Names
			for _, h := range f.Hosts {
				if !f.Into && len(f.To) == 0 && !literal(h) {
					names = append(slices.Clone(names), h)
				}
			}
			need(f.Level, f.Act, names...)
		}
		if len(r.Names) > 0 && !slices.ContainsFunc(s.Rules, func(o Rule) bool { return o.To.DNS && slices.Equal(o.From.Roles, r.From.Roles) }) {
			s.Rules = append(s.Rules, r)
		}
	}
}

// oneLookup makes one rule of the ways to the DNS servers, which are for all
// machines alike.
func (s *Sheet) oneLookup() {
	var all *Rule
	for i := range s.Rules {
		r := s.Rules[i]
		switch {
		case !r.To.DNS:
		case all == nil:
			all = &r
		default:
			all.From.Roles, all.Names = union(all.From.Roles, r.From.Roles), union(all.Names, r.Names)
			if r.Level.Weight() > all.Level.Weight() {
				all.Level, all.Act = r.Level, r.Act
			}
		}
	}
	if all != nil {
		s.Rules = append(slices.DeleteFunc(s.Rules, func(r Rule) bool { return r.To.DNS }), *all)
	}
}

// literal tells whether a host is an address, a network, or the name of a value
// that will be one as likely as not.
func literal(h string) bool { _, ok := prefix(h); return ok }

// prefix reads an address or a network.
func prefix(h string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(h); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(h)
	return p.Masked(), err == nil
}

func private(h string) bool {
	p, ok := prefix(h)
	a := p.Addr()
	return ok && (a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback())
}
