package firewall

import (
	"cmp"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// A letter is blocks, which each format lays out in its own way.
type block struct {
	kind  blockKind
	label string // of an item
	text  string
	items []string // of a list below the text
}

type blockKind int

const (
	paragraph blockKind = iota
	subject             // begins a letter
	addressee           // whom it goes to
	request             // what is asked for
	item                // what is said of it
)

// letters are a letter to each of those who must act.
func (w *words) letters(l *Letter) []block {
	if len(l.Points) == 0 {
		return w.nothing(l)
	}
	var all []block
	for _, who := range l.recipients() {
		var points []*Point
		for i := range l.Points {
			if l.Points[i].act() == who {
				points = append(points, &l.Points[i])
			}
		}
		data := i18n.Data{"Product": w.product(), "Count": len(points)}
		intro := "firewall.letter.intro-unsure"
		if slices.ContainsFunc(points, func(p *Point) bool { return !p.Rule.Unsure }) {
			intro = "firewall.letter.intro"
		}
		all = append(all,
			block{kind: subject, text: w.heading(w.say("firewall.letter.subject", data))},
			block{kind: addressee, label: w.word("firewall.letter.to"), text: w.known("firewall.act.", who)},
			block{text: w.word("firewall.letter.greeting")},
			block{text: w.say(intro, data)},
		)
		if l.Part {
			all = append(all, block{text: w.word("firewall.part")})
		}
		for n, p := range points {
			all = append(all, w.point(l, p, n+1)...)
		}
		all = append(all, block{text: w.say("firewall.letter.after", data)}, block{text: w.say("firewall.letter.tool", i18n.Data{
			"Version": w.text(l.Report.Tool.Version), "ID": w.text(l.Report.Profile.ID), "Revision": w.text(l.Report.Profile.Revision), "Part": l.Part,
		})}, block{text: w.word("firewall.letter.regards")})
	}
	return all
}

func (p *Point) act() string { return cmp.Or(p.Rule.Act, "customer-network") }

// recipients are who must act, in the order of what is gravest.
func (l *Letter) recipients() (all []string) {
	for i := range l.Points {
		all = union(all, filled(l.Points[i].act()))
	}
	return all
}

// nothing says that there is nothing to ask for, and what that does not mean.
func (w *words) nothing(l *Letter) []block {
	product := i18n.Data{"Product": w.product()}
	all := []block{
		{kind: subject, text: w.heading(w.say("firewall.letter.nothing", product))},
		{text: w.say("firewall.letter.nothing-of", i18n.Data{"When": w.minute(l.Report.Started)})},
	}
	if l.Part {
		all = []block{{kind: subject, text: w.heading(w.say("firewall.letter.nothing-known", product))}, {text: w.word("firewall.letter.nothing-part")}}
	}
	if l.Failed > 0 {
		all = append(all, block{text: w.say("firewall.letter.failed", i18n.Data{"Count": l.Failed})})
	}
	if l.Open > 0 {
		all = append(all, block{text: w.say("firewall.letter.open", i18n.Data{"Count": l.Open})})
	}
	return all
}

// point is what is asked for, and all that gives reason to.
func (w *words) point(l *Letter, p *Point, n int) []block {
	all := []block{{kind: request, text: w.say("firewall.letter.point", i18n.Data{"Number": n, "Ask": w.ask(p)})}}
	add := func(key, text string, items ...string) {
		if text != "" || len(items) > 0 {
			all = append(all, block{kind: item, label: w.word("firewall.letter." + key), text: text, items: items})
		}
	}
	f := p.Finding
	if p.Rule.Unsure {
		add("unsure", w.word("firewall.letter.unsure-why"))
	}
	if r := &p.Rule; r.Direction == Forward && len(r.From.Hosts) == 0 && len(r.See) == 0 {
		add("callers", w.word("firewall.from-anywhere"))
	}
	add("seen", sentence(w.text(f.Summary)))
	if len(p.Passes) > 0 {
		add("passes", w.say("firewall.letter.passes-what", i18n.Data{"Proto": w.protocol(p.Rule.Proto), "Ports": p.Passes.Format("-", ", ")}))
	}
	add("machine", w.device(p.Machine))
	add("when", w.minute(p.When))
	add("for", w.why(&p.Rule))
	var means []string
	for _, t := range p.Means {
		means = append(means, sentence(w.in(t)))
	}
	add("means", strings.Join(means, " "))
	var measured []string
	for _, e := range f.Evidence {
		measured = append(measured, sentence(w.text(e)))
	}
	add("measured", "", measured...)
	add("sure", w.sure(f))
	if len(p.Rule.Addrs) > 0 {
		add("address", w.say("firewall.letter.address-what", i18n.Data{"Addresses": w.list(p.Rule.Addrs), "When": w.date(p.When)}))
	}
	var see []string
	for _, u := range p.Rule.See {
		see = append(see, w.text(u))
	}
	add("see", strings.Join(see, " "))
	return all
}

// ask is the rule as a sentence.
func (w *words) ask(p *Point) string {
	r := &p.Rule
	key := "firewall.letter.allow"
	data := i18n.Data{"App": w.list(r.Apps), "Proto": w.protocol(r.Proto), "Ports": w.text(r.Ports.String()), "From": w.hosts(r.From.Hosts), "To": w.hosts(r.To.Hosts), "Part": r.Part}
	if r.Direction == Forward {
		key = "firewall.letter.let-in"
		if p.Finding.Request.Action == "forward" {
			key = "firewall.letter.forward"
		}
		data["Ports"] = w.text(r.PublicAt.String())
		data["Inside"] = ""
		data["Listed"] = len(r.See) > 0
		if r.Ports.String() != r.PublicAt.String() {
			data["Inside"] = w.text(r.Ports.String())
		}
	}
	return w.say(key, data)
}

// device is the machine that it was seen from.
func (w *words) device(m *result.Machine) string {
	s := cmp.Or(w.text(m.Name), w.text(m.ID))
	if m.Role != "" {
		s += " (" + w.machine(m.Role) + ")"
	}
	at := slices.DeleteFunc(slices.Clone(m.Addresses), func(a string) bool {
		p, ok := prefix(a)
		return ok && p.Addr().IsLinkLocalUnicast() // says nothing to anybody further away
	})
	if len(at) > 0 {
		s += ", " + w.list(at[:min(len(at), 4)])
	}
	if m.OS != "" {
		s += ", " + w.text(m.OS)
	}
	return s
}

// sure is how sure it is, and what else it may be.
func (w *words) sure(f *result.Finding) string {
	s := w.known("confidence.", string(f.Confidence))
	var others []string
	for _, code := range f.NotExcluded {
		if o := w.known("code.", string(code)); !slices.Contains(others, o) {
			others = append(others, o)
		}
	}
	if len(others) == 0 {
		return sentence(s)
	}
	return sentence(w.say("firewall.letter.sure-but", i18n.Data{"Sure": s, "Others": strings.Join(others, ", ")}))
}

// sentence ends a text as one.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, ".)") {
		return s
	}
	return s + "."
}
