package result

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ranCheck is a report of one check.
func ranCheck(c Check) *Report {
	c.ID, c.Machine = "a", "m1"
	if c.Level == "" {
		c.Level = Required
	}
	return &Report{Profile: Profile{ID: "p"}, Machines: []Machine{{ID: "m1"}}, Checks: []Check{c}, Verdict: Fail}
}

func failedAt(p *Place) Check {
	return Check{Verdict: Fail, Cause: &Cause{Code: TCPFiltered, At: p}}
}

func failedOn(host string, ports ...string) Check {
	c := failedAt(nil)
	for _, p := range ports {
		c.Results = append(c.Results, Result{Host: host, Proto: "tcp", Ports: p, Cause: c.Cause})
	}
	return c
}

func TestCompareOfOneCheck(t *testing.T) {
	only := func(v Verdict) Check { return Check{Verdict: v} }
	gateway := &Place{Address: "192.168.1.1", Owner: Gateway, Hop: 1}
	passing := func(addresses ...string) Check {
		c := only(Pass)
		for _, a := range addresses {
			c.Results = append(c.Results, Result{Host: "h", Address: a, Ports: "443"})
		}
		return c
	}
	for name, test := range map[string]struct {
		was, is  Check
		want     ChangeKind // "" for no change
		failing  string
		restored string
	}{
		"passes as before":                         {only(Pass), only(Pass), "", "", ""},
		"confirmed by a person, and then measured": {only(Attested), only(Pass), "", "", ""},
		"fails as before":                          {failedAt(gateway), failedAt(gateway), "", "", ""},
		"passes at another address of the name":    {passing("192.0.2.1"), passing("192.0.2.2"), "", "", ""},
		"fails now":                                {only(Pass), only(Fail), Worse, "", ""},
		"passes with a warning now":                {only(Pass), only(Warn), Worse, "", ""},
		"is not known to pass any more":            {only(Pass), only(Inconclusive), Worse, "", ""},
		"was cut off":                              {only(Warn), Check{Verdict: Skip, Reason: BecauseDeadline}, Worse, "", ""},
		"a verdict of a newer netcheck":            {only(Pass), only("undecided"), Worse, "", ""},
		"passes now":                               {only(Fail), only(Pass), Better, "", ""},
		"passes without a warning":                 {only(Warn), only(Pass), Better, "", ""},
		"is known to pass":                         {only(Inconclusive), only(Pass), Better, "", ""},
		"passes, once what it needs does":          {Check{Verdict: Skip, Reason: BecauseNeeds}, only(Warn), Better, "", ""},
		"may fail no longer":                       {only(Fail), only(Inconclusive), Other, "", ""},
		"is known to fail":                         {only(Inconclusive), only(Fail), Worse, "", ""},
		"fails, once the run gets there":           {Check{Verdict: Skip, Reason: BecauseNeeds}, only(Fail), Other, "", ""},
		"open for another reason":                  {only(Inconclusive), Check{Verdict: Skip, Reason: BecauseNeeds}, Other, "", ""},
		"another cause":                            {failedAt(nil), Check{Verdict: Fail, Cause: &Cause{Code: TCPClosed}}, Other, "", ""},
		"another device":                           {failedAt(gateway), failedAt(&Place{Address: "203.0.113.9", Owner: Provider}), Other, "", ""},
		"another interval":                         {failedAt(&Place{Between: []string{"a", "b"}}), failedAt(&Place{Between: []string{"a", "c"}}), Other, "", ""},
		"less known of the place":                  {failedAt(&Place{Between: []string{"a", "b"}, Owner: Provider}), failedAt(&Place{Between: []string{"a", "unknown"}, Owner: UnknownOwner}), "", "", ""},
		"nothing known of the place":               {failedAt(gateway), failedAt(nil), "", "", ""},
		"another hop":                              {failedAt(gateway), failedAt(&Place{Address: "192.168.1.1", Owner: Gateway, Hop: 2}), "", "", ""},
		"required now":                             {Check{Verdict: Fail, Level: Optional}, only(Fail), Worse, "", ""},
		"no longer required":                       {only(Fail), Check{Verdict: Fail, Level: Optional}, Other, "", ""},
		"required now, and passes":                 {Check{Verdict: Pass, Level: Optional}, only(Pass), "", "", ""},
		"more ports":                               {failedOn("h", "9500-9999"), failedOn("h", "9000-9999"), Worse, "h:9000-9499", ""},
		"a hole in the ports":                      {failedOn("h", "9000-9999"), failedOn("h", "9000-9499", "9600-9999"), Better, "", "h:9500-9599"},
		"other ports":                              {failedOn("h", "1,3"), failedOn("h", "2-3"), Other, "h:2", "h:1"},
		"the same ports, told otherwise":           {failedOn("h", "1-3", "4"), failedOn("h", "4", "1-2,3"), "", "", ""},
		"another host as well":                     {failedOn("h", "1"), joinChecks(failedOn("h", "1"), failedOn("2001:db8::1", "1")), Worse, "[2001:db8::1]:1", ""},
		"without ports":                            {failedOn("h", ""), failedOn("g", ""), Other, "g", "h"},
		"ports that are none":                      {failedOn("h", "1"), failedOn("h", "1", "x", "9-1", "70000"), "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Compare(Named{"before", ranCheck(test.was)}, Named{"after", ranCheck(test.is)})
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				if len(c.Changes) > 0 || c.Same != 1 || c.Worse() {
					t.Errorf("%+v", c.Changes)
				}
				return
			}
			if len(c.Changes) != 1 || c.Same != 0 {
				t.Fatalf("%+v, %d the same", c.Changes, c.Same)
			}
			ch := c.Changes[0]
			got := []string{string(ch.Kind), join1(ch.Failing), join1(ch.Restored)}
			if diff := cmp.Diff([]string{string(test.want), test.failing, test.restored}, got); diff != "" {
				t.Error(diff)
			}
			if c.Worse() != (test.want == Worse) {
				t.Errorf("worse: %v", c.Worse())
			}
		})
	}
}

