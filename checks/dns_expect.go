package checks

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"netcheck/checks/machine"
	"netcheck/profiles/value"
)

// expected is what a check's values are held to. It knows no more than the
// check and this machine's addresses.
type expected struct {
	rtype  string
	equals []string       // in one form; empty: anything
	isOwn  bool           // own-public-ip is one of them
	own    []netip.Addr   // what that stands for: this machine's
	seen   []netip.Addr   // and as which its line is seen from outside
	within []value.Prefix // empty: anywhere
}

func (d *dnsCheck) expectation(own func() []netip.Addr) *expected {
	e := &expected{rtype: strings.ToUpper(d.Type), within: d.Within}
	for _, v := range d.Equals {
		if v == ownPublicIP {
			e.isOwn, e.own = true, own()
		} else {
			e.equals = append(e.equals, e.normal(v))
		}
	}
	return e
}

// publicAddrs lists this machine's own public addresses.
func publicAddrs() []netip.Addr {
	all, err := machine.Addresses()
	if err != nil {
		return nil
	}
	var public []netip.Addr
	for _, a := range all {
		if isPublic(a.Prefix.Addr()) {
			public = append(public, a.Prefix.Addr())
		}
	}
	return public
}

// unknown says why the values can't be judged, or "": a machine behind a
// router that translates does not know its line's address.
func (e *expected) unknown(values []string) string {
	if !e.isOwn {
		return ""
	}
	for _, v := range values {
		a, err := netip.ParseAddr(v)
		sameFamily := func(o netip.Addr) bool { return o.Is4() == a.Is4() }
		if err == nil && !slices.Contains(e.equals, v) && !slices.ContainsFunc(e.own, sameFamily) {
			if i := slices.IndexFunc(e.seen, sameFamily); i >= 0 {
				if e.seen[i] == a {
					continue
				}
				return fmt.Sprintf("the name leads to %s, and from outside this line is seen as %s: the record is out of date, or it is of another line of the shop's", v, e.seen[i])
			}
			family := "IPv4"
			if a.Is6() {
				family = "IPv6"
			}
			return fmt.Sprintf("the name leads to %s; whether that is this line's address can't be told from here: no interface of this machine has a public %s address, and no helper outside (--vantage) told it", v, family)
		}
	}
	return ""
}

// stranger is a value of a family of which no interface of this machine shows
// the line's address; invalid: there is none.
func (e *expected) stranger(values []string, ipv6 bool) netip.Addr {
	if slices.ContainsFunc(e.own, func(o netip.Addr) bool { return o.Is6() == ipv6 }) {
		return netip.Addr{}
	}
	for _, v := range values {
		if a, err := netip.ParseAddr(v); err == nil && a.Is6() == ipv6 && !slices.Contains(e.equals, v) {
			return a
		}
	}
	return netip.Addr{}
}

// misses says in what the values are not as expected, or "".
func (e *expected) misses(values []string) string {
	for _, v := range values {
		a, err := netip.ParseAddr(v)
		if err == nil && len(e.within) > 0 && !slices.ContainsFunc(e.within, func(p value.Prefix) bool { return p.Contains(a) }) {
			return fmt.Sprintf("the answer %s does not lie within %s", v, list(e.within))
		}
	}
	if len(e.equals) == 0 && !e.isOwn {
		return ""
	}
	counted := e.counted(values)
	for _, v := range counted {
		a, err := netip.ParseAddr(v)
		mine := err == nil && (slices.Contains(e.own, a) || slices.Contains(e.seen, a))
		if !mine && !slices.ContainsFunc(e.equals, func(w string) bool { return e.same(v, w) }) {
			return fmt.Sprintf("the answer is %s, expected %s", v, e.describe())
		}
	}
	for _, w := range e.equals {
		if !slices.ContainsFunc(counted, func(v string) bool { return e.same(v, w) }) {
			return fmt.Sprintf("%s is not in the answer", w)
		}
	}
	if len(counted) == 0 {
		return "no answer of the expected family"
	}
	return ""
}

// counted are the values that equals is about: where the check asks for either
// family, those of the families that it names.
func (e *expected) counted(values []string) []string {
	var out []string
	for _, v := range values {
		v = e.normal(v)
		sameFamily := func(w string) bool { return strings.Contains(v, ":") == strings.Contains(w, ":") }
		if e.rtype == "" && !e.isOwn && !slices.ContainsFunc(e.equals, sameFamily) {
			continue
		}
		out = append(out, v)
	}
	return out
}

func (e *expected) describe() string {
	return strings.Join(slices.Concat(e.equals, texts(e.own), texts(e.seen)), ", ")
}

// normal is a value as it is compared: addresses in one form, names without
// case and last dot, text as it is.
func (e *expected) normal(v string) string {
	if a, err := netip.ParseAddr(v); err == nil {
		return a.String()
	}
	if e.rtype == "TXT" {
		return v
	}
	return strings.ToLower(strings.TrimSuffix(v, "."))
}

var numbered = regexp.MustCompile(`^(\d+ )+`)

// same reports whether an answer is the value expected. Of MX and SRV the host
// alone may be given, without its numbers.
func (e *expected) same(v, want string) bool {
	if v == want {
		return true
	}
	return (e.rtype == "MX" || e.rtype == "SRV") && numbered.ReplaceAllString(v, "") == want
}

func list[T fmt.Stringer](items []T) string {
	s := make([]string, len(items))
	for i, it := range items {
		s[i] = it.String()
	}
	return strings.Join(s, ", ")
}
