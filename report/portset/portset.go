// Package portset reads and joins sets of ports as a report has them: 443, or
// 9000-9499,9700. It knows nothing of what was found on them, but how many of
// them were asked.
package portset

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Set is a set of ports: ranges in order that neither touch nor overlap. Make
// one with Parse or Join.
type Set []Range

// Range is First to Last, both included.
type Range struct{ First, Last uint16 }

// Parse reads a set. What is no port, as in a report that was tampered with,
// is left out.
func Parse(s string) Set {
	var set Set
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		a, err := strconv.ParseUint(first, 10, 16)
		if err != nil {
			continue
		}
		b := a
		if isRange {
			if b, err = strconv.ParseUint(last, 10, 16); err != nil || b < a {
				continue
			}
		}
		set = append(set, Range{uint16(a), uint16(b)})
	}
	return join(set)
}

// Join is the union of sets.
func Join(sets ...Set) Set { return join(slices.Concat(sets...)) }

func join(all Set) Set {
	if len(all) < 2 {
		return all
	}
	slices.SortFunc(all, func(a, b Range) int { return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last)) })
	out := all[:1]
	for _, r := range all[1:] {
		last := &out[len(out)-1]
		if int(r.First) <= int(last.Last)+1 {
			last.Last = max(last.Last, r.Last)
			continue
		}
		out = append(out, r)
	}
	return out
}

// Between is the set with what lies between neighbours in it: of those that
// were asked no other is in between. It holds no more than all.
func (s Set) Between(asked, all Set) Set {
	var grown Set
	for _, r := range s {
		grown = append(grown, r)
		if n := len(grown); n > 1 && !asked.within(int(grown[n-2].Last)+1, int(r.First)-1) {
			grown = append(grown[:n-2], Range{grown[n-2].First, r.Last})
		}
	}
	return grown.And(all)
}

// within tells whether any port from first to last is in the set.
func (s Set) within(first, last int) bool {
	i, _ := slices.BinarySearchFunc(s, first, func(r Range, port int) int { return cmp.Compare(int(r.Last), port) })
	return i < len(s) && int(s[i].First) <= last
}

// And is what two sets have in common.
func (s Set) And(t Set) Set {
	var out Set
	for _, a := range s {
		for _, b := range t {
			if a.First <= b.Last && b.First <= a.Last {
				out = append(out, Range{max(a.First, b.First), min(a.Last, b.Last)})
			}
		}
	}
	return join(out)
}

// Count is how many ports are in the set.
func (s Set) Count() int {
	n := 0
	for _, r := range s {
		n += int(r.Last) - int(r.First) + 1
	}
	return n
}

// Overlaps tells whether two sets have a port in common.
func (s Set) Overlaps(t Set) bool {
	for _, a := range s {
		for _, b := range t {
			if a.First <= b.Last && b.First <= a.Last {
				return true
			}
		}
	}
	return false
}

// String writes the set as Parse reads it.
func (s Set) String() string { return s.Format("-", ",") }

// Format writes the set with the given signs between the ends of a range and
// between ranges.
func (s Set) Format(to, and string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 {
			b.WriteString(and)
		}
		b.WriteString(strconv.Itoa(int(r.First)))
		if r.Last > r.First {
			b.WriteString(to)
			b.WriteString(strconv.Itoa(int(r.Last)))
		}
	}
	return b.String()
}
