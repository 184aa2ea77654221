package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// group is what becomes one finding: symptoms that a rule explains alike.
type group struct {
	rule    *rule
	id      string
	members []diagnosed
	under   []diagnosed // symptoms of higher layers that this explains
}

// diagnosed is a symptom and its cause.
type diagnosed struct {
	*symptom
	rule     *rule // that said so
	cause    *result.Cause
	inferred bool       // from what others showed: it has not answered itself
	with     *diagnosed // the symptom of the check's other way that this is one with; nil: none
}

// keyOf is what symptoms must share to be one finding.
func keyOf(ru *rule, d diagnosed) string {
	if d.with != nil {
		return keyOf(d.with.rule, *d.with)
	}
	subject := ""
	switch at := d.cause.At; {
	case ru.subject != nil:
		subject = ru.subject(d.symptom)
	case ru.gathers && at != nil:
		subject = placeKey(at)
	case at != nil && at.Address != "" && d.ev.ICMP != nil:
		subject = at.Address
	default:
		subject = d.host
	}
	proto := d.proto
	if subject == "" && !ru.request || strings.HasPrefix(string(d.cause.Code), "dns.") || strings.HasPrefix(string(d.cause.Code), "local.") && !ru.request {
		proto = "" // the same fault, whatever was asked; names have no protocol of their own, and this machine's link neither
	}
	return strings.Join([]string{d.check.Machine, cmp.Or(ru.like, ru.id), string(d.cause.Code), proto, subject, string(d.cause.Confidence), codes(d.cause.NotExcluded)}, "\x00")
}

func codes(cs []result.Code) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(string(c) + " ")
	}
	return b.String()
}

// cause is the group's: what was said of ports by themselves. Where that is of
// few of them, or the silent ones were not asked again, a rule that rejects
// ports is no surer than it is of those that were inferred; what is dead is so
// whatever was inferred from it.
func (g *group) cause() *result.Cause {
	answered := g.answered().Count()
	inferred := g.rule.request && 2*answered < g.ports().Count() && (answered < limitShows || g.absorbed())
	for _, d := range g.members {
		if d.inferred == inferred {
			return d.cause
		}
	}
	return g.members[0].cause
}

// absorbed tells whether it has ports of which only this diagnosis infers what
// they are, and not the probe, which asked some of them again.
func (g *group) absorbed() bool {
	return slices.ContainsFunc(g.members, func(d diagnosed) bool { return d.inferred && (d.res == nil || !d.res.Inferred) })
}

// answered are the ports that were not inferred, where others were.
func (g *group) answered() portset.Set {
	var sets []portset.Set
	for _, d := range g.members {
		if !d.inferred {
			sets = append(sets, d.ports)
		}
	}
	if len(sets) == len(g.members) {
		return nil
	}
	return portset.Join(sets...)
}

// inferred is the cause of a port that did not answer by itself.
func inferred(c *result.Cause) *result.Cause {
	lesser := *c
	if lesser.Confidence == result.Certain || lesser.Confidence == result.Strong {
		lesser.Confidence = result.Likely
	}
	if !slices.Contains(c.NotExcluded, result.TCPFiltered) {
		lesser.NotExcluded = append(slices.Clone(c.NotExcluded), result.TCPFiltered)
	}
	return &lesser
}

// all are the group's own symptoms and those it explains.
func (g *group) all() []diagnosed { return slices.Concat(g.members, g.under) }

// ports are all that the group's own symptoms are about.
func (g *group) ports() portset.Set {
	var sets []portset.Set
	for _, d := range g.members {
		sets = append(sets, d.cover)
	}
	return portset.Join(sets...)
}

// sampled tells whether not all of these ports were asked.
func (g *group) sampled() bool {
	return slices.ContainsFunc(g.members, func(d diagnosed) bool {
		declared, _ := portset.Sampled(d.check, d.addr.String())
		return declared != nil
	})
}

// tries is how many of how many ports were asked, of the first host.
func (g *group) tries() (asked, declared int) {
	all, some := portset.Sampled(g.members[0].check, g.members[0].addr.String())
	return some.Count(), all.Count()
}

// wanted are the ports of a rule that lets the product through: where they lie
// scattered, as where some packets get lost, all that the product needs from
// the first of them to the last.
func (g *group) wanted() portset.Set {
	ports := g.ports()
	if len(ports) <= fewPieces {
		return ports
	}
	needs := []portset.Set{ports}
	for _, d := range g.members {
		for i := range d.check.Steps {
			if s := &d.check.Steps[i]; s.Op == result.OpScan {
				needs = append(needs, portset.Parse(str(s, factScanned)))
			}
		}
	}
	return portset.Join(needs...).And(portset.Set{{First: ports[0].First, Last: ports[len(ports)-1].Last}})
}

// fewPieces is how many ranges of ports one takes in.
const fewPieces = 8

// gravity orders findings: what a required check failed for comes first, then
// what is surer.
func (g *group) gravity() int {
	worst := 0
	for _, d := range g.all() {
		c := *d.check
		if d.beside {
			c.Verdict = result.Warn
		}
		worst = max(worst, weight(&c))
	}
	return worst*10 + sureness(g.cause().Confidence)
}

// weight is how much a check's verdict matters.
func weight(c *result.Check) int {
	of := map[result.Verdict]int{result.Fail: 3, result.Inconclusive: 2, result.Warn: 1}
	return of[c.Verdict]*4 + c.Level.Weight() + 1
}

func sureness(c result.Confidence) int {
	return slices.Index([]result.Confidence{result.Hint, result.Likely, result.Strong, result.Certain}, c)
}

// blame writes the causes into the results and checks that the group explains.
// Groups come gravest first: a check keeps its first cause.
func (g *group) blame() {
	for _, d := range g.all() {
		if d.res != nil {
			d.res.Cause = d.cause
		}
		if d.check.Cause == nil && !d.beside {
			d.check.Cause = d.cause
		}
	}
}

// mark points the checks to the group's finding.
func (g *group) mark() {
	for _, d := range g.all() {
		if !slices.Contains(d.check.Findings, g.id) {
			d.check.Findings = append(d.check.Findings, g.id)
		}
	}
}

// level is the gravest among the checks that the group explains.
func (g *group) level() result.Level {
	l := g.members[0].check.Level
	for _, d := range g.all() {
		if d.check.Level.Weight() > l.Weight() {
			l = d.check.Level
		}
	}
	return l
}

// compareWeight orders checks for whom a text speaks first.
func compareWeight(a, b *result.Check) int { return cmp.Compare(weight(b), weight(a)) }
