package report

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"netcheck/report/result"
)

// redaction is one report's.
type redaction struct{ names }

// newRedaction learns what of a report is the site's.
func newRedaction(key []byte, r *result.Report, h *hosts) *redaction {
	p := &pseudonyms{key: key, addrs: map[netip.Addr]netip.Addr{}}
	x := &redaction{names{pseudonyms: p, words: map[string]string{}, apart: map[string]bool{}}}
	for i := range r.Machines {
		m := &r.Machines[i]
		x.machine(m.Name)
		for _, a := range m.Addresses {
			if p, err := netip.ParsePrefix(a); err == nil {
				x.public(p)
			}
		}
		if m.Run != nil {
			x.given(m.Run.Params, r.ParamTypes)
		}
		x.proxies(m.Proxy)
		x.proxies(m.ProxyScript)
	}
	x.given(r.Params, r.ParamTypes)
	for _, steps := range stepsOf(r) {
		for i := range steps {
			x.seen(steps[i].Facts)
		}
	}
	x.hosts(h)
	x.ready()
	return x
}

func stepsOf(r *result.Report) [][]result.Step {
	var all [][]result.Step
	for i := range r.Checks {
		all = append(all, r.Checks[i].Steps)
	}
	for i := range r.Followups {
		all = append(all, r.Followups[i].Steps)
	}
	return all
}

// machine learns a machine's name, and the domain that it is in.
func (x *redaction) machine(name string) {
	host, domain, _ := strings.Cut(name, ".")
	if host == "localhost" {
		return
	}
	x.learn(name, "host")
	x.learn(host, "host")
	x.domain(domain)
}

// domain notes a domain as the site's, with that under which it is registered. One
// without a dot is not enough to know a name by, and one under which anybody may
// register is nobody's.
func (x *redaction) domain(d string) {
	if d = registrable(d); strings.Contains(d, ".") && !slices.Contains(x.suffixes, d) {
		x.suffixes = append(x.suffixes, d)
	}
}

var (
	dotted  = regexp.MustCompile(`(?i)[a-z0-9_-]+(?:\.[a-z0-9_-]+)+`)
	proxyAt = regexp.MustCompile(`(?i)[a-z][a-z0-9+]*://([^/\s,;:]+)`)
)

// proxies learns the hosts that the machine's settings name: proxies, and what is
// reached without one. A script may have any name.
func (x *redaction) proxies(s string) {
	for _, m := range proxyAt.FindAllStringSubmatch(s, -1) {
		x.learn(m[1], "host")
	}
	for _, name := range dotted.FindAllString(s, -1) {
		if !isAddress(name) {
			x.learn(name, "host")
		}
	}
}

// public notes a network as the site's own, if it is one of public addresses.
func (x *redaction) public(p netip.Prefix) {
	a := p.Addr().Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || carrierNAT.Contains(a) {
		return
	}
	bits := max(p.Bits(), 24) // of a larger one others have the rest
	if a.Is6() {
		bits = 48 // what a line gets is between /48 and /64
	}
	if own, err := a.Prefix(bits); err == nil && !slices.Contains(x.own, own) {
		x.own = append(x.own, own)
	}
}

// siteTypes are the types of parameters whose values tell whose site it is.
var siteTypes = []string{"string", "host", "ip", "url", "proxy", "path", "mac", "dns-label", "list"}

// given learns the values that were given. A report that does not say their types
// has them all learnt but those that look like a choice.
func (x *redaction) given(params map[string]any, types map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		kind := types[name]
		if types == nil {
			kind = "legacy"
		} else if !slices.Contains(siteTypes, kind) {
			continue
		}
		x.value(params[name], kind)
	}
}

func (x *redaction) value(v any, kind string) {
	switch v := v.(type) {
	case string:
		if a, err := netip.ParseAddr(v); err == nil && kind != "legacy" {
			x.public(netip.PrefixFrom(a, a.BitLen()))
		}
		x.learn(v, kind)
	case []any:
		for _, e := range v {
			x.value(e, kind)
		}
	case []string:
		for _, e := range v {
			x.value(e, kind)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			x.value(v[name], kind)
		}
	}
}

// ownAddress are the facts that say under which address the site is seen from
// outside.
var ownAddress = []string{"wan.address", "wan.mapping", "client.address", "public.addresses", "reach.address"}

// seen learns what the steps tell of the site.
func (x *redaction) seen(f result.Facts) {
	for _, key := range ownAddress {
		for _, s := range stringsIn(f[key]) {
			if a, err := netip.ParseAddr(s); err == nil {
				x.public(netip.PrefixFrom(a, a.BitLen()))
			} else if ap, err := netip.ParseAddrPort(s); err == nil {
				x.public(netip.PrefixFrom(ap.Addr(), ap.Addr().BitLen()))
			}
		}
	}
	for _, s := range stringsIn(f["file.name"]) { // which errors and remarks name as well
		x.learn(s, "path")
	}
	for _, s := range stringsIn(f["dns.search_suffix"]) {
		x.domain(s)
	}
}

func stringsIn(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var all []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
	return nil
}