func joinChecks(a, b Check) Check {
	a.Results = append(a.Results, b.Results...)
	return a
}

func join1(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	if len(all) > 1 {
		return "several"
	}
	return ""
}

// What only one of the runs tested is neither better nor worse by itself, but the
// run may be.
func TestCompareOfOtherChecks(t *testing.T) {
	of := func(v Verdict, checks ...Check) *Report {
		r := &Report{Profile: Profile{ID: "p"}, Machines: []Machine{{ID: "m1"}}, Verdict: v}
		for _, c := range checks {
			c.Machine = "m1"
			r.Checks = append(r.Checks, c)
		}
		return r
	}
	a, b := Check{ID: "a", Verdict: Pass}, Check{ID: "b", Verdict: Fail}
	left := b
	left.Verdict, left.Reason = Skip, BecauseSelection
	cut := of(Pass, a)
	cut.Lost = &Lost{Cut: 1000}
	for name, test := range map[string]struct {
		before, after *Report
		kind          ChangeKind
		worse         bool
	}{
		"one that is new and fails":                {of(Pass, a), of(Fail, a, b), Added, true},
		"one that is new in a run that failed":     {of(Fail, a), of(Fail, a, b), Added, false},
		"one that the profile dropped":             {of(Fail, a, b), of(Pass, a), Left, false},
		"one that was left out":                    {of(Fail, a, b), of(Pass, a, left), Left, false},
		"one that is tested for the first time":    {of(Pass, a, left), of(Pass, a, Check{ID: "b", Verdict: Pass}), Added, false},
		"one that can't be read in the later file": {of(Fail, a, b), cut, Left, true},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Compare(Named{"before", test.before}, Named{"after", test.after})
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Changes) != 1 || c.Changes[0].Kind != test.kind || c.Changes[0].Check().ID != "b" || c.Same != 1 || c.Worse() != test.worse {
				t.Errorf("%+v, worse %v", c.Changes, c.Worse())
			}
		})
	}
}

func TestCompareByRole(t *testing.T) {
	run := func(machine, role string, v Verdict) *Report {
		return &Report{
			Profile: Profile{ID: "p", Role: role, Roles: []Role{{ID: "server"}, {ID: "till"}}}, Machines: []Machine{{ID: machine, Role: role, Gateway: "192.0.2.1"}},
			Checks: []Check{{ID: "a", Machine: machine, Verdict: v}}, Findings: []Finding{{ID: "f1", Code: Code("x." + role)}}, Verdict: v,
		}
	}
	merged := func(rs ...*Report) *Report {
		var named []Named
		for _, r := range rs {
			named = append(named, Named{"x", r})
		}
		m, err := Merge(named...)
		if err != nil {
			t.Fatal(err)
		}
		m.Report.Verdict = Fail
		for i := range m.Report.Machines {
			m.Report.Findings = append(m.Report.Findings, Finding{Code: Code("x." + m.Report.Machines[i].Role), Machines: []string{m.Report.Machines[i].ID}})
		}
		return m.Report
	}
	before := merged(run("m1", "till", Pass), run("m1", "server", Fail))
	after := merged(run("m1", "server", Pass), run("m1", "till", Fail))
	after.Machines[1].Gateway = "192.0.2.2"
	c, err := Compare(Named{"before", before}, Named{"after", after})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, ch := range c.Changes {
		got = append(got, ch.Role+" "+string(ch.Kind))
	}
	for _, m := range c.Machines {
		got = append(got, m.Role+" "+m.Name)
	}
	if diff := cmp.Diff([]string{"server better", "till worse", "till gateway"}, got); diff != "" {
		t.Error(diff)
	}
	if len(c.New)+len(c.Gone) > 0 {
		t.Errorf("new %v, gone %v", c.New, c.Gone)
	}
	// One machine's run is compared with its part of the whole.
	c, err = Compare(Named{"before", before}, Named{"after", run("m1", "till", Fail)})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Changes) != 1 || c.Changes[0].Role != "till" || len(c.Gone) > 0 {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff([]Unpaired{{Role: "server"}}, c.Unpaired); diff != "" {
		t.Error(diff)
	}
}

