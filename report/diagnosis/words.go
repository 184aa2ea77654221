package diagnosis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// words chooses and fills the texts of a finding.
type words struct {
	g       *group
	lang    string
	outside string // the command that tests from outside, if the profile has a role there
}

// text is the rule's text of a sort, else its cause's.
func (w words) text(sort string) string {
	key := "rule." + w.g.rule.id + "." + sort
	if !i18n.Has(key) {
		key = "cause." + string(w.g.cause().Code) + "." + sort
	}
	if !i18n.Has(key) {
		return ""
	}
	data := w.data()
	if sort == "summary" {
		data["Ports"] = w.said(w.g.ports()) // what was seen, not what is wanted
	}
	return i18n.T(w.lang, key, data)
}

// data is what the texts of rules may speak of.
func (w words) data() i18n.Data {
	g := w.g
	first := g.members[0]
	d := i18n.Data{
		"Code":        string(g.cause().Code),
		"Target":      w.targets(),
		"Host":        w.list(g.names()),
		"Ports":       shorten(w.lang, g.wanted()),
		"Proto":       strings.ToUpper(first.proto),
		"Checks":      w.list(titles(g.checks(), w.lang)),
		"Name":        "",
		"Machine":     w.machine(),
		"Gateway":     "",
		"Family":      "",
		"Private":     false,
		"Device":      "",
		"Words":       "",
		"Address":     "",
		"Status":      str(first.step, factStatus),
		"Statuses":    w.statuses(),
		"Issuer":      readable(str(first.step, factIssuer)),
		"Subject":     readable(str(first.step, factSubject)),
		"From":        dateOf(w.lang, str(first.step, factNotBefore)),
		"Till":        dateOf(w.lang, str(first.step, factNotAfter)),
		"Saw":         i18n.Said(w.lang, first.check.Detail),
		"Answers":     quoted(first.step, factAnswers),
		"Expected":    w.expected(),
		"Said":        i18n.T(w.lang, "failure."+string(first.failure), nil),
		"Wanted":      w.list(g.certificateNames()),
		"Names":       cmp.Or(str(first.step, factNames), g.subjectName()),
		"Owner":       "",
		"AtGateway":   false,
		"Behind":      false,
		"Off":         "",
		"See":         g.rule.see,
		"Speaks":      strings.ToUpper(str(first.step, factProtocol)),
		"Fingerprint": cmp.Or(str(first.step, factKeysSeen), str(first.step, factFingerprint)),
		"Methods":     str(first.step, factMethods),
		"Path":        str(first.step, factPath),
		"Failure":     string(first.failure),
		"Cut":         cut(first.symptom),
		"Aside":       first.view.aside(),
		"Some":        saidSome(first.symptom),
	}
	by := inspectedBy(str(first.step, factIssuer))
	d["Product"], d["Local"] = by.name, by.local || g.cause().At != nil && g.cause().At.Owner == result.ThisMachine
	w.pathData(d)
	w.ftpData(d)
	w.fileData(d)
	w.accountData(d)
	w.askedData(d)
	w.inboundData(d)
	w.jointData(d)
	maps.Copy(d, first.proxyData(w.lang))
	if first.addr.IsValid() {
		d["Address"] = first.addr.String()
		d["Private"] = first.addr.IsPrivate() || first.addr.IsLinkLocalUnicast() || first.view.near(first.addr)
	}
	if gw := first.view.gatewayFor(first.addr); gw.IsValid() {
		d["Gateway"] = gw.String()
	}
	if first.addr.Is6() || first.addr.Is4() && len(first.view.hosts) > 0 {
		d["Family"] = byFamily(first.symptom)
	}
	if _, isAddress := address(first.host); !isAddress && first.host != "localhost" {
		d["Name"] = first.host
	}
	if m := first.ev.ICMP; m != nil {
		d["Device"], d["Words"] = m.From, icmpWords(w.lang, m)
		from, _ := address(m.From)
		d["AtGateway"] = first.view.isGateway(from)
	}
	if at := g.cause().At; at != nil && at.Owner != "" && at.Owner != result.UnknownOwner && at.Owner != result.Destination {
		d["Owner"] = i18n.T(w.lang, "owner."+string(at.Owner), nil)
	}
	if ahead, hosts := first.view.skew(); len(hosts) > 0 {
		d["Off"], d["Behind"] = span(w.lang, ahead), ahead > 0
	}
	return d
}

// machine is this machine's address as it is seen at the place, or the words
// for it.
func (w words) machine() string {
	if w.g.beyondNAT() {
		return i18n.T(w.lang, "own-public-ip", nil)
	}
	if a := w.g.members[0].local(); a != thisMachine {
		return a
	}
	return i18n.T(w.lang, "owner.this-machine", nil)
}

// icmpWords is what a device said, in words.
func icmpWords(lang string, m *result.ICMP) string {
	if key := "icmp." + m.Name; i18n.Has(key) {
		return i18n.T(lang, key, nil)
	}
	return strings.ReplaceAll(m.Name, "-", " ")
}

// names are the hosts of a group.
func (g *group) names() []string {
	var ns []string
	for _, t := range g.hosts() {
		if t.host != "" {
			ns = append(ns, t.name())
		}
	}
	return ns
}

