package engine

import (
	"fmt"
	"time"

	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// newReport is the report before anything was contacted: every check is in it,
// in profile order, as declared.
func newReport(p *Plan, o Options, start time.Time) *result.Report {
	b := p.Bound
	o.Machine.ID = "m1"
	o.Machine.Role = b.Role
	r := &result.Report{
		Schema: result.Schema, Tool: o.Tool, Lang: o.Lang, Started: start.Round(0).UTC(), Complete: true,
		Profile:    profileOf(b, o),
		Params:     b.Public,
		ParamTypes: typesOf(b),
		Machines:   []result.Machine{o.Machine},
		Checks:     make([]result.Check, len(p.Checks)),
		Findings:   []result.Finding{},
	}
	for _, h := range b.Handover {
		r.Handover = append(r.Handover, result.Handover{Title: result.Text(h.Title), Text: result.Text(h.Text)})
	}
	for i, planned := range p.Checks {
		r.Checks[i] = checkOf(planned.Check, o.Lang)
	}
	return r
}

// typesOf are the types of the parameters that have a value.
func typesOf(b *profiles.Bound) map[string]string {
	types := map[string]string{}
	for _, p := range b.Profile.Params {
		if _, ok := b.Public[p.Name]; ok {
			types[p.Name] = p.Type
		}
	}
	return types
}

func profileOf(b *profiles.Bound, o Options) result.Profile {
	p := b.Profile
	out := result.Profile{
		ID: p.ID, Ref: o.Ref, Args: o.Args, Revision: p.Revision, SHA256: p.SHA256, Vendor: p.Vendor,
		Title: result.Text(p.Title), Role: b.Role,
	}
	for _, r := range p.Roles {
		out.Roles = append(out.Roles, result.Role{ID: r.ID, Title: result.Text(r.Title)})
	}
	for _, f := range p.Features {
		out.Features = append(out.Features, result.Feature{ID: f.ID, Title: result.Text(f.Title)})
	}
	return out
}

func checkOf(c profiles.Check, lang string) result.Check {
	out := result.Check{
		ID: c.ID, Group: c.Group, Machine: "m1", Kind: c.Kind,
		Title: result.Text(c.Title).In(lang), Features: c.Features, Level: result.Level(c.Level),
		Spec: result.Spec{
			Line: c.Line, Title: result.Text(c.Title), From: c.From, To: c.To, Needs: c.Needs,
			Proxy: c.Proxy, Tolerate: c.Tolerate, Act: c.Act,
			Consequence: result.Text(c.Consequence), Remedy: result.Text(c.Remedy),
			OnCause: onCause(c.OnCause), Fields: c.Fields,
		},
	}
	if s, ok := c.Body.(fmt.Stringer); ok {
		out.Target = s.String()
	}
	if f := c.Firewall; f != nil {
		out.Spec.Firewall = &result.Firewall{Hosts: f.Hosts, Sources: f.Sources, AsOf: f.AsOf, See: f.See}
	}
	for _, d := range c.Downgrade {
		down := result.Downgrade{To: result.Verdict(d.To), Say: result.Text(d.Say)}
		for _, code := range d.Cause {
			down.Cause = append(down.Cause, result.Code(code))
		}
		out.Spec.Downgrade = append(out.Spec.Downgrade, down)
	}
	return out
}

func onCause(in map[string]value.Text) map[result.Code]result.Text {
	if len(in) == 0 {
		return nil
	}
	out := make(map[result.Code]result.Text, len(in))
	for code, t := range in {
		out[result.Code(code)] = result.Text(t)
	}
	return out
}

// round cuts every time to what a saved report keeps of it, so that a report
// that is shown at once and one that is shown later say the same.
func round(r *result.Report) {
	cut(&r.Duration)
	for i := range r.Checks {
		c := &r.Checks[i]
		cut(&c.Duration)
		for j := range c.Results {
			cut(&c.Results[j].RTT)
		}
		Rounded(c.Steps)
	}
}

// Rounded cuts the times of steps, in place.
func Rounded(steps []result.Step) []result.Step {
	for i := range steps {
		s := &steps[i]
		cut(&s.Start)
		cut(&s.Duration)
		if s.Evidence == nil {
			continue
		}
		for j := range s.Evidence.Hops {
			cut(&s.Evidence.Hops[j].RTT)
		}
		if s.Evidence.TCP != nil {
			cut(&s.Evidence.TCP.RTT)
		}
	}
	return steps
}

func cut(d *result.Duration) { *d = result.Duration(time.Duration(*d).Round(time.Microsecond)) }
