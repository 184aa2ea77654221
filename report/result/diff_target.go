package result

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"
)

// aim is where a result was aimed at. Names have other addresses from one hour to
// the next, so that an address counts only where there is no name.
type aim struct{ host, proto string }

// span is a run of ports; of a result without ports it is 0 to 0.
type span struct{ from, to int }

// targetsBeyond names the targets that fail in one result of a check, and not in
// the other.
func targetsBeyond(c, other *Check) []string {
	theirs := failing(other)
	var names []string
	aims, mine := make([]aim, 0, len(c.Results)), failing(c)
	for a := range mine {
		aims = append(aims, a)
	}
	slices.SortFunc(aims, func(a, b aim) int { return cmp.Or(cmp.Compare(a.host, b.host), cmp.Compare(a.proto, b.proto)) })
	for _, a := range aims {
		if left := without(mine[a], theirs[a]); len(left) > 0 {
			names = append(names, targetName(a, left))
		}
	}
	return names
}

// failing are the targets of a check that have a cause.
func failing(c *Check) map[aim][]span {
	all := map[aim][]span{}
	for i := range c.Results {
		r := &c.Results[i]
		if r.Cause == nil {
			continue
		}
		a := aim{host: cmp.Or(r.Host, r.Address), proto: r.Proto}
		all[a] = append(all[a], spans(r.Ports)...)
	}
	for a, ss := range all {
		all[a] = joined(ss)
	}
	return all
}

// spans reads ports as a result has them. What is none, as in a report that was
// tampered with, is left out.
func spans(s string) []span {
	if s == "" {
		return []span{{0, 0}}
	}
	var all []span
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		a, err := strconv.ParseUint(first, 10, 16)
		b := a
		if isRange && err == nil {
			b, err = strconv.ParseUint(last, 10, 16)
		}
		if err == nil && a <= b {
			all = append(all, span{int(a), int(b)})
		}
	}
	return all
}

// joined puts spans in order, so that none touches another.
func joined(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var out []span
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to+1 {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// without is what remains of the first spans; both are joined.
func without(all, less []span) []span {
	var out []span
	for _, s := range all {
		for len(less) > 0 && less[0].to < s.from {
			less = less[1:]
		}
		for _, l := range less {
			if l.from > s.to || s.from > s.to {
				break
			}
			if l.from > s.from {
				out = append(out, span{s.from, l.from - 1})
			}
			s.from = l.to + 1
		}
		if s.from <= s.to {
			out = append(out, s)
		}
	}
	return out
}

// targetName is a target as findings have it: HOST:PORTS.
func targetName(a aim, ports []span) string {
	var parts []string
	for _, p := range ports {
		switch {
		case p.to == 0:
			return a.host
		case p.from == p.to:
			parts = append(parts, strconv.Itoa(p.from))
		default:
			parts = append(parts, strconv.Itoa(p.from)+"-"+strconv.Itoa(p.to))
		}
	}
	if a.host == "" {
		return strings.Join(parts, ",")
	}
	return net.JoinHostPort(a.host, strings.Join(parts, ","))
}
