package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"netcheck/report/result"
)

// TAP writes the report in version 13 of the Test Anything Protocol, since
// readers in use refuse a later one and nothing of it is needed: a line a check, and of one that did not pass what there is to say as YAML. What the run
// passes with all the same is a test that may fail (# TODO).
func TAP(w io.Writer, r *result.Report, o Options) error {
	t := &tap{tests: newTests(r, o)}
	t.document()
	_, err := w.Write(t.out.Bytes())
	return err
}

type tap struct {
	*tests
	out bytes.Buffer
}

func (t *tap) document() {
	n, whole := len(t.r.Checks), t.whole()
	if whole != "" {
		n++
	}
	fmt.Fprintf(&t.out, "TAP version 13\n1..%d\n", n)
	if why := t.shortfall(); why != "" {
		t.out.WriteString("# " + why + "\n")
	}
	for i := range t.r.Checks {
		t.test(i)
	}
	if whole != "" {
		fmt.Fprintf(&t.out, "not ok %d - %s\n", n, tapText(t.word("ci.run")))
		t.diagnostics([]string{"message", whole, "verdict", t.text(string(t.r.Verdict))}, nil)
	}
}

func (t *tap) test(i int) {
	c, b := &t.r.Checks[i], t.bearings[i]
	name := t.name(c)
	if t.merged() {
		name = t.machine(c.Machine) + ": " + name
	}
	ok, directive := "ok", ""
	switch b {
	case bearingNone:
		directive = " # SKIP " + tapText(t.left(c, b))
	case bearingTolerated:
		ok, directive = "not ok", " # TODO "+tapText(t.known("level.", string(c.Level)))
	case bearingOpen, bearingFailed:
		ok = "not ok"
	}
	fmt.Fprintf(&t.out, "%s %d - %s%s\n", ok, i+1, tapText(name), directive)
	if b == bearingNone || b == bearingPassed {
		return
	}
	pairs := []string{"message", t.message(c), "verdict", t.text(string(c.Verdict)), "level", t.text(string(c.Level)), "code", t.code(c)}
	if c.Target != "" {
		pairs = append(pairs, "target", t.text(c.Target))
	}
	if file := t.profileFile(); file != "" && c.Spec.Line > 0 {
		pairs = append(pairs, "file", file, "line", num(c.Spec.Line))
	}
	account := lines(t.account(c))
	if len(account) > 0 && account[0] == t.message(c) {
		account = account[1:]
	}
	t.diagnostics(pairs, account)
}

// diagnostics are a block of YAML: keys of ours, and every value quoted.
func (t *tap) diagnostics(pairs, account []string) {
	t.out.WriteString("  ---\n")
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&t.out, "  %s: %s\n", pairs[i], yamlText(pairs[i+1]))
	}
	if len(account) > 0 {
		// As it stands: what stands behind a hyphen ends no block and begins none.
		t.out.WriteString("  account: |\n")
		for _, l := range account {
			t.out.WriteString("    - " + l + "\n")
		}
	}
	t.out.WriteString("  ...\n")
}

// tapText escapes what would begin a directive.
func tapText(s string) string {
	return tapEscaper.Replace(cmp.Or(strings.TrimSpace(s), "-"))
}

// yamlText is a scalar in double quotes, which is the same in JSON and in the
// little YAML that readers of TAP know. The text is clean: it has no line's end.
func yamlText(s string) string {
	return `"` + quoted.Replace(s) + `"`
}

var tapEscaper = strings.NewReplacer(`\`, `\\`, "#", `\#`)
