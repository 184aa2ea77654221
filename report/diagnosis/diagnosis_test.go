package diagnosis

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

var update = flag.Bool("update", false, "write what the cases give into testdata")

// A case is a fragment of a report, NAME.json, and what diagnosis must make of
// it, NAME.want. What a fragment leaves out is a till at 192.168.1.10 behind
// the gateway 192.168.1.1, and required checks that failed.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(id, func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			used := false
			for i := range a.Files {
				name, isCase := strings.CutSuffix(a.Files[i].Name, ".json")
				if !isCase {
					continue
				}
				t.Run(name, func(t *testing.T) {
					r := fragment(t, a.Files[i].Data)
					Diagnose(r, "en")
					used = used || slices.ContainsFunc(r.Findings, func(f result.Finding) bool { return f.Rule == id })
					sound(t, r)
					again(t, r)
					got := describe(r)
					if *update {
						expect(a, name+".want", got)
						return
					}
					if diff := cmp.Diff(string(wanted(a, name+".want")), got); diff != "" {
						t.Errorf("-want +got\n%s", diff)
					}
				})
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if !used && id != "none" {
				t.Errorf("no case is explained by the rule %q", id)
			}
		})
	}
}

func wanted(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func expect(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	at := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == strings.TrimSuffix(name, ".want")+".json" })
	a.Files = slices.Insert(a.Files, at+1, txtar.File{Name: name, Data: []byte(text)})
}

func fragment(t *testing.T, data []byte) *result.Report {
	t.Helper()
	r := &result.Report{Schema: result.Schema}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		t.Fatal(err)
	}
	if len(r.Machines) == 0 {
		r.Machines = []result.Machine{{OS: "linux", Addresses: []string{"192.168.1.10/24", "fe80::10/64"}, Gateway: "192.168.1.1"}}
	}
	r.Machines[0].ID = "m1"
	if r.Started.IsZero() {
		r.Started = r.Started.AddDate(2025, 10, 20) // 2026-11-21
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Machine == "" {
			c.Machine = "m1"
		}
		if c.ID == "" {
			c.ID = fmt.Sprintf("c%d", i+1)
		}
		if c.Group == "" {
			c.Group = c.ID
		}
		if c.Kind == "" {
			c.Kind = "tcp"
		}
		if c.Level == "" {
			c.Level = result.Required
		}
		if c.Verdict == "" {
			c.Verdict = result.Fail
		}
	}
	return r
}

// describe is what matters of a diagnosed report, a line each.
func describe(r *result.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %s by %s\n", f.ID, f.Code, f.Confidence, f.Rule)
		if len(f.Machines) > 0 {
			fmt.Fprintf(&b, "\tof %s\n", strings.Join(f.Machines, " and "))
		}
		if f.At != nil {
			fmt.Fprintf(&b, "\tat %s%s %s", f.At.Address, strings.Join(f.At.Between, " .. "), f.At.Owner)
			if f.At.Hop > 0 {
				fmt.Fprintf(&b, " hop %d", f.At.Hop)
			}
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "\texplains %s, %s to act, %s\n", strings.Join(f.Checks, " "), f.Act, f.Level)
		if len(f.Targets) > 0 {
			fmt.Fprintf(&b, "\tof %s\n", strings.Join(f.Targets, " "))
		}
		for _, c := range f.NotExcluded {
			fmt.Fprintf(&b, "\tor %s\n", c)
		}
		fmt.Fprintf(&b, "\tsays %s\n", f.Summary)
		for l := range strings.SplitSeq(f.Remedy, "\n") {
			fmt.Fprintf(&b, "\tdo %s\n", l)
		}
		if f.Command != "" {
			fmt.Fprintf(&b, "\ttype %s\n", f.Command)
		}
		if q := f.Request; q != nil {
			fmt.Fprintf(&b, "\task %s %s %s from %s to %s\n", q.Action, strings.TrimSpace(q.App+" "+q.Proto), map[bool]string{true: "part of a range, "}[q.Part]+q.Ports, q.From, strings.Join(q.To, " "))
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "\tsince %s\n", e)
		}
	}
	for _, c := range r.Checks {
		id := c.ID
		if len(r.Machines) > 1 {
			id += " on " + c.Machine
		}
		fmt.Fprintf(&b, "%s %s", id, c.Verdict)
		if c.Observed != "" {
			fmt.Fprintf(&b, ", observed %s, %s", c.Observed, c.Reason)
		}
		if c.Cause != nil {
			fmt.Fprintf(&b, ", %s %s", c.Cause.Code, c.Cause.Confidence)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "run %s\n", r.Verdict)
	return b.String()
}

