package main

import (
	"net/url"
	"slices"

	"netcheck/checks/engine"
	"netcheck/profiles"
	"netcheck/report/firewall"
	"netcheck/report/result"
)

// productOf is a profile as its sheet names it.
func productOf(p *profiles.Profile) result.Profile {
	out := result.Profile{ID: p.ID, Revision: p.Revision, SHA256: p.SHA256, Vendor: p.Vendor, Title: result.Text(p.Title)}
	for _, r := range p.Roles {
		out.Roles = append(out.Roles, result.Role{ID: r.ID, Title: result.Text(r.Title)})
	}
	for _, f := range p.Features {
		out.Features = append(out.Features, result.Feature{ID: f.ID, Title: result.Text(f.Title)})
	}
	return out
}

// flows are what the checks that apply, or may, ask of firewalls.
func flows(p *profiles.Profile, b *profiles.Bound) (all []firewall.Flow) {
	for _, c := range b.Checks {
		needy, ok := c.Body.(engine.Needy)
		if !c.Applies {
			all = append(all, firewall.Flow{Idle: true, From: c.From, To: c.To, Hosts: engine.Declared(c.Fields).Hosts()})
		}
		if !ok || !c.Applies {
			continue
		}
		for _, n := range needy.Needs(engine.Declared(c.Fields)) {
			f := firewall.Flow{
				Check: c.Group, Title: result.Text(c.Title), Features: c.Features, Level: result.Level(c.Level), Act: c.Act, From: c.From, To: c.To, Policy: c.Proxy,
				Hosts: n.To, Proto: n.Proto, Ports: n.Ports, App: n.App, Into: n.Into, Public: n.Public, PublicPort: n.PublicPort,
				Listed: n.Listed, Closed: n.Closed, Data: n.Data, Whole: n.Whole, Names: n.Names,
			}
			if c.Via != nil {
				f.Proxy = proxyAt(c.Via.URL)
			}
			if w := c.Firewall; w != nil {
				f.Rule = &result.Firewall{Hosts: w.Hosts, Sources: w.Sources, AsOf: w.AsOf, See: w.See}
			}
			if c.Open {
				f.Only = undecided(p, b, c.Group)
			}
			all = append(all, f)
		}
	}
	return all
}

// proxyAt is where a proxy is, as host:port.
func proxyAt(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return u.Host + map[string]string{"https": ":443", "socks5": ":1080", "socks5h": ":1080"}[u.Scheme]
}

// undecided are the conditions of a check that hang on values that nobody has
// given.
func undecided(p *profiles.Profile, b *profiles.Bound, group string) (all []firewall.Only) {
	for _, d := range p.Declared {
		if d.ID != group {
			continue
		}
		for _, w := range d.When {
			if b.Values[w.Param] == nil {
				all = append(all, firewall.Only{Param: w.Param, Not: w.Not, Values: w.Values})
			}
		}
		for _, name := range d.WhenSet {
			if slices.ContainsFunc(b.Unknown, func(p profiles.Param) bool { return p.Name == name }) {
				all = append(all, firewall.Only{Param: name})
			}
		}
	}
	return all
}
