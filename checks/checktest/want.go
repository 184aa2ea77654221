package checktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"netcheck/report/result"
)

// A want is what a check must have come to, a line for each statement:
//
//	verdict fail                     the verdict
//	code tcp.open                    the code that the kind itself gave; left out: none
//	reason tool                      left out: none
//	detail no answer                 in full, or after ~ a part of it; left out: none
//	target 127.0.0.1:443             what a reader is told
//	attempts 2
//	via http://127.0.0.1:$proxy      the way by which it went
//	result state=open ports=$port    all results, in order; only the keys given are compared
//	step connect refused rtt~1       a step, its failure if it has one, and facts of it
//	no-step scan                     no step of this operation
//
// key=value is the whole, key~value a part, key~ any value at all. If a result is wanted, all are; a
// step with a failure must always be wanted.
type want struct {
	exact   map[string]string // verdict, code, …
	results []match
	steps   []stepMatch
	never   []result.Op
}

type stepMatch struct {
	op      result.Op
	failure result.Failure
	facts   match
}

// match holds wanted values by key; a value that begins with ~ is a part.
type match map[string]string

func parseWant(text string) (*want, error) {
	w := &want{exact: map[string]string{}}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch word {
		case "verdict", "code", "reason", "detail", "target", "attempts", "via":
			w.exact[word] = rest
		case "no-step":
			w.never = append(w.never, result.Op(rest))
		case "result", "step":
			args, err := fields(rest)
			if err != nil {
				return nil, err
			}
			if err := w.add(word, args); err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
		default:
			return nil, fmt.Errorf("%q is not known", word)
		}
	}
	if w.exact["verdict"] == "" {
		return nil, fmt.Errorf("no verdict")
	}
	return w, nil
}

func (w *want) add(word string, args []string) error {
	var s stepMatch
	if word == "step" {
		if len(args) == 0 {
			return fmt.Errorf("no operation")
		}
		s.op, args = result.Op(args[0]), args[1:]
		if len(args) > 0 && !strings.ContainsAny(args[0], "=~") {
			s.failure, args = result.Failure(args[0]), args[1:]
		}
	}
	m := match{}
	for _, a := range args {
		i := strings.IndexAny(a, "=~")
		if i < 0 {
			return fmt.Errorf("%q is neither key=value nor key~part", a)
		}
		key, v := a[:i], a[i+1:]
		if a[i] == '~' {
			v = "~" + v
		}
		m[key] = v
	}
	if s.facts = m; word == "step" {
		w.steps = append(w.steps, s)
	} else {
		w.results = append(w.results, m)
	}
	return nil
}

func (m match) diff(got func(key string) string) []string {
	var wrong []string
	for key, v := range m {
		if g := got(key); !fits(v, g) {
			wrong = append(wrong, fmt.Sprintf("%s is %q, wanted %q", key, g, v))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func fits(want, got string) bool {
	if part, ok := strings.CutPrefix(want, "~"); ok {
		return got != "" && (part != "" || got != unset) && strings.Contains(got, strings.TrimSpace(part))
	}
	return got == want
}

// compare says what of the check is not as wanted; "" if nothing.
func (w *want) compare(c result.Check) string {
	var wrong []string
	got := map[string]string{
		"verdict": string(c.Verdict), "code": string(c.Code), "reason": string(c.Reason), "detail": c.Detail,
		"target": c.Target, "attempts": fmt.Sprint(c.Attempts), "via": c.Via,
	}
	always := match{"verdict": "", "code": "", "reason": "", "detail": ""}
	for k, v := range w.exact {
		always[k] = v
	}
	wrong = append(wrong, always.diff(func(k string) string { return got[k] })...)
	if len(w.results) > 0 {
		if len(w.results) != len(c.Results) {
			wrong = append(wrong, fmt.Sprintf("%d results, wanted %d", len(c.Results), len(w.results)))
		}
		for i := range min(len(w.results), len(c.Results)) {
			for _, d := range w.results[i].diff(func(k string) string { return resultKey(c.Results[i], k) }) {
				wrong = append(wrong, fmt.Sprintf("result %d: %s", i+1, d))
			}
		}
	}
	wrong = append(wrong, w.compareSteps(c.Steps)...)
	return strings.Join(wrong, "\n")
}

// compareSteps gives each wanted step the first unused step that fits.
func (w *want) compareSteps(steps []result.Step) []string {
	var wrong []string
	used := make([]bool, len(steps))
	for _, s := range w.steps {
		i := -1
		for j, g := range steps {
			if !used[j] && g.Op == s.op && g.Failure == s.failure && len(s.facts.diff(func(k string) string { return fact(g, k) })) == 0 {
				i = j
				break
			}
		}
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("no step %s %s %v", s.op, s.failure, s.facts))
			continue
		}
		used[i] = true
	}
	for j, g := range steps {
		switch {
		case slices.Contains(w.never, g.Op):
			wrong = append(wrong, fmt.Sprintf("there is a step %s", g.Op))
		case g.Failure != "" && !used[j]:
			wrong = append(wrong, fmt.Sprintf("step %d, %s, failed with %s, which was not wanted", j, g.Op, g.Failure))
		}
	}
	return wrong
}

func resultKey(r result.Result, key string) string {
	switch key {
	case "host":
		return r.Host
	case "address":
		return r.Address
	case "proto":
		return r.Proto
	case "ports":
		return r.Ports
	case "state":
		return string(r.State)
	case "inferred":
		return fmt.Sprint(r.Inferred)
	case "failure":
		return string(r.Failure)
	case "note":
		return r.Note
	case "via":
		return r.Via
	case "errno":
		if r.Evidence != nil {
			return r.Evidence.Errno
		}
		return ""
	}
	return "there is no key " + key
}

// unset is the value of a fact that is not there.
const unset = "unset"

func fact(s result.Step, key string) string {
	if key == "via" {
		return s.Via
	}
	v, ok := s.Facts[key]
	if !ok {
		return unset
	}
	if list, isList := v.([]string); isList {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(v)
}

func render(c result.Check) string {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
