package main

import (
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"netcheck/report/result"
)

// wanted is what a case must give. One line is one finding, and the indented
// lines below it say more of it:
//
//	tcp.filtered >=strong            code (or CODE|CODE), confidence
//	  at 192.168.1.1                 the address of the device
//	  between 192.168.1.1 203.0.113.1|unknown
//	  hop 1
//	  owner gateway
//	  checks feed api                all that it explains
//	  not host.down                  must not be left as a look-alike
//	  machines m1 m2                 of a merged report
//	  rule filtered                  by which rule
//	  could-be tcp.filtered local.firewall  each is its code or a look-alike
//	maybe path.loss                  may be found as well: only chance decides
//	verdict fail                     the run's
//	check feed pass|inconclusive     a check's; feed@m2: on the second machine of a merged report
//	no finding
//
// A finding that nothing here wants is wrong.
type wanted struct {
	findings []wantedFinding
	maybe    []string
	checks   map[string]string
	verdict  result.Verdict
}

type wantedFinding struct {
	codes      []string
	confidence string
	said       [][]string // words of the indented lines
}

func readWanted(s string) (*wanted, error) {
	w := &wanted{checks: map[string]string{}}
	none := false // it says that nothing may be found
	for line := range strings.Lines(s) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case line[0] == ' ' || line[0] == '\t':
			if len(w.findings) == 0 || len(words) < 2 {
				return nil, fmt.Errorf("what is %q about?", line)
			}
			f := &w.findings[len(w.findings)-1]
			f.said = append(f.said, words)
		case words[0] == "no":
			none = true
		case words[0] == "maybe":
			w.maybe = append(w.maybe, words[1:]...)
		case words[0] == "verdict" && len(words) == 2:
			w.verdict = result.Verdict(words[1])
		case words[0] == "check" && len(words) == 3:
			w.checks[words[1]] = words[2]
		case len(words) == 2:
			codes := strings.Split(words[0], "|")
			for _, c := range codes {
				if !slices.Contains(result.Codes(), result.Code(c)) {
					return nil, fmt.Errorf("no code %q", c)
				}
			}
			w.findings = append(w.findings, wantedFinding{codes: codes, confidence: words[1]})
		default:
			return nil, fmt.Errorf("not understood: %q", line)
		}
	}
	if none != (len(w.findings) == 0) {
		return nil, fmt.Errorf("either findings or no finding")
	}
	return w, nil
}

// check says what of a report is not as wanted.
func (w *wanted) check(r *result.Report) (wrong []string) {
	if w.verdict != "" && r.Verdict != w.verdict {
		wrong = append(wrong, fmt.Sprintf("verdict %s, want %s", r.Verdict, w.verdict))
	}
	for id, v := range w.checks {
		id, machine, _ := strings.Cut(id, "@")
		i := slices.IndexFunc(r.Checks, func(c result.Check) bool { return c.ID == id && (machine == "" || c.Machine == machine) })
		if i < 0 || !oneOf(v, string(r.Checks[i].Verdict)) {
			wrong = append(wrong, fmt.Sprintf("check %s is not %s", id, v))
		}
	}
	left := slices.Clone(r.Findings)
	for _, f := range w.findings {
		i, why := f.find(left)
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("no finding %s %s: %s", strings.Join(f.codes, "|"), f.confidence, why))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, f := range left {
		if slices.Contains(w.maybe, string(f.Code)) {
			continue
		}
		wrong = append(wrong, fmt.Sprintf("a finding that nobody wants: %s %s", f.Code, f.Confidence))
	}
	return wrong
}

// find looks for the finding that is as wanted; else it says what the one that
// comes nearest has otherwise.
func (w wantedFinding) find(fs []result.Finding) (int, string) {
	near, best := "there is none of this cause", 1<<30
	for i, f := range fs {
		if !slices.Contains(w.codes, string(f.Code)) {
			continue
		}
		wrong := w.differs(f)
		if len(wrong) == 0 {
			return i, ""
		}
		if len(wrong) < best {
			best, near = len(wrong), strings.Join(wrong, "; ")
		}
	}
	return -1, near
}