func TestCompareRefuses(t *testing.T) {
	for name, test := range map[string]struct{ a, b *Report }{
		"another profile": {&Report{Profile: Profile{ID: "p"}}, &Report{Profile: Profile{ID: "q"}}},
		"two checks of one id, of which one fails": {
			&Report{Profile: Profile{ID: "p"}, Machines: []Machine{{ID: "m1"}}, Checks: []Check{{ID: "a", Machine: "m1", Verdict: Pass}}},
			&Report{Profile: Profile{ID: "p"}, Machines: []Machine{{ID: "m1"}}, Checks: []Check{{ID: "a", Machine: "m1", Verdict: Pass}, {ID: "a", Machine: "m1", Verdict: Fail}}},
		},
		"two machines of one role": {
			&Report{Profile: Profile{ID: "p"}, Machines: []Machine{{ID: "m1", Role: "till"}}, Checks: []Check{{ID: "a", Machine: "m1", Verdict: Pass}}},
			&Report{
				Profile: Profile{ID: "p"}, Machines: []Machine{{ID: "m1", Role: "till"}, {ID: "m2", Role: "till"}},
				Checks: []Check{{ID: "a", Machine: "m1", Verdict: Pass}, {ID: "a", Machine: "m2", Verdict: Fail}},
			},
		},
		"another role": {&Report{Profile: Profile{ID: "p", Role: "till"}}, &Report{Profile: Profile{ID: "p", Role: "server"}}},
	} {
		if _, err := Compare(Named{"before.json", test.a}, Named{"after.json", test.b}); err == nil {
			t.Errorf("%s was compared", name)
		}
	}
}

// What is missing of a report may have got worse: nobody may take that for a run
// in which nothing did.
func TestCompareOfWhatIsMissing(t *testing.T) {
	whole := func(v Verdict) *Report {
		r := ranCheck(Check{Verdict: v})
		r.Complete, r.Verdict = true, v
		return r
	}
	lost := func(v Verdict) *Report { r := whole(v); r.Lost, r.Complete = &Lost{Cut: 1000}, false; return r }
	stopped := func(v Verdict) *Report { r := whole(v); r.Complete = false; return r }
	of := func(r *Report, sum string) *Report { r.Profile.SHA256 = sum; return r }
	more := func(r *Report, sum string) *Report {
		r.Checks = append(r.Checks, Check{ID: "b", Machine: "m1", Verdict: Pass})
		return of(r, sum)
	}
	for name, test := range map[string]struct {
		before, after *Report
		want          bool
	}{
		"nothing":                        {whole(Fail), whole(Fail), false},
		"of the later":                   {whole(Fail), lost(Fail), true},
		"of the later, which is worse":   {whole(Pass), lost(Fail), false},
		"the later was stopped":          {whole(Fail), stopped(Fail), true},
		"of the earlier":                 {lost(Fail), whole(Fail), true},
		"a check of the same profile":    {more(whole(Pass), "x"), of(whole(Pass), "x"), true},
		"a check of another revision":    {more(whole(Pass), "x"), of(whole(Pass), "y"), false},
		"of the earlier, but all passes": {lost(Fail), whole(Pass), false},
		"the earlier was stopped":        {stopped(Fail), whole(Fail), true},
	} {
		c, err := Compare(Named{"before", test.before}, Named{"after", test.after})
		if err != nil {
			t.Fatal(err)
		}
		if c.Inconclusive() != test.want {
			t.Errorf("%s: %v, worse %v", name, c.Inconclusive(), c.Worse())
		}
	}
}

func TestCompareOfCircumstances(t *testing.T) {
	a, b := ranCheck(Check{Verdict: Pass}), ranCheck(Check{Verdict: Pass})
	a.Params, b.Params = map[string]any{"port": 1.0, "gone": "x", "same": []any{"y"}}, map[string]any{"port": 2.0, "same": []any{"y"}}
	a.Machines[0].Resolvers, b.Machines[0].Resolvers = []string{"192.0.2.1", "192.0.2.2"}, []string{"192.0.2.2", "192.0.2.1"}
	b.Profile.Revision = "2"
	c, err := Compare(Named{"before", a}, Named{"after", b})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Altered{{Name: "gone", Before: "x"}, {Name: "port", Before: 1.0, After: 2.0}}, c.Params); diff != "" {
		t.Error(diff)
	}
	if len(c.Machines) > 0 || c.SameProfile() || c.Worse() {
		t.Errorf("%+v, same profile %v, worse %v", c.Machines, c.SameProfile(), c.Worse())
	}
}
