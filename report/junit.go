package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"netcheck/report/result"
)

// JUnit writes the report as the XML that CI systems read as test results:
// Jenkins, GitLab, and what GitHub has for it. What these show agrees with the
// exit status: a required check that failed is a failure, one that could not be
// decided or run is an error, and what the run passes with all the same is
// neither: skipped, or passed with a remark. A check that was not run for want
// of one that failed itself is skipped: one cause is counted once.
func JUnit(w io.Writer, r *result.Report, o Options) error {
	j := &junit{tests: newTests(r, o)}
	j.document()
	_, err := w.Write(j.out.Bytes())
	return err
}

type junit struct {
	*tests
	out bytes.Buffer
}

// counts are what XML must say before what it counts.
type counts struct{ tests, failures, errors, skipped int }

func (j *junit) count(checks []int) counts {
	n := counts{tests: len(checks)}
	for _, i := range checks {
		switch j.bearings[i] {
		case bearingFailed:
			n.failures++
		case bearingOpen:
			n.errors++
		case bearingNone, bearingTolerated:
			n.skipped++
		}
	}
	return n
}

func (j *junit) document() {
	all := make([]int, len(j.r.Checks))
	for i := range all {
		all[i] = i
	}
	n, whole := j.count(all), j.whole()
	if whole != "" {
		n.tests++
		n.errors++
	}
	j.out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	j.open("testsuites", "name", j.product(), "tests", num(n.tests), "failures", num(n.failures), "errors", num(n.errors), "skipped", num(n.skipped), "time", seconds(j.r.Duration))
	for _, s := range j.suites() {
		if len(s.checks) > 0 {
			j.suite(s)
		}
	}
	if whole != "" {
		j.open("testsuite", "name", j.word("ci.run"), "tests", "1", "failures", "0", "errors", "1", "skipped", "0", "time", "0.000", "timestamp", stamp(j.r.Started))
		j.open("testcase", "name", j.word("ci.run"), "classname", j.class(""), "time", "0.000")
		j.element("error", []string{whole}, "message", whole, "type", j.text(string(j.r.Verdict)))
		j.close("testcase")
		j.close("testsuite")
	}
	j.close("testsuites")
}

func (j *junit) suite(s *suite) {
	n, spent, started := j.count(s.checks), result.Duration(0), j.r.Started
	for _, i := range s.checks {
		spent += max(0, j.r.Checks[i].Duration)
	}
	attributes := []string{"name", s.title, "tests", num(n.tests), "failures", num(n.failures), "errors", num(n.errors), "skipped", num(n.skipped), "time", seconds(spent)}
	if m := s.machine; m != nil {
		if m.Run != nil {
			started = m.Run.Started
		}
		if name := j.text(m.Name); name != "" {
			attributes = append(attributes, "hostname", name)
		}
	}
	j.open("testsuite", append(attributes, "timestamp", stamp(started))...)
	j.properties(s.machine)
	for _, i := range s.checks {
		j.test(&j.r.Checks[i], j.bearings[i], s)
	}
	j.close("testsuite")
}

// properties say what was run: results are kept for months.
func (j *junit) properties(m *result.Machine) {
	p := &j.r.Profile
	j.open("properties")
	role, system := p.Role, ""
	if m != nil {
		role, system = cmp.Or(m.Role, p.Role), m.OS
	}
	for _, pair := range [][2]string{
		{"profile", p.ID},
		{"revision", p.Revision},
		{"sha256", p.SHA256},
		{"role", role},
		{"os", system},
		{"verdict", string(j.r.Verdict)},
		{"netcheck", j.r.Tool.Version},
		{"shortfall", j.shortfall()},
	} {
		if pair[1] != "" {
			j.empty("property", "name", pair[0], "value", j.text(pair[1]))
		}
	}
	j.close("properties")
}

func (j *junit) test(c *result.Check, b bearing, s *suite) {
	attributes := []string{"name", j.name(c), "classname", j.class(s.id), "time", seconds(c.Duration)}
	if file := j.profileFile(); file != "" {
		attributes = append(attributes, "file", file)
		if c.Spec.Line > 0 {
			attributes = append(attributes, "line", num(c.Spec.Line))
		}
	}
	if b == bearingPassed {
		j.empty("testcase", attributes...)
		return
	}
	j.open("testcase", attributes...)
	switch b {
	case bearingFailed:
		j.element("failure", lines(j.account(c)), "message", j.message(c), "type", j.code(c))
	case bearingOpen:
		j.element("error", lines(j.account(c)), "message", j.message(c), "type", j.code(c))
	case bearingTolerated:
		j.empty("skipped", "message", j.left(c, b))
		j.element("system-out", lines(j.account(c)))
	case bearingRemark:
		j.element("system-out", lines(j.account(c)))
	default:
		j.empty("skipped", "message", j.left(c, b))
	}
	j.close("testcase")
}

// class is what a test's history is kept under, beside its name: dots make
// levels of it.
func (j *junit) class(suite string) string {
	parts := filled(strings.ReplaceAll(j.text(j.r.Profile.ID), ".", "-"), strings.ReplaceAll(j.text(suite), ".", "-"))
	return cmp.Or(strings.Join(parts, "."), "netcheck")
}

func (j *junit) tag(name string, attributes []string, end string) {
	j.out.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		j.out.WriteString(" " + attributes[i] + `="`)
		j.escape(cmp.Or(attributes[i+1], "-")) // a test without a name is one that readers pass over
		j.out.WriteByte('"')
	}
	j.out.WriteString(end)
}

func (j *junit) open(name string, attributes ...string)  { j.tag(name, attributes, ">\n") }
func (j *junit) empty(name string, attributes ...string) { j.tag(name, attributes, "/>\n") }
func (j *junit) close(name string)                       { j.out.WriteString("</" + name + ">\n") }

func (j *junit) element(name string, text []string, attributes ...string) {
	j.tag(name, attributes, ">")
	if len(text) == 0 && len(attributes) > 0 {
		text = attributes[1:2]
	}
	for i, l := range text {
		if i > 0 {
			j.out.WriteByte('\n')
		}
		j.escape(l)
	}
	j.close(name)
}

// escape writes a text that is clean already. What XML 1.0 has no place for
// becomes U+FFFD.
func (j *junit) escape(s string) { _ = xml.EscapeText(&j.out, []byte(s)) } // a buffer takes all

func num(n int) string { return strconv.Itoa(n) }

func seconds(d result.Duration) string {
	return fmt.Sprintf("%.3f", max(0, time.Duration(d).Seconds()))
}

// stamp is a time in data.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
