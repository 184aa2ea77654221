package result

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Comparison is what differs between two reports of one profile. What only says
// when, how fast, in which order or in which words is no difference.
type Comparison struct {
	Before, After Named
	Changes       []Change // in the order of the later report, and behind it what that one lacks
	Same          int      // checks of which nothing changed
	New, Gone     []Caused // causes that only the later report has; that only the earlier has, though what they explained was looked at again
	Params        []Altered
	Machines      []Altered
	Unpaired      []Unpaired // machines that only one of the reports is of
}

// Change is what came of one check in the two runs. Was is nil for one that was
// not tested in the first, Is for one that was not tested in the second.
type Change struct {
	Kind     ChangeKind
	Role     string // of the machine; "" where the profile has none
	Was, Is  *Check
	Failing  []string // of a check that fails in both: the targets that did not fail before
	Restored []string // and those that no longer do
}

// Check is the check as the later report has it, if it does.
func (c *Change) Check() *Check {
	if c.Is != nil {
		return c.Is
	}
	return c.Was
}

// ChangeKind is what sort of change it is.
type ChangeKind string

// Worse is whatever takes away from what is known to work, and Better what adds
// to it. From a failure to a result that says nothing is neither: it may still
// fail. Nor is it a change for the worse if a failure shows only now, because the
// first run did not get as far as that check.
const (
	Worse  ChangeKind = "worse"
	Better ChangeKind = "better"
	Other  ChangeKind = "changed" // another cause, place or targets, or no longer known
	Added  ChangeKind = "new"     // tested in the later run alone
	Left   ChangeKind = "gone"    // tested in the earlier run alone
)

// ChangeKinds lists them in the order in which a reader wants them.
func ChangeKinds() []ChangeKind { return []ChangeKind{Worse, Better, Other, Added, Left} }

// Caused is a cause that only one of the reports has, and the role of the machine
// that it is of.
type Caused struct {
	Role    string
	Finding *Finding
}

// Altered is a value or a machine's fact that was not the same in both runs. What
// a run did not have is nil.
type Altered struct {
	Role          string // of the machine, for a fact
	Name          string // the parameter's, or the fact's as the report has it
	Before, After any
}

// Unpaired is a machine that only one of the two reports is of.
type Unpaired struct {
	Role  string
	After bool // it is in the later report
}

// Compare finds what differs between two reports, both diagnosed by the same
// netcheck: otherwise it would find what netcheck has learnt since.
func Compare(before, after Named) (*Comparison, error) {
	a, b := before.Report, after.Report
	if a.Profile.ID != b.Profile.ID {
		return nil, fmt.Errorf("%s is of the profile %q, and %s of %q: only runs of one profile can be compared", before.Name, a.Profile.ID, after.Name, b.Profile.ID)
	}
	if !alikeRedacted(a, b) {
		return nil, fmt.Errorf("%s and %s have not the same pseudonyms for the same things\n%s", before.Name, after.Name, redactAlike)
	}
	c := &Comparison{Before: before, After: after}
	then, err := tested(before)
	if err != nil {
		return nil, err
	}
	now, err := tested(after)
	if err != nil {
		return nil, err
	}
	shared := map[string]bool{}
	for _, role := range now.roles {
		if shared[role] = slices.Contains(then.roles, role); !shared[role] {
			c.Unpaired = append(c.Unpaired, Unpaired{Role: role, After: true})
		}
	}
	for _, role := range then.roles {
		if _, ok := shared[role]; !ok {
			c.Unpaired = append(c.Unpaired, Unpaired{Role: role})
		}
	}
	if !slices.ContainsFunc(now.roles, func(role string) bool { return shared[role] }) {
		return nil, fmt.Errorf("%s is of the role %q, and %s of %q: compare runs of the same machine, or merge those of several first", before.Name, first(then.roles), after.Name, first(now.roles))
	}
	for _, key := range now.keys {
		switch is, was := now.checks[key], then.checks[key]; {
		case was != nil:
			c.compare(key.role, was, is)
		case shared[key.role]:
			c.Changes = append(c.Changes, Change{Kind: Added, Role: key.role, Is: is})
		}
	}
	for _, key := range then.keys {
		if now.checks[key] == nil && shared[key.role] {
			c.Changes = append(c.Changes, Change{Kind: Left, Role: key.role, Was: then.checks[key]})
		}
	}
	causes, causesBefore := caused(b, shared), caused(a, shared)
	c.New = unmatched(causes, causesBefore)
	c.Gone = slices.DeleteFunc(unmatched(causesBefore, causes), func(g Caused) bool { return !now.settles(g) })
	c.Params = altered("", a.Params, b.Params)
	for _, role := range now.roles {
		if shared[role] {
			c.Machines = append(c.Machines, altered(role, facts(a, role), facts(b, role))...)
		}
	}
	return c, nil
}

// SameProfile tells whether both runs were made from the same text of the profile.
func (c *Comparison) SameProfile() bool {
	a, b := &c.Before.Report.Profile, &c.After.Report.Profile
	return a.SHA256 == b.SHA256 && a.Revision == b.Revision
}

