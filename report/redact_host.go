package report

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"netcheck/report/result"
)

// hosts are the names in a report, and what was answered for each.
type hosts struct {
	inside  map[string]bool // by name: some address of it is of an internal range
	outside map[string]bool // by name: some address is of none, whoever said so
	single  map[string]bool // names of one label
}

// hostFields are the fields of declarations that hold names.
var hostFields = []string{"host", "hosts", "server_name", "public_host", "name"}

func newHosts() *hosts { return &hosts{map[string]bool{}, map[string]bool{}, map[string]bool{}} }

// read takes in what a report says of names.
func (h *hosts) read(r *result.Report) {
	for i := range r.Checks {
		c := &r.Checks[i]
		for _, field := range hostFields {
			for _, name := range stringsIn(c.Spec.Fields[field]) {
				h.note(name)
			}
		}
		for _, at := range c.Results {
			if at.Via == "" { // else the address is the proxy's business
				h.note(at.Host, at.Address)
			}
		}
	}
	for i := range r.Followups {
		f := &r.Followups[i]
		h.note(f.Host, f.Address)
		for _, s := range f.Steps {
			h.note(f.Host, stringsIn(s.Facts["dns.hosts_file"])...)
		}
	}
	for _, steps := range stepsOf(r) {
		for i := range steps {
			h.hear(steps[i].Facts)
		}
	}
}

// hosts learns which of the names that the profile itself has are the site's: those
// of one label, which mean something there alone, and those for which nobody knows
// any but an internal address. Of a name that has a public one as well, by another
// server say, it is the address that is the network's, as where a login page catches
// everything.
func (x *redaction) hosts(h *hosts) {
	for name := range h.single {
		x.alone(name)
	}
	for name := range h.inside {
		if h.outside[name] {
			continue
		}
		x.learn(name, "host")
		if d := registrable(name); d != "" && !h.anyOutside(d) {
			x.domain(d)
		}
	}
}

// hear takes what a look-up says.
func (h *hosts) hear(f result.Facts) {
	if random, _ := f["dns.random_name"].(bool); random {
		return
	}
	name, _ := f["dns.question.name"].(string)
	if kind, _ := f["dns.question.type"].(string); kind != "PTR" {
		h.note(name, stringsIn(f["dns.answers"])...)
		return
	}
	if a, ok := lookedUp(name); ok {
		for _, answer := range stringsIn(f["dns.answers"]) {
			if fields := strings.Fields(answer); len(fields) > 0 {
				h.note(fields[len(fields)-1], a.String())
			}
		}
	}
}

// note takes a name and addresses of it, which may be written as "A 192.0.2.1".
func (h *hosts) note(name string, addrs ...string) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if isAddress(name) || !hostName.MatchString(name) {
		return
	}
	if !strings.Contains(name, ".") {
		h.single[name] = true
		return
	}
	for _, s := range addrs {
		fields := strings.Fields(s)
		if len(fields) == 0 {
			continue
		}
		a, err := netip.ParseAddr(fields[len(fields)-1])
		switch {
		case err != nil || a.IsLoopback() || a.IsUnspecified(): // as a list of what is blocked has it
		case isInternal(a):
			h.inside[name] = true
		default:
			h.outside[name] = true
		}
	}
}

// anyOutside tells whether a name of a domain has a public address.
func (h *hosts) anyOutside(domain string) bool {
	for name := range h.outside {
		if name == domain || strings.HasSuffix(name, "."+domain) {
			return true
		}
	}
	return false
}

func isInternal(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a != metadata && slices.ContainsFunc(internalNet, func(p netip.Prefix) bool { return p.Contains(a) })
}

// lookedUp is the address whose name is asked for.
func lookedUp(name string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(name); err == nil {
		return a, true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if digits, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		parts := strings.Split(digits, ".")
		slices.Reverse(parts)
		a, err := netip.ParseAddr(strings.Join(parts, "."))
		return a, err == nil
	}
	digits, ok := strings.CutSuffix(name, ".ip6.arpa")
	parts := strings.Split(digits, ".")
	if !ok || len(parts) != 32 {
		return netip.Addr{}, false
	}
	slices.Reverse(parts)
	var b strings.Builder
	for i, digit := range parts {
		if i > 0 && i%4 == 0 {
			b.WriteByte(':')
		}
		b.WriteString(digit)
	}
	a, err := netip.ParseAddr(b.String())
	return a, err == nil
}

// registrable is the part of a name that somebody has registered, or "": what
// belongs to everybody is nobody's.
func registrable(name string) string {
	d, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.Trim(name, ".")))
	if err != nil {
		return ""
	}
	return d
}