// sound holds what every diagnosis must hold.
func sound(t *testing.T, r *result.Report) {
	t.Helper()
	for _, c := range r.Checks {
		for _, cause := range append([]*result.Cause{c.Cause}, causes(c.Results)...) {
			if cause != nil && slices.Contains(cause.NotExcluded, cause.Code) {
				t.Errorf("%s: %s is said, and not excluded beside itself", c.ID, cause.Code)
			}
		}
	}
	for _, f := range r.Findings {
		for _, s := range append([]string{f.Summary, f.Remedy}, f.Evidence...) {
			if s == "" || strings.Contains(s, "<no value>") || strings.Contains(s, "{{") || strings.Contains(s, "  ") || strings.HasPrefix(s, "evidence.") || strings.HasPrefix(s, "failure.") {
				t.Errorf("%s: bad text %q", f.Rule, s)
			}
		}
		if f.Confidence == result.Certain && len(f.NotExcluded) > 0 {
			t.Errorf("%s: certain, though %v is not excluded", f.Rule, f.NotExcluded)
		}
		if (f.Confidence == result.Likely || f.Confidence == result.Hint) && len(f.NotExcluded) == 0 {
			t.Errorf("%s: only %s, and nothing else is named", f.Rule, f.Confidence)
		}
		if len(f.Checks) == 0 || f.Act == "" || f.Level == "" {
			t.Errorf("%s: incomplete: %+v", f.Rule, f)
		}
		spoke := strings.HasPrefix(string(f.Code), "proxy.") || f.Code == result.AddressMissing || f.Code == result.DNSRewritten || f.Rule == "answers-nmap" // who was asked for the target, and said something
		if f.At != nil && f.At.Address != "" && !spoke && strings.Contains(strings.Join(f.Evidence, " "), "gave no answer") {
			t.Errorf("%s: silence names %s", f.Rule, f.At.Address)
		}
	}
}

func causes(rs []result.Result) []*result.Cause {
	var cs []*result.Cause
	for i := range rs {
		cs = append(cs, rs[i].Cause)
	}
	return cs
}

// again holds that a report that was saved and read gives the same diagnosis.
func again(t *testing.T, r *result.Report) {
	t.Helper()
	first, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	saved := new(result.Report)
	if err := json.Unmarshal(first, saved); err != nil {
		t.Fatal(err)
	}
	Diagnose(saved, "en")
	second, err := json.Marshal(saved)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(first), string(second)); diff != "" {
		t.Errorf("diagnosed again it differs:\n%s", diff)
	}
}

func TestEveryRuleHasCasesAndWords(t *testing.T) {
	seen := map[string]bool{}
	for _, ru := range slices.Concat(rules(), conclusionRules()) {
		if seen[ru.id] {
			t.Errorf("two rules %q", ru.id)
		}
		seen[ru.id] = true
		if _, err := os.Stat("testdata/" + ru.id + ".txtar"); err != nil {
			t.Errorf("rule %q has no cases: %v", ru.id, err)
		}
		for _, sort := range []string{"summary", "remedy"} {
			if key := "rule." + ru.id + "." + sort; !i18n.Has(key) {
				t.Errorf("no text %s", key)
			}
		}
		if ru.sure == nil {
			t.Errorf("rule %q does not say how sure it is", ru.id)
		}
		if concludes := slices.ContainsFunc(conclusionRules(), func(c rule) bool { return c.id == ru.id }); ru.code == "" && ru.knows == nil && !concludes { // which leave the one there is
			t.Errorf("rule %q has no cause", ru.id)
		}
		codes := []result.Code{ru.code}
		for _, a := range ru.alike {
			codes = append(codes, a.code)
		}
		for _, c := range codes {
			if c != "" && !slices.Contains(result.Codes(), c) {
				t.Errorf("rule %q: %q is no code", ru.id, c)
			}
		}
	}
}

// Every failure that a step can have finds a rule, at whatever step a probe
// has it: but for a run that was stopped, and for what the classifier does not
// know, of which nothing can be said, and for a missing program, without which
// a check is not run.
func TestEveryFailureHasARule(t *testing.T) {
	at := map[result.Failure]result.Op{ // where it happens, if not at a connect
		result.FailNoReply: result.OpExchange, result.FailEOF: result.OpHandshake, result.FailReset: result.OpHandshake,
		result.FailDNSTimeout: result.OpQuery,
	}
	kinds := map[result.Failure]string{result.FailExpectation: "listen"}
	for _, f := range vocabulary(t) {
		if f == result.FailCanceled || f == result.FailOther || f == result.FailTool {
			continue
		}
		if f == result.FailVantageRefused || f == result.FailNotVantage { // of the helper outside alone, which no check is about
			continue
		}
		op := result.OpConnect
		if o, ok := at[f]; ok {
			op = o
		}
		kind := kinds[f]
		if kind == "" {
			kind = "tcp"
		}
		c := result.Check{ID: "c", Machine: "m1", Kind: kind, Level: result.Required, Verdict: result.Fail, Target: "a.example:1", Steps: []result.Step{{Op: op, Failure: f}}}
		r := &result.Report{Checks: []result.Check{c}, Machines: []result.Machine{{ID: "m1"}}}
		Diagnose(r, "en")
		if len(r.Findings) != 1 {
			t.Errorf("%s at %s: %d findings", f, op, len(r.Findings))
		}
	}
}

// vocabulary is every value of result.Failure, read from its source so that
// none can be forgotten.
func vocabulary(t *testing.T) []result.Failure {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../result/vocabulary.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []result.Failure
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Failure" {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, result.Failure(s))
		}
		return true
	})
	if len(all) < 50 {
		t.Fatalf("only %d failures found", len(all))
	}
	return all
}
