package firewall

import (
	"slices"
	"strings"

	"netcheck/report/i18n"
)

// notes are what else must be known to type the rule.
func (w *words) notes(s *Sheet, r *Rule) []string {
	var all []string
	add := func(text string) { all = append(all, text) }
	if r.Unsure {
		add(w.word("firewall.unsure"))
	}
	for _, o := range r.Only {
		add(w.only(o))
	}
	if text := w.inside(s, r); text != "" {
		add(text)
	}
	switch {
	case r.Direction != Forward || r.Block:
	case r.Listed && len(r.From.Hosts) == 0 && len(r.See) == 0:
		add(w.word("firewall.list-them"))
	case len(r.From.Hosts) == 0 && len(r.See) == 0:
		add(w.word("firewall.from-anywhere"))
	}
	if r.Data && r.Ports.empty() {
		add(w.word("firewall.data-unknown"))
	}
	if r.Whole {
		add(w.word("firewall.whole"))
	}
	if slices.ContainsFunc(r.To.Hosts, func(h string) bool { return strings.HasPrefix(h, "*") }) {
		add(w.word("firewall.wildcard"))
	}
	if r.LAN && r.Direction == In {
		add(w.word("firewall.own-too"))
	}
	if len(r.Addrs) > 0 {
		add(w.say("firewall.seen", i18n.Data{"Addresses": w.list(r.Addrs), "When": w.date(s.Measured)}))
	}
	if r.AsOf != "" {
		add(w.say("firewall.as-of", i18n.Data{"Date": w.text(r.AsOf)}))
	}
	for _, u := range r.See {
		add(w.say("firewall.see", i18n.Data{"URL": w.text(u)}))
	}
	return all
}

// only is on what a rule hangs.
func (w *words) only(o Only) string {
	values := make([]string, len(o.Values))
	for i, v := range o.Values {
		switch v {
		case "true":
			v = w.word("firewall.yes")
		case "false":
			v = w.word("firewall.no")
		}
		values[i] = w.text(v)
	}
	data := i18n.Data{"Param": w.text(o.Param), "Values": strings.Join(values, " / ")}
	switch {
	case len(values) == 0:
		return w.say("firewall.only-set", data)
	case o.Not:
		return w.say("firewall.only-not", data)
	}
	return w.say("firewall.only", data)
}