// targets are the hosts and ports of a group in one phrase: the ports once
// where all hosts have the same.
func (w words) targets() string {
	hosts := w.g.hosts()
	ports := w.g.ports()
	if ports.Count() == 0 {
		return w.list(w.g.names())
	}
	same := !slices.ContainsFunc(hosts, func(t *target) bool { return t.ports.String() != ports.String() })
	proto := strings.ToUpper(w.g.members[0].proto)
	if !same {
		var ss []string
		for _, t := range hosts {
			ss = append(ss, t.short(w.lang))
		}
		return w.list(ss)
	}
	return i18n.T(w.lang, "on-ports", i18n.Data{"Host": w.list(w.g.names()), "Proto": proto, "Ports": w.said(ports)})
}

// expected is where the profile expects a name to lead.
func (w words) expected() string {
	var all []string
	fields := w.g.members[0].check.Spec.Fields
	for _, key := range []string{"equals", "within"} {
		values, ok := fields[key].([]any)
		if !ok && fields[key] != nil {
			values = []any{fields[key]}
		}
		for _, v := range values {
			s := fmt.Sprint(v)
			if s == result.OwnPublicIP {
				s = i18n.T(w.lang, "own-public-ip", nil)
			}
			all = append(all, s)
		}
	}
	return w.list(all)
}

// statuses are those that the checks expect of an HTTP answer, where all expect
// the same.
func (w words) statuses() string {
	var all []string
	for _, c := range w.g.checks() {
		var expected []string
		switch v := c.Spec.Fields["status"].(type) {
		case []any:
			for _, s := range v {
				expected = append(expected, fmt.Sprint(s))
			}
		case []string:
			expected = v
		case nil:
		default:
			expected = []string{fmt.Sprint(v)}
		}
		if len(expected) == 0 || slices.Contains(expected, "any") {
			return ""
		}
		if s := strings.Join(expected, ", "); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

// certificateFor is the name that a certificate was to be for.
func certificateFor(s *symptom) string {
	for i := range s.check.Steps {
		st := &s.check.Steps[i]
		if name := str(st, factWanted); name != "" && (hostOf(s.check, st) == s.host || str(s.step, factPeer) == str(st, factPeer)) {
			return name
		}
	}
	return s.host
}

// certificateNames are the names that the group's servers are asked for.
func (g *group) certificateNames() []string {
	var names []string
	for _, d := range g.members {
		if name := certificateFor(d.symptom); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// subjectName is whom a certificate that lists no names is for. What it says
// under the very name that it should be for does not count as one: it is told
// as it stands.
func (g *group) subjectName() string {
	dn := str(g.members[0].step, factSubject)
	if name := readable(dn); !slices.Contains(g.certificateNames(), name) {
		return name
	}
	return dn
}

// said is a set of ports in a sentence about what they showed.
func (w words) said(ports portset.Set) string {
	s := shorten(w.lang, ports)
	if w.g.sampled() {
		s = i18n.T(w.lang, "sampled", i18n.Data{"Ports": s})
	}
	return s
}

// list joins a few things with commas and "and".
func (w words) list(all []string) string {
	return list(w.lang, all)
}

func list(lang string, all []string) string {
	switch n := len(all); {
	case n == 0:
		return ""
	case n == 1:
		return all[0]
	case n <= maxListed:
		return i18n.T(lang, "list.last", i18n.Data{"Others": strings.Join(all[:n-1], ", "), "Last": all[n-1]})
	default:
		return i18n.T(lang, "list.more", i18n.Data{"Some": strings.Join(all[:maxListed-1], ", "), "Count": n - maxListed + 1})
	}
}

func titles(cs []*result.Check, lang string) []string {
	var ts []string
	for _, c := range cs {
		t := cmp.Or(c.Spec.Title.In(lang), c.Title, c.ID)
		if !slices.Contains(ts, t) {
			ts = append(ts, t)
		}
	}
	return ts
}

// remedy is what the product's profile says to do, then what is to be done in
// any case. A text for this very cause makes the general one superfluous. What
// the profile says of a check in general is about what that check tests, and
// would mislead where the fault lies beneath it: no rule for port 443 helps a
// machine whose cable is out.
func (w words) remedy() string {
	var texts []string
	add := func(t string) {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(texts, t) && len(texts) < maxListed {
			texts = append(texts, t)
		}
	}
	own := false
	if w.g.members[0].joint != nil {
		add(strings.TrimSpace(w.text("remedy") + " " + w.onceMore())) // what the profile says is for who knows one machine only
	}
	code := w.g.cause().Code
	for _, c := range w.g.checks() {
		if t := c.Spec.OnCause[code].In(w.lang); t != "" {
			add(t)
			own = true
		} else if !beneath(code) && w.g.members[0].joint == nil {
			add(c.Spec.Remedy.In(w.lang))
		}
	}
	if !own && w.g.members[0].joint == nil {
		add(strings.TrimSpace(w.text("remedy") + " " + cmp.Or(w.otherServer(), w.again(), w.behindProxy(), w.perhapsProxy())))
	}
	return strings.Join(texts, "\n")
}

// beneath tells the causes that lie below whatever a profile asks for: this
// machine, its link and its way to ask for names.
func beneath(c result.Code) bool {
	return strings.HasPrefix(string(c), "local.") || c == result.DNSResolverUnreachable
}
