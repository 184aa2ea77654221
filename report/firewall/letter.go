package firewall

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// Letter is what a report gives reason to ask of whoever runs a firewall.
type Letter struct {
	Report *result.Report // diagnosed in the reader's language
	Role   string         // of the machine that it is narrowed to; "": all
	Points []Point
	Part   bool // the report is not whole: nobody knows what else was held up

	Failed int // checks that failed for other reasons
	Open   int // checks of which nobody knows
}

// Point is one thing to ask for.
type Point struct {
	Rule    Rule
	Finding *result.Finding
	Machine *result.Machine
	When    time.Time
	Passes  portset.Set // ports of the same hosts that were not held up
	Means   []result.Text
}

// Ask takes from a report what it saw held up on the way, by something that a rule
// would let it pass: what the other end itself refuses is not among it.
func Ask(r *result.Report, role string) *Letter {
	l := &Letter{Report: r, Role: role, Part: r.Lost != nil || len(r.Checks) == 0}
	explained := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		m := machineOf(r, f)
		if f.Request == nil || strings.HasPrefix(string(f.Code), "listen.") || role != "" && m.Role != role || !held(r, f) {
			continue
		}
		l.Points = append(l.Points, l.point(f, m))
		for _, id := range f.Checks {
			explained[id] = true
		}
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		switch {
		case explained[c.ID], role != "" && !slices.ContainsFunc(r.Machines, func(m result.Machine) bool { return m.ID == c.Machine && m.Role == role }):
		case c.Verdict == result.Fail:
			l.Failed++
		case c.Verdict == result.Inconclusive, c.Verdict == result.Error, c.Verdict == result.Skip && c.Reason != result.BecauseSelection:
			l.Open++
		}
	}
	return l
}

// held tells whether a finding is of a check that did not get through: one that
// found another way, or whose failure is known to be harmless, asks for nothing.
func held(r *result.Report, f *result.Finding) bool {
	return slices.ContainsFunc(r.Checks, func(c result.Check) bool {
		return slices.Contains(c.Findings, f.ID) && (c.Verdict == result.Fail || c.Verdict == result.Inconclusive)
	})
}

// machineOf is the machine that a finding is of.
func machineOf(r *result.Report, f *result.Finding) *result.Machine {
	for i := range r.Machines {
		if len(f.Machines) == 0 || r.Machines[i].ID == f.Machines[0] {
			return &r.Machines[i]
		}
	}
	return &result.Machine{}
}

func (l *Letter) point(f *result.Finding, m *result.Machine) Point {
	r, q := l.Report, f.Request
	p := Point{Finding: f, Machine: m, When: r.Started}
	if m.Run != nil {
		p.When = m.Run.Started
	}
	rule := Rule{
		Direction: Out, Proto: q.Proto, Ports: parsePorts(q.Ports), Level: f.Level, Act: f.Act, Part: q.Part,
		To: Party{Hosts: q.To}, Checks: f.Checks, Unsure: unsure(f),
	}
	if q.App != "" {
		rule.Apps = []string{q.App}
	}
	if q.From != "" {
		rule.From.Hosts = []string{q.From}
	}
	if m.Role != "" && q.From != result.OwnPublicIP {
		rule.From.Roles = []string{m.Role}
	}
	if inbound(f) {
		rule.Direction, rule.From = Forward, Party{Internet: true}
		if q.From != "" {
			rule.From.Hosts = strings.Split(q.From, ", ")
		}
		rule.PublicAt = rule.Ports
		rule.To.Hosts, rule.Ports = apart(q.To, rule.Ports)
	}
	rule.Away = rule.Direction == Out && (f.At == nil || f.At.Owner != result.ThisMachine)
	rule.LAN = rule.Direction == Out && len(q.To) > 0 && !slices.ContainsFunc(q.To, func(h string) bool { return !private(h) })
	for i := range r.Checks {
		c := &r.Checks[i]
		if !slices.Contains(c.Findings, f.ID) {
			continue
		}
		title := c.Spec.Title
		if len(title) == 0 {
			title = result.Text{"": cmp.Or(c.Title, c.ID)}
		}
		rule.absorb(Rule{Why: []result.Text{title}, Features: c.Features})
		if c.Verdict == result.Fail && len(c.Spec.Consequence) > 0 && !slices.ContainsFunc(p.Means, func(t result.Text) bool { return t.In("en") == c.Spec.Consequence.In("en") }) {
			p.Means = append(p.Means, c.Spec.Consequence)
		}
		if fw := c.Spec.Firewall; fw != nil && f.Code != result.InboundVantageUnreachable {
			rule.See, rule.AsOf = union(rule.See, filled(fw.See)), cmp.Or(rule.AsOf, fw.AsOf)
		}
		for j := range c.Results {
			res := &c.Results[j]
			switch {
			case res.Cause != nil && res.Cause.Code == f.Code && res.Address != "" && !slices.Contains(q.To, res.Address) && rule.Direction == Out:
				rule.Addrs = union(rule.Addrs, filled(res.Address))
			case res.Cause == nil && (res.State == result.Open || res.State == result.Closed) && res.Proto == q.Proto:
				p.Passes = portset.Join(p.Passes, portset.Parse(res.Ports))
			}
		}
	}
	p.Passes = Ports{Known: p.Passes}.without(rule.Ports).Known
	p.Rule = rule
	return p
}

// unsure tells whether a finding is too little to say that a firewall stops it: it
// is a hint alone, or the other end may as well be off.
func unsure(f *result.Finding) bool {
	return f.Confidence == result.Hint || f.Confidence != result.Certain && slices.Contains(f.NotExcluded, result.HostDown)
}

// inbound tells whether a finding is of calls that come to the machine; that the
// helper which is to make them is not reached is none of them.
func inbound(f *result.Finding) bool {
	return strings.HasPrefix(string(f.Code), "inbound.") && f.Code != result.InboundVantageUnreachable
}

// apart takes the ports from addresses that have one.
func apart(all []string, otherwise Ports) (hosts []string, ports Ports) {
	for _, s := range all {
		if ap, err := netip.ParseAddrPort(s); err == nil {
			hosts = union(hosts, filled(ap.Addr().String()))
			ports = ports.with(Ports{Known: portset.Set{{First: ap.Port(), Last: ap.Port()}}})
			continue
		}
		hosts = union(hosts, filled(s))
	}
	if ports.empty() {
		ports = otherwise
	}
	return hosts, ports
}

func filled(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// Rules are the letter's as a sheet, for formats that are no prose.
func (l *Letter) Rules() *Sheet {
	s := &Sheet{Profile: l.Report.Profile, Role: l.Role, Blocked: true, Measured: l.Report.Started, Part: l.Part, At: map[string][]string{}}
	for _, p := range l.Points {
		s.Rules = append(s.Rules, p.Rule)
	}
	return s
}
