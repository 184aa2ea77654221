package report

import (
	"io"
	"time"

	"netcheck/report/result"
)

// comparison is what DiffJSON writes: the names are those of a report wherever
// it has the same.
type comparison struct {
	Schema   int            `json:"schema"`
	Profile  string         `json:"profile"`
	Worse    bool           `json:"worse"`
	Open     bool           `json:"inconclusive"` // something may have got worse unseen
	Before   side           `json:"before"`
	After    side           `json:"after"`
	Summary  map[string]int `json:"summary"`
	Changes  []changed      `json:"changes"`
	New      []causedBy     `json:"new_causes"`
	Gone     []causedBy     `json:"gone_causes"`
	Machines []alteredFact  `json:"machines,omitempty"`
	Params   []alteredFact  `json:"params,omitempty"`
	Unpaired []unpaired     `json:"unpaired,omitempty"`
}

type side struct {
	File     string         `json:"file"`
	Tool     result.Tool    `json:"tool"`
	Revision string         `json:"revision,omitempty"`
	SHA256   string         `json:"sha256"`
	Started  time.Time      `json:"started"`
	Complete bool           `json:"complete"`
	Verdict  result.Verdict `json:"verdict"`
	Lost     *result.Lost   `json:"lost,omitempty"`
}

type changed struct {
	Check    string            `json:"check"`
	Role     string            `json:"role,omitempty"`
	Title    string            `json:"title,omitempty"`
	Change   result.ChangeKind `json:"change"`
	Before   *ended            `json:"before"`
	After    *ended            `json:"after"`
	Failing  []string          `json:"failing,omitempty"`
	Restored []string          `json:"restored,omitempty"`
}

type ended struct {
	Verdict result.Verdict `json:"verdict"`
	Level   result.Level   `json:"level"`
	Reason  result.Reason  `json:"reason,omitempty"`
	Cause   *result.Cause  `json:"cause,omitempty"`
}

type causedBy struct {
	Role    string        `json:"role,omitempty"`
	Code    result.Code   `json:"code"`
	At      *result.Place `json:"at,omitempty"`
	Summary string        `json:"summary"`
}

type alteredFact struct {
	Role   string `json:"role,omitempty"`
	Name   string `json:"name"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

type unpaired struct {
	Role string `json:"role"`
	In   string `json:"in"`
}

// DiffJSON writes a comparison for programs.
func DiffJSON(w io.Writer, c *result.Comparison, _ Options) error {
	out := comparison{
		Schema: result.Schema, Profile: c.After.Report.Profile.ID, Worse: c.Worse(), Open: c.Inconclusive(),
		Before: sideOf(c.Before), After: sideOf(c.After),
		Summary: map[string]int{"same": c.Same}, Changes: []changed{}, New: causesBy(c.New), Gone: causesBy(c.Gone),
		Machines: alteredFacts(c.Machines), Params: alteredFacts(c.Params),
	}
	for _, kind := range result.ChangeKinds() {
		out.Summary[string(kind)] = c.Count(kind)
	}
	for i := range c.Changes {
		ch := &c.Changes[i]
		out.Changes = append(out.Changes, changed{
			Check: ch.Check().ID, Role: ch.Role, Title: ch.Check().Title, Change: ch.Kind,
			Before: endedOf(ch.Was), After: endedOf(ch.Is), Failing: ch.Failing, Restored: ch.Restored,
		})
	}
	for _, u := range c.Unpaired {
		out.Unpaired = append(out.Unpaired, unpaired{Role: u.Role, In: map[bool]string{false: "before", true: "after"}[u.After]})
	}
	var lay composer
	b, err := lay.append(nil, &out, 0)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func sideOf(n result.Named) side {
	r := n.Report
	return side{
		File: n.Name, Tool: r.Tool, Revision: r.Profile.Revision, SHA256: r.Profile.SHA256,
		Started: r.Started, Complete: r.Complete, Verdict: r.Verdict, Lost: r.Lost,
	}
}

func endedOf(c *result.Check) *ended {
	if c == nil {
		return nil
	}
	return &ended{Verdict: c.Verdict, Level: c.Level, Reason: c.Reason, Cause: c.Cause}
}

func causesBy(all []result.Caused) []causedBy {
	out := []causedBy{}
	for _, c := range all {
		out = append(out, causedBy{Role: c.Role, Code: c.Finding.Code, At: c.Finding.At, Summary: c.Finding.Summary})
	}
	return out
}

func alteredFacts(all []result.Altered) []alteredFact {
	var out []alteredFact
	for _, a := range all {
		out = append(out, alteredFact{Role: a.Role, Name: a.Name, Before: a.Before, After: a.After})
	}
	return out
}
