package diagnosis

import (
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/portset"
)

// hosts are those that the group is about, in order, with what each shows.
func (g *group) hosts() []*target {
	var ts []*target
	at := map[string]*target{}
	for _, d := range g.members {
		if d.with != nil {
			continue // its other way is told
		}
		key := d.host
		t := at[key]
		if t == nil {
			t = &target{host: d.host, proto: d.proto}
			at[key] = t
			ts = append(ts, t)
		}
		t.ports = portset.Join(t.ports, d.cover)
		if a := d.addr.String(); d.addr.IsValid() && a != d.host && !d.asksName() && !slices.Contains(t.addresses, a) {
			t.addresses = append(t.addresses, a)
			t.partly = slices.ContainsFunc(d.view.byHost[d.host], func(o netip.Addr) bool { return !slices.Contains(t.addresses, o.String()) })
		}
	}
	return ts
}

// target is a host with its ports, of one finding.
type target struct {
	host      string
	addresses []string
	partly    bool // other addresses of the host answer
	ports     portset.Set
	proto     string
}

func (t *target) String() string { return t.at(t.ports.String()) }

// short is the same for a sentence.
func (t *target) short(lang string) string { return t.at(shorten(lang, t.ports)) }

// name is the host, and its addresses where others of them are well.
func (t *target) name() string {
	if !t.partly || len(t.addresses) > maxListed {
		return t.host
	}
	return t.host + " (" + strings.Join(t.addresses, ", ") + ")"
}

func (t *target) at(ports string) string {
	switch {
	case ports == "":
		return t.host
	case strings.Contains(t.host, ":"):
		return "[" + t.host + "]:" + ports
	}
	return t.host + ":" + ports
}

// shorten is a set of ports for a sentence: one of many pieces is counted.
func shorten(lang string, set portset.Set) string {
	const shown = 4
	if len(set) <= fewPieces {
		return set.Format("-", ", ")
	}
	return i18n.T(lang, "some-ports", i18n.Data{"Count": set.Count(), "Ports": set[:shown].Format("-", ", ")})
}
