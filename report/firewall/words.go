package firewall

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"netcheck/report"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// words are what rules say to a reader, without layout.
type words struct {
	p       *result.Profile
	lang    string // of our words
	reader  string // that was asked for, which may be one that netcheck does not speak
	unicode bool
	zone    *time.Location
}

func newWords(p *result.Profile, o report.Options) *words {
	return &words{p: p, lang: i18n.Language(o.Lang), reader: cmp.Or(o.Lang, "en"), unicode: o.Unicode, zone: cmp.Or(o.Zone, time.UTC)}
}

// text makes a text from outside fit to be shown.
func (w *words) text(s string) string {
	s = report.Clean(s)
	if !w.unicode {
		s = report.ASCII(s)
	}
	return s
}

func (w *words) word(key string) string                { return w.text(i18n.T(w.lang, key, nil)) }
func (w *words) say(key string, data i18n.Data) string { return w.text(i18n.T(w.lang, key, data)) }
func (w *words) in(t result.Text) string               { return w.text(t.In(w.reader)) }
func (w *words) list(all []string) string              { return w.text(strings.Join(all, ", ")) }
func (w *words) known(prefix, value string) string {
	if s := w.word(prefix + value); s != prefix+value {
		return s
	}
	return w.text(value)
}

func (w *words) product() string {
	s := cmp.Or(w.in(w.p.Title), w.text(w.p.ID), w.word("firewall.product"))
	if v := w.text(w.p.Vendor); v != "" {
		s += " (" + v + ")"
	}
	return s
}

// minute and date are a time in the reader's zone; "" for one that nobody knows.
func (w *words) minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return i18n.Minute(w.lang, t.In(w.zone))
}

func (w *words) date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return i18n.Date(w.lang, t.In(w.zone))
}

