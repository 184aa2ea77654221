package report

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"netcheck/report/result"
)

// Prometheus writes the report in Prometheus' text format, for the textfile
// collector of its node exporter. That refuses samples with a time of their own,
// and so the time of the run is a metric.
func Prometheus(w io.Writer, r *result.Report, o Options) error {
	p := &exposition{r: r, strict: o.Strict}
	p.run()
	p.checks()
	p.causes()
	_, err := w.Write(p.out.Bytes())
	return err
}

type exposition struct {
	r      *result.Report
	strict bool
	out    bytes.Buffer
	name   string          // of the metric that is being written
	seen   map[string]bool // its label sets: twice the same spoils the whole file
}

// run is what is said of the run as a whole.
func (p *exposition) run() {
	r := p.r
	p.metric("netcheck_run_info", "The run: what was run, and by which netcheck.")
	p.sample(1, "revision", r.Profile.Revision, "role", r.Profile.Role, "version", r.Tool.Version)
	p.metric("netcheck_run_success", "Whether the run's exit status is 0.")
	p.sample(truth(passes(r, p.strict)))
	p.metric("netcheck_run_verdict", "The run's verdict.")
	p.sample(1, "verdict", string(r.Verdict))
	p.metric("netcheck_run_complete", "Whether the run was neither interrupted nor ended by its deadline, and all of its report could be read.")
	p.sample(truth(r.Complete && r.Lost == nil))
	p.metric("netcheck_run_start_timestamp_seconds", "When the run began, in seconds since 1970.")
	p.sample(float64(r.Started.UnixMilli()) / 1000)
	p.metric("netcheck_run_duration_seconds", "How long the run took.")
	p.sample(max(0, time.Duration(r.Duration).Seconds()))
	p.metric("netcheck_checks", "How many checks ended with each verdict.")
	for _, v := range result.Verdicts() {
		p.sample(float64(r.Summary[v]), "verdict", string(v))
	}
	if len(r.Profile.Features) == 0 {
		return
	}
	p.metric("netcheck_feature_verdict", "What can be said of each of the product's features.")
	for _, f := range features(r) {
		if f.id != "" {
			p.sample(1, "feature", f.id, "verdict", string(f.verdict))
		}
	}
}

// checks is what is said of each check. What was not to be run here has no
// success, and no failure.
func (p *exposition) checks() {
	if len(p.r.Checks) == 0 {
		return
	}
	ran := func(c *result.Check) bool {
		return c.Verdict != result.Elsewhere && c.Verdict != result.NotApplicable && (c.Verdict != result.Skip || c.Reason != result.BecauseSelection)
	}
	each := func(name, help string, value func(c *result.Check) (float64, bool), more ...string) {
		begun := false
		for i := range p.r.Checks {
			c := &p.r.Checks[i]
			v, ok := value(c)
			if !ok {
				continue
			}
			if !begun {
				p.metric(name, help)
				begun = true
			}
			labels := []string{"check", c.ID, "machine", p.machine(c.Machine)}
			if len(more) > 0 {
				labels = append(labels, "kind", c.Kind, "level", string(c.Level), "verdict", string(c.Verdict))
			}
			p.sample(v, labels...)
		}
	}
	each("netcheck_check_verdict", "Each check's verdict.", func(*result.Check) (float64, bool) { return 1, true }, "verdict")
	each("netcheck_check_success", "Whether the check passed; 0 also where it is not known or could not be run.", func(c *result.Check) (float64, bool) {
		good := c.Verdict == result.Pass || c.Verdict == result.Attested || c.Verdict == result.Warn
		return truth(good), ran(c)
	})
	each("netcheck_check_duration_seconds", "How long the check took.", func(c *result.Check) (float64, bool) {
		return max(0, time.Duration(c.Duration).Seconds()), ran(c) && c.Verdict != result.Skip
	})
	each("netcheck_check_rtt_seconds", "The fastest answer that the check got.", func(c *result.Check) (float64, bool) {
		var best result.Duration
		for _, res := range ofWay(c) {
			if res.RTT > 0 && (best == 0 || res.RTT < best) {
				best = res.RTT
			}
		}
		return time.Duration(best).Seconds(), best > 0
	})
}

// causes are the findings, counted by what they say.
func (p *exposition) causes() {
	if len(p.r.Findings) == 0 {
		return
	}
	counted := map[[4]string]int{}
	for i := range p.r.Findings {
		f := &p.r.Findings[i]
		owner := ""
		if f.At != nil {
			owner = string(f.At.Owner)
		}
		counted[[4]string{string(f.Code), string(f.Confidence), owner, f.Act}]++
	}
	p.metric("netcheck_findings", "How many findings there are of each cause, by how sure it is, whose the place is and who must act.")
	keys := slices.SortedFunc(maps.Keys(counted), func(a, b [4]string) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		p.sample(float64(counted[k]), "code", k[0], "confidence", k[1], "owner", k[2], "act", k[3])
	}
}

// machine names a machine where there are several: by its role, since which of
// them is m1 depends on the others.
func (p *exposition) machine(id string) string {
	if len(p.r.Machines) < 2 {
		return ""
	}
	return cmp.Or(machineOf(p.r, id).Role, id)
}

func (p *exposition) metric(name, help string) {
	p.name, p.seen = name, map[string]bool{}
	p.out.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n")
}

// sample writes one value. Each has the profile, so that the files of several
// profiles may lie beside each other; a label that says nothing is left out.
func (p *exposition) sample(v float64, labels ...string) {
	var b strings.Builder
	for i, pair := 0, append([]string{"profile", p.r.Profile.ID}, labels...); i+1 < len(pair); i += 2 {
		value := Clean(pair[i+1])
		if value == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(pair[i] + `="` + quoted.Replace(value) + `"`)
	}
	set := b.String()
	if p.seen[set] {
		return
	}
	p.seen[set] = true
	p.out.WriteString(p.name)
	if set != "" {
		p.out.WriteString("{" + set + "}")
	}
	p.out.WriteString(" " + strconv.FormatFloat(v, 'f', -1, 64) + "\n")
}

// quoted escapes what ends a text in double quotes; Clean has left no line's end.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
