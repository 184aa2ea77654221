package result_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/report/result"
)

var roles = []string{"client", "server", "edge", "outside"}

// someRun is a run in a role, of a profile whose checks are of all roles, some
// of several; the seed says how it went.
func someRun(role string, seed uint64) *result.Report {
	rnd := rand.New(rand.NewPCG(seed, 7))
	some := func(n int) bool { return rnd.IntN(n) == 0 }
	r := &result.Report{
		Schema: 1, Tool: result.Tool{Name: "netcheck", Version: fmt.Sprint(seed % 3)}, Lang: "en",
		Started: time.Date(2026, 11, 22, 9, int(seed%60), 0, 0, time.UTC), Duration: result.Duration(seed%9+1) * 1e6, Complete: !some(4),
		Profile: result.Profile{ID: "shop", Ref: "shop.yaml", Args: []string{"--set", fmt.Sprint("n=", seed%2)}, Revision: "1", SHA256: "abcdef", Role: role},
		Params:  map[string]any{"n": float64(seed % 2), "all": true},
		Machines: []result.Machine{{
			ID: "m1", Role: role, Name: role + "-1", OS: "linux", Addresses: []string{"10.0.0." + fmt.Sprint(len(role)) + "/24"},
		}},
		Findings: []result.Finding{},
	}
	r.FollowupsCut = !r.Complete && some(2)
	for i, id := range roles {
		r.Profile.Roles = append(r.Profile.Roles, result.Role{ID: id})
		if some(2) {
			r.Handover = append(r.Handover, result.Handover{Text: result.Text{"en": fmt.Sprint("text ", i)}})
		}
	}
	if some(3) {
		r.Params["only"] = role
	}
	for i := range 8 {
		c := result.Check{ID: fmt.Sprint("c", i), Group: fmt.Sprint("c", i), Machine: "m1", Kind: "tcp", Level: result.Required, Verdict: result.Elsewhere}
		c.Spec.Line = 10 + i/2 // two to a line, as in a profile on few lines
		for j, id := range roles {
			if (i+1)&(1<<j) != 0 {
				c.Spec.From = append(c.Spec.From, id)
				if id == role {
					c.Verdict = []result.Verdict{result.Pass, result.Fail, result.NotApplicable}[rnd.IntN(3)]
					c.Duration = result.Duration(rnd.IntN(9)) * 1e6
				}
			}
		}
		r.Checks = append(r.Checks, c)
	}
	if some(2) {
		r.Followups = []result.Followup{{Name: "sweep", Machine: "m1", Checks: []string{"c1"}, Steps: []result.Step{{Op: result.OpSweep}}}}
	}
	return saved(r)
}

// saved is a report as it comes back from its file.
func saved(r *result.Report) *result.Report {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	back := new(result.Report)
	if err := json.Unmarshal(b, back); err != nil {
		panic(err)
	}
	return back
}

func text(t testing.TB, r *result.Report) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func merged(t testing.TB, rs ...*result.Report) *result.Report {
	t.Helper()
	var named []result.Named
	for i, r := range rs {
		named = append(named, result.Named{Name: fmt.Sprint("r", i, ".json"), Report: r})
	}
	m, err := result.Merge(named...)
	if err != nil {
		t.Fatal(err)
	}
	return saved(m.Report)
}

// However reports are merged, one after the other or all at once, the whole is
// the same, and they themselves stay as they are.
func TestMergeKnowsNoOrder(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var all []*result.Report
		var before []string
		for i, role := range roles {
			if rnd.IntN(4) > 0 {
				all = append(all, someRun(role, seed*5+uint64(i)))
				before = append(before, text(t, all[len(all)-1]))
			}
		}
		if len(all) == 0 {
			continue
		}
		want := text(t, merged(t, all...))
		for range 6 {
			left := append([]*result.Report(nil), all...)
			for len(left) > 1 {
				rnd.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
				n := 2 + rnd.IntN(len(left)-1)
				left = append([]*result.Report{merged(t, left[:n]...)}, left[n:]...)
			}
			if diff := cmp.Diff(want, text(t, merged(t, left[0], all[rnd.IntN(len(all))]))); diff != "" {
				t.Fatalf("seed %d: merged otherwise it differs:\n%s", seed, diff)
			}
		}
		for i := range all {
			if diff := cmp.Diff(before[i], text(t, all[i])); diff != "" {
				t.Fatalf("seed %d: the report itself was changed:\n%s", seed, diff)
			}
		}
	}
}