// heading begins a text with a capital, where it begins with our word for a
// product without a name: a name is written as its owner writes it.
func (w *words) heading(s string) string {
	if !strings.HasPrefix(s, w.word("firewall.product")) {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// machine is a machine by its part in the product.
func (w *words) machine(role string) string {
	for _, r := range w.p.Roles {
		if r.ID == role {
			return cmp.Or(w.in(r.Title), w.text(role))
		}
	}
	if role == "" {
		return w.word("firewall.machine")
	}
	return w.text(role)
}

func (w *words) feature(id string) string {
	for _, f := range w.p.Features {
		if f.ID == id {
			return cmp.Or(w.in(f.Title), w.text(id))
		}
	}
	return w.text(id)
}

// direction is a rule's, from the sheet's point of view.
func (w *words) direction(r *Rule) string {
	key := "firewall." + string(r.Direction)
	if r.Direction == Out && r.LAN {
		key = "firewall.out-lan"
	}
	s := w.word(key)
	if r.Block {
		s = w.say("firewall.blocked", i18n.Data{"Direction": s})
	}
	return s
}

// from is who begins the connections.
func (w *words) from(s *Sheet, r *Rule) string {
	switch {
	case r.From.Unsaid:
		return w.word("firewall.unsaid")
	case r.From.Internet && len(r.From.Hosts) > 0:
		return w.list(r.From.Hosts)
	case r.From.Internet && r.Block && r.Listed, r.From.Internet && r.Block:
		return w.word("firewall.others")
	case r.From.Internet && len(r.See) > 0:
		return w.word("firewall.listed")
	case r.From.Internet && r.Listed:
		return w.word("firewall.vendor")
	case r.From.Internet:
		return w.word("firewall.internet")
	}
	return w.party(s, r.From)
}

// to is who is contacted: of calls from the internet the address that they are
// made to, and where they are to end.
func (w *words) to(s *Sheet, r *Rule) string {
	switch {
	case r.Direction == Forward && len(r.PublicAt.String()) > 0:
		public := w.word("firewall.public")
		if len(r.Public) > 0 {
			public = w.list(r.Public)
		}
		return public
	case r.To.DNS:
		return w.word("firewall.resolvers")
	}
	return w.party(s, r.To)
}

// inside is where calls from the internet are handed on to.
func (w *words) inside(s *Sheet, r *Rule) string {
	if r.Direction != Forward || r.Block || len(r.To.Roles) == 0 && len(r.To.Hosts) == 0 {
		return ""
	}
	to := w.party(s, r.To)
	if r.Ports.empty() {
		return w.say("firewall.handed", i18n.Data{"To": to})
	}
	return w.say("firewall.handed-port", i18n.Data{"To": to, "Proto": w.protocol(r.Proto), "Ports": w.text(r.Ports.String())})
}

func (w *words) party(s *Sheet, p Party) string {
	var names []string
	for _, role := range p.Roles {
		at := p.Hosts
		if len(at) == 0 {
			at = s.At[role]
		}
		name := w.machine(role)
		if len(at) > 0 {
			name += " (" + w.hosts(at) + ")"
		}
		names = append(names, name)
	}
	if len(p.Roles) == 0 {
		return w.hosts(p.Hosts)
	}
	return strings.Join(names, ", ")
}

// host is a name or an address, or the word for one that is known to others.
func (w *words) host(h string) string {
	if h == result.OwnPublicIP {
		return w.word("own-public-ip")
	}
	return w.text(h)
}

func (w *words) hosts(all []string) string {
	shown := make([]string, len(all))
	for i, h := range all {
		shown[i] = w.host(h)
	}
	return strings.Join(shown, ", ")
}

// service is protocol and ports, as one types them.
func (w *words) service(r *Rule) string {
	ports := w.ports(r)
	return w.protocol(r.Proto) + " " + ports
}

func (w *words) ports(r *Rule) string {
	p := r.Ports
	if r.Direction == Forward && !r.PublicAt.empty() {
		p = r.PublicAt
	}
	switch {
	case p.empty():
		return w.word("firewall.ports-unknown")
	case r.Part:
		return w.say("request.partly", i18n.Data{"Ports": w.text(p.String())})
	}
	return w.text(p.String())
}

func (w *words) protocol(p string) string { return strings.ToUpper(w.text(p)) }

// app is what is spoken there, and by which way.
func (w *words) app(r *Rule) string {
	var parts []string
	switch {
	case r.IsProxy:
		parts = append(parts, w.word("firewall.proxy"))
	case r.Data:
		parts = append(parts, w.say("firewall.data", i18n.Data{"App": w.list(r.Apps)}))
	case len(r.Apps) > 0:
		parts = append(parts, w.list(r.Apps))
	}
	if r.Direction == Out && !r.To.DNS && !r.IsProxy {
		proxy := w.list(r.Proxies)
		switch {
		case r.Policy == "required":
			parts = append(parts, w.say("firewall.by-proxy", i18n.Data{"Proxy": proxy}))
		case r.Policy == "unsupported":
			parts = append(parts, w.word("firewall.no-proxy"))
		case r.Policy == "allowed":
			parts = append(parts, w.say("firewall.any-way", i18n.Data{"Proxy": proxy}))
		}
	}
	return strings.Join(parts, i18n.Semicolon(w.lang))
}

// why is what the rule is for.
func (w *words) why(r *Rule) string {
	if r.IsProxy {
		return w.word("firewall.proxy-why")
	}
	if r.To.DNS {
		return w.say("firewall.dns-why", i18n.Data{"Names": w.list(r.Names)})
	}
	var titles, features []string
	for _, t := range r.Why {
		if s := w.in(t); s != "" && !slices.Contains(titles, s) {
			titles = append(titles, s)
		}
	}
	if len(titles) == 0 {
		titles = append(titles, w.list(r.Checks))
	}
	for _, id := range r.Features {
		features = append(features, w.feature(id))
	}
	s := strings.Join(titles, ", ")
	if len(features) > 0 {
		s += " (" + strings.Join(features, ", ") + ")"
	}
	return s
}

// owner is whose business the rule is.
func (w *words) owner(r *Rule) string {
	return w.known("firewall.act.", cmp.Or(r.Act, "customer-network"))
}
