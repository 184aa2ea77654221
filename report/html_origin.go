package report

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"netcheck/report/i18n"
)

// origin says in the head of the page who made the report, where and by what.
func (p *page) origin() []labelled {
	r := p.r
	var rows []labelled
	add := func(key string, texts ...string) {
		if texts = filled(texts...); len(texts) > 0 {
			rows = append(rows, labelled{Label: p.word(key), Texts: texts})
		}
	}
	add("html.took", p.duration(r.Duration))
	if !p.merged() {
		for i := range r.Machines {
			add("html.machine", strings.Join(filled(p.text(r.Machines[i].Name), p.text(r.Machines[i].OS)), ", "))
		}
	}
	for i := range r.Machines {
		m := &r.Machines[i]
		if !p.merged() {
			break
		}
		what := filled(p.text(m.Name))
		if m.Run != nil {
			what = append(what, p.minute(m.Run.Started))
			if !m.Run.Complete && !m.Run.FollowupsCut {
				what = append(what, p.word("terminal.cut-short"))
			}
		}
		rows = append(rows, labelled{Label: p.machine(m.ID), Texts: []string{strings.Join(what, ", ")}})
	}
	add("html.made-by", p.program())
	profile := p.text(r.Profile.ID)
	if r.Profile.Revision != "" {
		profile = p.say("html.revision", i18n.Data{"Profile": profile, "Revision": p.text(r.Profile.Revision)})
	}
	add("html.profile", profile, p.text(r.Profile.Vendor))
	if r.Profile.SHA256 != "" {
		rows = append(rows, labelled{Label: p.word("html.hash"), Texts: []string{p.text(r.Profile.SHA256)}, Code: true})
	}
	return rows
}

// circumstances are what support asks next: the machines and the values given.
func (p *page) circumstances() ([]facts, []labelled) {
	var machines []facts
	for i := range p.r.Machines {
		m := &p.r.Machines[i]
		f, gateways := facts{}, m.Gateways
		if len(gateways) == 0 {
			gateways = []string{m.Gateway}
		}
		if p.merged() {
			f.Name = p.machine(m.ID)
		}
		for _, row := range []struct {
			label  string
			values []string
		}{
			{p.word("html.machine"), []string{m.Name}},
			{p.word("html.system"), []string{m.OS}},
			{p.word("html.addresses"), m.Addresses},
			{p.word("html.gateway"), gateways},
			{p.word("html.resolvers"), m.Resolvers},
			{p.word("html.proxy"), []string{m.Proxy}},
			{p.word("html.proxy-script"), []string{m.ProxyScript}},
		} {
			var texts []string
			for _, v := range row.values {
				texts = append(texts, filled(p.text(v))...)
			}
			if len(texts) > 0 {
				f.Rows = append(f.Rows, labelled{Label: row.label, Texts: texts})
			}
		}
		for _, fact := range p.furtherFacts(m) {
			f.Rows = append(f.Rows, labelled{Label: capital(fact[0]), Texts: []string{fact[1]}})
		}
		if len(f.Rows) > 0 {
			machines = append(machines, f)
		}
	}
	var params []labelled
	for _, name := range slices.Sorted(maps.Keys(p.r.Params)) {
		params = append(params, labelled{Label: p.text(name), Texts: []string{p.text(fact(p.r.Params[name]))}})
	}
	return machines, params
}

// capital is a word as it begins a line.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
