package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"netcheck/report"
	"netcheck/report/result"
)

// The formats are read here by programs that read such things. Where one is not
// installed its test is skipped; NETCHECK_LAB=require makes that a failure.

// tool runs a program on what it gets by stdin, and returns what it says.
func tool(t *testing.T, stdin []byte, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	c := exec.CommandContext(t.Context(), name, args...)
	c.Stdin = bytes.NewReader(stdin)
	out, err := c.CombinedOutput()
	return string(out), err
}

// junitResults is what a reader of JUnit's XML makes of it.
type junitResults struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Suites   []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name    string  `xml:"name,attr"`
			Class   string  `xml:"classname,attr"`
			File    string  `xml:"file,attr"`
			Line    int     `xml:"line,attr"`
			Failure *string `xml:"failure"`
			Error   *string `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

// readJUnit holds that the counts are those of what is counted.
func readJUnit(t *testing.T, data []byte) *junitResults {
	t.Helper()
	var r junitResults
	if err := xml.Unmarshal(data, &r); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	tests, failures, errs, skipped := 0, 0, 0, 0
	for _, s := range r.Suites {
		f, e, k := 0, 0, 0
		for _, c := range s.Cases {
			switch {
			case c.Failure != nil:
				f++
			case c.Error != nil:
				e++
			case c.Skipped != nil:
				k++
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != f || s.Errors != e || s.Skipped != k {
			t.Errorf("suite %q counts %d, %d, %d, %d and has %d, %d, %d, %d", s.Name, s.Tests, s.Failures, s.Errors, s.Skipped, len(s.Cases), f, e, k)
		}
		tests, failures, errs, skipped = tests+len(s.Cases), failures+f, errs+e, skipped+k
	}
	if r.Tests != tests || r.Failures != failures || r.Errors != errs || r.Skipped != skipped {
		t.Errorf("counts %d, %d, %d, %d and has %d, %d, %d, %d", r.Tests, r.Failures, r.Errors, r.Skipped, tests, failures, errs, skipped)
	}
	return &r
}

// What is written is what the readers of test results take, by a schema of what
// they say.
func TestJUnitIsValid(t *testing.T) {
	for sample, r := range samples() {
		for _, strict := range []bool{false, true} {
			t.Run(fmt.Sprint(sample, " strict ", strict), func(t *testing.T) {
				data := write(t, format(t, "junit"), diagnosed(r), report.Options{Strict: strict})
				readJUnit(t, data)
				if out, err := tool(t, data, "xmllint", "--nonet", "--noout", "--schema", "testdata/junit.xsd", "-"); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

// The schema is none that anything would pass.
func TestJUnitSchemaRefuses(t *testing.T) {
	for name, change := range map[string][2]string{
		"no name":            {` name="`, ` nom="`},
		"an unknown element": {"<properties>", "<unknown/><properties>"},
		"two results":        {"</failure>", `</failure><error message="m" type="t">x</error>`},
		"another time":       {` timestamp="2026-11-21T09:30:00Z"`, ` timestamp="yesterday"`},
	} {
		t.Run(name, func(t *testing.T) {
			data := write(t, format(t, "junit"), diagnosed(mixed()), report.Options{})
			bad := bytes.ReplaceAll(data, []byte(change[0]), []byte(change[1]))
			if bytes.Equal(bad, data) {
				t.Fatalf("nothing was changed in\n%s", data)
			}
			if out, err := tool(t, bad, "xmllint", "--nonet", "--noout", "--schema", "testdata/junit.xsd", "-"); err == nil {
				t.Errorf("it is taken: %s", out)
			}
		})
	}
}

// tapLine is a line as perl's reader of TAP understands it.
type tapLine struct {
	Type, Description, Directive, Explanation string
	Number                                    int
	OK                                        int
	Data                                      map[string]string
}

// readTAP has it read by TAP::Parser, of which some that are in use know no
// version later than 13.
func readTAP(t *testing.T, data []byte) []tapLine {
	t.Helper()
	const program = `use TAP::Parser; use JSON::PP; binmode STDIN, ":utf8"; local $/; my $p = TAP::Parser->new({tap => <STDIN>});
		my @all; while (my $r = $p->next) { my $t = $r->is_test;
		push @all, {Type => $r->type, $t ? (Number => 0+$r->number, Description => $r->description, Directive => $r->directive, Explanation => $r->explanation, OK => $r->is_actual_ok ? 1 : 0) : (),
			$r->type eq "yaml" ? (Data => $r->data) : (), $r->type eq "unknown" ? (Description => $r->raw) : ()}; }
		die join "; ", $p->parse_errors if $p->parse_errors; print JSON::PP->new->ascii->encode(\@all);`
	out, err := tool(t, data, "perl", "-e", program)
	var all []tapLine
	if err == nil {
		err = json.Unmarshal([]byte(out), &all)
	}
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, data)
	}
	return all
}

func TestTAPIsRead(t *testing.T) {
	for sample, r := range samples() {
		t.Run(sample, func(t *testing.T) {
			data := write(t, format(t, "tap"), diagnosed(r), report.Options{})
			n := 0
			for _, l := range readTAP(t, data) {
				switch l.Type {
				case "test":
					c := &r.Checks[n]
					if n++; l.Number != n || !strings.Contains(l.Description, c.ID) {
						t.Errorf("test %d is %+v, not of %s", n, l, c.ID)
					}
					passed := c.Verdict == result.Pass || c.Verdict == result.Warn || c.Verdict == result.Attested
					if passed != (l.OK > 0 && l.Directive == "") {
						t.Errorf("%s: %+v", c.ID, l)
					}
				case "yaml":
					if l.Data["message"] == "" || l.Data["verdict"] != string(r.Checks[n-1].Verdict) {
						t.Errorf("%s: %+v", r.Checks[n-1].ID, l.Data)
					}
				case "unknown":
					t.Errorf("not understood: %q", l.Description)
				}
			}
			if n != len(r.Checks) {
				t.Errorf("%d tests of %d checks", n, len(r.Checks))
			}
		})
	}
}

// readPrometheus has it read by Prometheus' own reader.
func readPrometheus(t testing.TB, data []byte) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	for name, f := range families {
		sets := map[string]bool{}
		for _, m := range f.Metric {
			if m.TimestampMs != nil {
				t.Errorf("%s has a time, which the textfile collector refuses", name)
			}
			if set := fmt.Sprint(m.Label); sets[set] {
				t.Errorf("%s is there twice with %s", name, set)
			} else {
				sets[set] = true
			}
		}
		if f.GetHelp() == "" || f.GetType() != dto.MetricType_GAUGE {
			t.Errorf("%s has no help, or is no gauge", name)
		}
	}
	return families
}

func TestPrometheusIsRead(t *testing.T) {
	for sample, r := range samples() {
		t.Run(sample, func(t *testing.T) {
			families := readPrometheus(t, write(t, format(t, "prometheus"), diagnosed(r), report.Options{}))
			said := map[string]string{}
			for _, m := range families["netcheck_check_verdict"].GetMetric() {
				labels := map[string]string{}
				for _, l := range m.Label {
					labels[l.GetName()] = l.GetValue()
				}
				said[labels["check"]+labels["machine"]] = labels["verdict"]
			}
			want := map[string]string{}
			for _, c := range r.Checks {
				machine := ""
				if len(r.Machines) > 1 {
					machine = r.Machines[slices.IndexFunc(r.Machines, func(m result.Machine) bool { return m.ID == c.Machine })].Role
				}
				want[c.ID+machine] = string(c.Verdict)
			}
			if diff := cmp.Diff(want, said); diff != "" {
				t.Error(diff)
			}
		})
	}
}
