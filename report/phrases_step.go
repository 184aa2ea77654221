package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

func filled(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func fact(v any) string {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ",")
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fact(v[i])
		}
		return strings.Join(parts, ",")
	case map[string]any: // an item of a list, which a report keeps by the names of its fields
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if s := fact(v[key]); key == "id" {
				parts = slices.Insert(parts, 0, s)
			} else {
				parts = append(parts, key+" "+s)
			}
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}

func (p *phrases) evidence(e *result.Evidence) string {
	var parts []string
	if e.Errno != "" {
		parts = append(parts, e.Errno)
	}
	if m := e.ICMP; m != nil {
		parts = append(parts, fmt.Sprintf("ICMP %d/%d %s from %s ttl %d", m.Type, m.Code, m.Name, m.From, m.TTL))
	}
	if e.Local != "" {
		parts = append(parts, "from "+e.Local)
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.Waited > 0 {
		parts = append(parts, "waited "+p.duration(e.Waited))
	}
	if e.AnswerTTL > 0 {
		parts = append(parts, fmt.Sprintf("answered with TTL %d", e.AnswerTTL))
	}
	if i := e.TCP; i != nil {
		parts = append(parts, fmt.Sprintf("TCP: %d sent again, %d bytes confirmed, %d received, %d out of order, %d confirmed with a gap, segments up to %d in and %d out",
			i.Retransmits, i.BytesAcked, i.BytesReceived, i.OutOfOrder, i.Sacked, i.ReceiveMSS, i.SendMSS))
	}
	if len(e.Hops) > 0 {
		parts = append(parts, hops(e.Hops))
	}
	return strings.Join(parts, ", ")
}

// hops is a sweep in a line: like hops together.
func hops(hs []result.Hop) string {
	var parts []string
	for i := 0; i < len(hs); i++ {
		first, h := i, &hs[i]
		for i+1 < len(hs) && hs[i+1].State == h.State && hs[i+1].From == h.From {
			i++
		}
		part := fmt.Sprintf("hop %d", h.TTL)
		if i > first {
			part = fmt.Sprintf("hops %d-%d", h.TTL, hs[i].TTL)
		}
		part += " " + string(h.State)
		if h.From != "" {
			part += " " + h.From
		}
		if m := h.ICMP; m != nil && h.State != result.Expired {
			part += " " + m.Name
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// stepLine is what one step did, in the words of who looks closely.
type stepLine struct {
	depth int // of nesting
	text  string
	more  []string // the error as the system worded it, and what else it told
}

// stepLines are all that a check or a follow-up did.
func (p *phrases) stepLines(steps []result.Step) []stepLine {
	lines := make([]stepLine, len(steps))
	for i := range steps {
		s, l := &steps[i], &lines[i]
		if s.Parent != nil && *s.Parent >= 0 && *s.Parent < i {
			l.depth = lines[*s.Parent].depth + 1
		}
		words := []string{p.text(string(s.Op)), p.duration(s.Duration)}
		if s.Attempt > 1 {
			words = append(words, p.say("terminal.attempt", i18n.Data{"Attempt": s.Attempt}))
		}
		for _, key := range slices.Sorted(maps.Keys(s.Facts)) {
			words = append(words, p.text(key+"="+fact(s.Facts[key])))
		}
		if s.Failure != "" {
			words = append(words, p.text(string(s.Failure)))
		}
		l.text = strings.Join(words, "  ")
		if s.Err != "" && !s.Failure.SaysAll() {
			l.more = append(l.more, p.text(s.Err))
		}
		if s.Evidence != nil {
			l.more = append(l.more, p.text(p.evidence(s.Evidence)))
		}
	}
	return lines
}