// Count is how many changes of a kind there are.
func (c *Comparison) Count(kind ChangeKind) int {
	n := 0
	for i := range c.Changes {
		if c.Changes[i].Kind == kind {
			n++
		}
	}
	return n
}

// Worse tells whether anything got worse: a check, whatever its level, or the run
// as a whole, as when a check that is new in the profile fails. Where a part of
// the later report could not be read, what is missing there counts as well.
func (c *Comparison) Worse() bool {
	return c.Count(Worse) > 0 || c.WholeWorse() || c.After.Report.Lost != nil && (c.Count(Left) > 0 || len(c.Unpaired) > 0)
}

// Inconclusive tells whether something may have got worse that does not show: the
// later report lacks a part, or checks that a run of the same profile with the
// same values has; or the earlier lacks a part, and not all that was tested later
// works.
func (c *Comparison) Inconclusive() bool {
	if c.Worse() {
		return false
	}
	lacks := func(r *Report) bool { return r.Lost != nil || !r.Complete && !r.FollowupsCut }
	return lacks(c.After.Report) || c.vanished() || lacks(c.Before.Report) && standing(c.After.Report.Verdict) > worksSomehow
}

// vanished tells whether the later report lacks a check of a profile and values
// that have not changed: what was left out on purpose is in a report all the same.
func (c *Comparison) vanished() bool {
	if !c.SameProfile() || c.After.Report.Profile.SHA256 == "" || len(c.Params) > 0 {
		return false
	}
	there := map[string]bool{}
	for i := range c.After.Report.Checks {
		there[c.After.Report.Checks[i].ID] = true
	}
	return slices.ContainsFunc(c.Changes, func(ch Change) bool { return ch.Kind == Left && !there[ch.Was.ID] })
}

// WholeWorse tells whether the later run's verdict is graver.
func (c *Comparison) WholeWorse() bool {
	return standing(c.After.Report.Verdict) > standing(c.Before.Report.Verdict)
}

// standing orders verdicts by what is known of the thing that was tested.
func standing(v Verdict) int {
	switch v {
	case Pass, Attested:
		return works
	case Warn:
		return worksSomehow
	case Fail:
		return fails
	}
	return unknownStanding
}

const (
	works = iota
	worksSomehow
	unknownStanding
	fails
)

// compare adds what came of a check that was tested in both runs.
func (c *Comparison) compare(role string, was, is *Check) {
	ch := Change{Kind: Other, Role: role, Was: was, Is: is}
	before, after := standing(was.Verdict), standing(is.Verdict)
	if before == after && before > worksSomehow {
		ch.Failing, ch.Restored = targetsBeyond(is, was), targetsBeyond(was, is)
	}
	switch {
	case before == fails && after == unknownStanding:
	case before == unknownStanding && after == fails && was.Verdict != Inconclusive:
	case after > before:
		ch.Kind = Worse
	case after < before:
		ch.Kind = Better
	case after > works && is.Level.Weight() > was.Level.Weight():
		ch.Kind = Worse
	case len(ch.Failing) > 0 && len(ch.Restored) == 0:
		ch.Kind = Worse
	case len(ch.Restored) > 0 && len(ch.Failing) == 0:
		ch.Kind = Better
	case len(ch.Failing) > 0, was.Verdict != is.Verdict && after > works, after > works && is.Level != was.Level:
	case after > works && !(sameCodes(was, is) && agree(placeOf(was.Cause), placeOf(is.Cause))):
	default:
		c.Same++
		return
	}
	c.Changes = append(c.Changes, ch)
}

// sameCodes tells whether two results of a check have the same causes.
func sameCodes(a, b *Check) bool { return maps.Equal(codesOf(a), codesOf(b)) }

func codesOf(c *Check) map[Code]bool {
	all := map[Code]bool{}
	for _, cause := range append([]*Cause{c.Cause}, causesOf(c)...) {
		if cause != nil {
			all[cause.Code] = true
		}
	}
	return all
}

func causesOf(c *Check) []*Cause {
	var all []*Cause
	for i := range c.Results {
		all = append(all, c.Results[i].Cause)
	}
	return all
}

func placeOf(c *Cause) *Place {
	if c == nil {
		return nil
	}
	return c.At
}

// agree tells whether two places can be the same one. Where less was looked at,
// less is known of a place: that is no other place.
func agree(a, b *Place) bool {
	switch {
	case a == nil || b == nil:
		return true
	case a.Address != "" && b.Address != "" && a.Address != b.Address:
		return false
	case a.Owner != b.Owner && a.Owner != "" && b.Owner != "" && a.Owner != UnknownOwner && b.Owner != UnknownOwner:
		return false
	}
	for i := range min(len(a.Between), len(b.Between)) {
		if x, y := a.Between[i], b.Between[i]; x != y && x != unknownEnd && y != unknownEnd {
			return false
		}
	}
	return true
}

// unknownEnd stands in a place for the device that nobody saw.
const unknownEnd = string(Unknown)

// altered lists what is not the same in both.
func altered(role string, a, b map[string]any) []Altered {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	var all []Altered
	for _, name := range slices.Compact(names) {
		if !reflect.DeepEqual(a[name], b[name]) {
			all = append(all, Altered{Role: role, Name: name, Before: a[name], After: b[name]})
		}
	}
	return all
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
