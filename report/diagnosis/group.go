package diagnosis

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/i18n"
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
	cause    *result.Cause
	inferred bool // from what others showed: it has not answered itself
}

// keyOf is what symptoms must share to be one finding.
func keyOf(ru *rule, d diagnosed) string {
	subject := ""
	switch at := d.cause.At; {
	case ru.subject != nil:
		subject = ru.subject(d.symptom)
	case at != nil && at.Address != "" && d.ev.ICMP != nil:
		subject = at.Address
	default:
		subject = d.host
	}
	proto := d.proto
	if subject == "" && !ru.request {
		proto = "" // the same fault, whatever was asked
	}
	return strings.Join([]string{d.check.Machine, ru.id, string(d.cause.Code), proto, subject, string(d.cause.Confidence), codes(d.cause.NotExcluded)}, "\x00")
}

func codes(cs []result.Code) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(string(c) + " ")
	}
	return b.String()
}

// merge joins what silence says of the same ports of several hosts: one rule
// of one firewall, as far as can be told.
func merge(groups []*group) []*group {
	byKey := map[string]*group{}
	return slices.DeleteFunc(groups, func(g *group) bool {
		if !g.rule.request || g.cause().At == nil || g.cause().At.Address != "" {
			return false
		}
		first := g.members[0]
		key := strings.Join([]string{
			first.check.Machine, g.rule.id, first.proto, g.ports().String(),
			string(first.cause.Confidence), codes(first.cause.NotExcluded), strings.Join(first.cause.At.Between, " "),
		}, "\x00")
		if old := byKey[key]; old != nil {
			old.members = append(old.members, g.members...)
			return true
		}
		byKey[key] = g
		return false
	})
}

// absorb gives the silence of single ports to the device that rejected others
// of the same address: devices answer only so many packets a second. A scan
// has asked its silent ports again, slowly, and is believed.
func absorb(groups []*group) []*group {
	for _, low := range groups {
		if low.members == nil || low.cause().Code != result.TCPRejected || low.members[0].ev.ICMP == nil {
			continue
		}
		answered := map[netip.Addr]int{}
		for _, d := range low.members {
			answered[d.addr]++
		}
		for _, high := range groups {
			if high == low || high.members == nil || high.cause().Code != result.TCPFiltered {
				continue
			}
			high.members = slices.DeleteFunc(high.members, func(d diagnosed) bool {
				if answered[d.addr] < limitShows || d.step.Op == result.OpScan || d.check.Machine != low.members[0].check.Machine {
					return false
				}
				own := *low.cause()
				low.members = append(low.members, diagnosed{symptom: d.symptom, cause: inferred(&own), inferred: true})
				return true
			})
			if len(high.members) == 0 {
				high.members = nil
			}
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return g.members == nil })
}

// limitShows is how many answers a device must have given before its silence
// is taken for a limit.
const limitShows = 3

// explain lets a cause of a lower layer take the symptoms that follow from it.
func explain(groups []*group) []*group {
	for _, e := range explains() {
		for _, low := range groups {
			if low.members == nil || !slices.Contains(e.low, low.rule.id) {
				continue
			}
			for _, high := range groups {
				if high.members == nil || high == low || !slices.Contains(e.high, high.cause().Code) {
					continue
				}
				high.members = slices.DeleteFunc(high.members, func(d diagnosed) bool {
					if d.check.Machine != low.members[0].check.Machine || !e.when(low.members[0].symptom, d.symptom) {
						return false
					}
					low.under = append(low.under, diagnosed{symptom: d.symptom, cause: low.explained(d.cause)})
					return true
				})
				if len(high.members) == 0 {
					high.members = nil
				}
			}
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return g.members == nil })
}

// explains lists which rules' findings explain which causes.
func explains() []explanation {
	return []explanation{
		{
			low:  []string{"no-address", "no-route", "gateway-down", "gateway-silent"},
			high: []result.Code{result.TCPFiltered, result.DNSResolverUnreachable, result.UDPNoReply, result.PathAddressDead},
			when: func(low, s *symptom) bool {
				oneWay := !low.addr.IsValid() || !s.addr.IsValid() || low.addr.Is4() == s.addr.Is4()
				return oneWay && !s.view.reached(low.addr) && !(s.addr.IsValid() && s.view.near(s.addr))
			},
		},
		{
			// Devices send only so many answers: other questions get none.
			low:  []string{"resolver-rejected", "resolver-refuses"},
			high: []result.Code{result.DNSResolverUnreachable, result.DNSSlow},
			when: func(low, s *symptom) bool { return low.addr == s.addr && slices.Contains(resolverSilence, s.failure) },
		},
		{
			low:  []string{"hosts-file", "leads-here"},
			high: []result.Code{result.TCPClosed, result.TCPRefused, result.TCPFiltered, result.HostDown},
			when: func(low, s *symptom) bool { return low.host == s.host },
		},
		{
			low:  []string{"portal"},
			high: []result.Code{result.TLSNameMismatch, result.TLSUntrusted, result.TLSSelfSigned, result.TLSExpired, result.HTTPStatus, result.HTTPRedirect, result.HTTPBody, result.HTTPHeader},
			when: func(_, s *symptom) bool {
				return !passesElse(s) && !s.view.near(s.addr) && !answerGenuine(s) && str(s.step, factPublic) != "true"
			},
		},
	}
}

type explanation struct {
	low  []string
	high []result.Code
	when func(low, s *symptom) bool // by the first symptom of the low one
}

// explained is the cause of what a lower cause explains: it, as one among the
// likely, since the symptom by itself said something else.
func (g *group) explained(own *result.Cause) *result.Cause {
	c := *g.cause()
	if c.Confidence == result.Certain || c.Confidence == result.Strong {
		c.Confidence = result.Likely
	}
	c.NotExcluded, c.RuledOut = nil, nil
	for _, code := range append([]result.Code{own.Code}, own.NotExcluded...) {
		if code != c.Code && !slices.Contains(c.NotExcluded, code) {
			c.NotExcluded = append(c.NotExcluded, code)
		}
	}
	return &c
}

// cause is the group's. A rule that rejects ports is no surer than it is of
// those that were inferred; what is dead is so whatever was inferred from it.
func (g *group) cause() *result.Cause {
	for _, d := range g.members {
		if d.inferred == g.rule.request {
			return d.cause
		}
	}
	return g.members[0].cause
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
		worst = max(worst, weight(d.check))
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
		if d.check.Cause == nil {
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

// hosts are those that the group is about, in order, with what each shows.
func (g *group) hosts() []*target {
	var ts []*target
	at := map[string]*target{}
	for _, d := range g.members {
		key := d.host
		t := at[key]
		if t == nil {
			t = &target{host: d.host, proto: d.proto}
			at[key] = t
			ts = append(ts, t)
		}
		t.ports = portset.Join(t.ports, d.cover)
		if a := d.addr.String(); d.addr.IsValid() && a != d.host && d.op() != result.OpQuery && !slices.Contains(t.addresses, a) {
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

// compareWeight orders checks for whom a text speaks first.
func compareWeight(a, b *result.Check) int { return cmp.Compare(weight(b), weight(a)) }