func TestMergeOfOneIsItself(t *testing.T) {
	for seed := range uint64(50) {
		r := someRun(roles[seed%4], seed)
		if diff := cmp.Diff(text(t, r), text(t, merged(t, r))); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

// Each check of the profile is there, in its order, once for each machine that
// made it.
func TestMergeJoinsChecks(t *testing.T) {
	r := merged(t, someRun("edge", 3), someRun("client", 4))
	var got []string
	for _, c := range r.Checks {
		verdict := "made"
		if c.Verdict == result.Elsewhere {
			verdict = "elsewhere"
		}
		got = append(got, c.ID+" "+c.Machine+" "+verdict)
	}
	want := "c0 m1 made, c1 m1 elsewhere, c2 m1 made, c3 m2 made, c4 m1 made, c4 m2 made, c5 m2 made, c6 m1 made, c6 m2 made, c7 m1 elsewhere"
	if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
		t.Error(diff)
	}
	if m := r.Machines; len(m) != 2 || m[0].Role != "client" || m[1].Role != "edge" || m[1].Run.Started.Minute() != 3 || r.Started.Minute() != 3 {
		t.Errorf("machines %+v, started %s", m, r.Started)
	}
}

func TestMergeTakesTheLaterRun(t *testing.T) {
	old, late, other := someRun("server", 10), someRun("server", 50), someRun("client", 5)
	for name, rs := range map[string][]*result.Report{"one way": {old, late, other}, "the other": {late, other, old}} {
		var named []result.Named
		for i, r := range rs {
			named = append(named, result.Named{Name: fmt.Sprint(name, i), Report: r})
		}
		m, err := result.Merge(named...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text(t, merged(t, late, other)), text(t, m.Report)); diff != "" {
			t.Error(diff)
		}
		if len(m.Replaced) != 1 || m.Replaced[0].Role != "server" {
			t.Errorf("replaced: %+v", m.Replaced)
		}
	}
	if m, err := result.Merge(result.Named{Name: "a", Report: merged(t, late, other)}, result.Named{Name: "b", Report: late}); err != nil || len(m.Replaced) > 0 {
		t.Errorf("the same run twice: %v, %+v", err, m)
	}
}

func TestMergeTellsWhatDiffers(t *testing.T) {
	a, b := someRun("client", 4), someRun("server", 5)
	a.Params["password"], b.Params["password"], b.Params["theirs"] = "<secret>", "<secret>", 1.0
	m, err := result.Merge(result.Named{Name: "b", Report: b}, result.Named{Name: "a", Report: a})
	if err != nil {
		t.Fatal(err)
	}
	want := []result.Difference{{Param: "n", Values: []result.Valued{{"client", 0.0}, {"server", 1.0}}}}
	if diff := cmp.Diff(want, m.Differs); diff != "" {
		t.Error(diff)
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		spin func(*result.Report)
		want string
	}{
		{"another profile", func(r *result.Report) { r.Profile.ID = "a\x1b[2J" }, `a.json is of the profile "shop", and b.json of "a\x1b[2J"`},
		{"another version", func(r *result.Report) { r.Profile.SHA256, r.Profile.Revision = "fedcba", "2" }, `different versions of the profile "shop": revision "1", sha256 "abcdef" and revision "2", sha256 "fedcba"`},
		{"other roles", func(r *result.Report) { r.Profile.Roles = r.Profile.Roles[1:] }, "different versions"},
		{"another machine in one role", func(r *result.Report) { r.Machines[0].Role = "client" }, `a.json and b.json are of two machines, and both have the role "client"`},
		{"no machine", func(r *result.Report) { r.Machines = nil }, "b.json: the report is damaged: it names no machine"},
		{"a machine twice", func(r *result.Report) { r.Machines = append(r.Machines, r.Machines[0]) }, `b.json: the report is damaged: two of its machines are called "m1"`},
		{"a check of nobody's", func(r *result.Report) { r.Checks[2].Machine = "m9" }, `the check "c2" is of a machine "m9"`},
		{"a check twice", func(r *result.Report) { r.Checks[2].ID = "c1" }, `two checks of one machine are called "c1"`},
		{"a follow-up of nobody's", func(r *result.Report) { r.Followups = []result.Followup{{Machine: "x"}} }, `a follow-up is of a machine "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := someRun("server", 2)
			c.spin(b)
			_, err := result.Merge(result.Named{Name: "a.json", Report: someRun("client", 1)}, result.Named{Name: "b.json", Report: b})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := result.Merge(); err == nil {
		t.Error("nothing was merged")
	}
}

// Whatever the files hold, they are refused, or are one report that can be
// merged again.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(text(f, someRun("client", 1))), []byte(text(f, someRun("server", 2))))
	f.Add([]byte(text(f, merged(f, someRun("client", 1), someRun("edge", 2)))), []byte(text(f, someRun("server", 3))))
	f.Add([]byte(`{"machines":[{"run":{"handover":[-1,9]}}],"checks":[{"id":"a"}]}`), []byte(`{"machines":[{"role":"x"}],"handover":[{}],"params":{"a":{"b":[null]}}}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a, b := new(result.Report), new(result.Report)
		if json.Unmarshal(first, a) != nil || json.Unmarshal(second, b) != nil {
			return
		}
		m, err := result.Merge(result.Named{Name: "a", Report: a}, result.Named{Name: "b", Report: b})
		o, err2 := result.Merge(result.Named{Name: "b", Report: b}, result.Named{Name: "a", Report: a})
		if (err == nil) != (err2 == nil) {
			t.Fatalf("one way %v, the other %v", err, err2)
		}
		if err != nil {
			return
		}
		once, err := json.Marshal(m.Report)
		if err != nil {
			return // a time that JSON can't have
		}
		other, _ := json.Marshal(o.Report)
		if a.Profile.ID == b.Profile.ID && cmp.Equal(a.Profile, b.Profile) && string(once) != string(other) {
			t.Errorf("the order matters:\n%s\n%s", once, other)
		}
		if _, err := result.Merge(result.Named{Name: "m", Report: saved(m.Report)}, result.Named{Name: "a", Report: a}); err != nil {
			t.Fatal(err)
		}
	})
}