func (w wantedFinding) differs(f result.Finding) (wrong []string) {
	if !confident(w.confidence, f.Confidence) {
		wrong = append(wrong, "confidence "+string(f.Confidence))
	}
	at := f.At
	if at == nil {
		at = &result.Place{}
	}
	for _, words := range w.said {
		var ok bool
		switch rest := words[1:]; words[0] {
		case "at":
			ok = oneOf(rest[0], at.Address)
		case "between":
			ok = len(rest) == 2 && len(at.Between) == 2 && oneOf(rest[0], at.Between[0]) && oneOf(rest[1], at.Between[1])
		case "hop":
			ok = oneOf(rest[0], strconv.Itoa(at.Hop))
		case "owner":
			ok = oneOf(rest[0], string(at.Owner))
		case "checks":
			got := slices.Clone(f.Checks)
			slices.Sort(got)
			ok = slices.Equal(got, slices.Sorted(slices.Values(rest)))
		case "not":
			ok = !slices.ContainsFunc(f.NotExcluded, func(c result.Code) bool { return slices.Contains(rest, string(c)) })
		case "could-be":
			ok = !slices.ContainsFunc(rest, func(c string) bool {
				return string(f.Code) != c && !slices.Contains(f.NotExcluded, result.Code(c))
			})
		case "ports":
			ok = f.Request != nil && f.Request.Ports == rest[0]
		case "machines":
			ok = slices.Equal(f.Machines, rest)
		case "rule":
			ok = f.Rule == rest[0]
		}
		if !ok {
			wrong = append(wrong, strings.Join(words, " "))
		}
	}
	return wrong
}

func oneOf(want, got string) bool { return slices.Contains(strings.Split(want, "|"), got) }

var sureness = []result.Confidence{result.Hint, result.Likely, result.Strong, result.Certain}

// confident reads certain, >=likely, <=likely, or any.
func confident(want string, got result.Confidence) bool {
	is := slices.Index(sureness, got)
	switch {
	case want == "any":
		return true
	case strings.HasPrefix(want, ">="):
		return is >= slices.Index(sureness, result.Confidence(want[2:]))
	case strings.HasPrefix(want, "<="):
		return is <= slices.Index(sureness, result.Confidence(want[2:]))
	}
	return string(got) == want
}

func (w *wanted) short() string {
	if len(w.findings) == 0 {
		return "healthy"
	}
	var s []string
	for _, f := range w.findings {
		s = append(s, strings.Join(f.codes, "|")+" "+f.confidence)
	}
	return strings.Join(s, ", ")
}

func shortOf(r *result.Report) string {
	if len(r.Findings) == 0 {
		return "healthy"
	}
	var s []string
	for _, f := range r.Findings {
		s = append(s, string(f.Code)+" "+string(f.Confidence))
	}
	return strings.Join(s, ", ")
}

// tellFindings tells what a report found, for who must find out why.
func tellFindings(r *result.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "  check %s@%s: %s %s\n", c.ID, c.Machine, c.Verdict, c.Reason)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  got %s %s (rule %s) checks %v not excluded %v", f.Code, f.Confidence, f.Rule, f.Checks, f.NotExcluded)
		if f.At != nil {
			fmt.Fprintf(&b, " at %+v", *f.At)
		}
		fmt.Fprintf(&b, "\n    %s\n", f.Summary)
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "    - %s\n", e)
		}
	}
	for _, f := range r.Followups {
		fmt.Fprintf(&b, "  followup %s %+v\n", f.Name, f.Subject)
		for _, s := range f.Steps {
			fmt.Fprintf(&b, "    %s %v %s %s", s.Op, s.Facts, s.Failure, s.Err)
			if s.Evidence != nil {
				for _, h := range s.Evidence.Hops {
					fmt.Fprintf(&b, " %d:%s %s", h.TTL, h.State, h.From)
				}
				fmt.Fprintf(&b, " answer-ttl %d", s.Evidence.AnswerTTL)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func flagValue(name string) string {
	if f := flag.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

func meantBy(pattern, s string) bool {
	ok, err := regexp.MatchString(pattern, s)
	return ok && err == nil
}
