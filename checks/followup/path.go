package followup

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// sweep finds out how far the packets to a port get, and how far those to a
// port that answers do.
var sweep = Followup{
	Name: "sweep",
	Doc:  "Where a port failed: the same connect or datagram at rising TTL, to it and to ports that answer, to see how far each gets.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		failed := unanswered(s, c)
		if len(failed) == 0 {
			return nil
		}
		var subjects []result.Subject
		chosen := swept(s)
		for _, failed := range failed {
			if !slices.Contains(chosen, failed) {
				continue
			}
			subjects = append(subjects, failed)
			for _, k := range controls(s, failed) {
				if !slices.Contains(subjects, k) {
					subjects = append(subjects, k)
				}
			}
		}
		return subjects
	},
	Look: lookSweep,
}

const (
	// runs is how many ports of one answer of an address are swept, where they
	// lie apart: they may have been held up at different places.
	runs = 5
	// mostSwept is how many failed ports of a run are swept: as many as the
	// routers on the way answer for, beside their controls, while there is time.
	mostSwept = 6
	// again is how long the end of a way is left alone before it is asked for
	// once more: routers send one answer a second, once they have sent six, and
	// the one that is silent may only have none left. One that has no route
	// needs two seconds of quiet (Linux: it counts such packets twice).
	again = 2100 * time.Millisecond
	// againAtLeast and listenAtLeast make do with less where the time runs out:
	// a second is what one more answer takes, and most ways are shorter than
	// 0.4 s. What was not asked again is not known to be silent.
	againAtLeast  = time.Second
	listenAtLeast = 400 * time.Millisecond
	onceMore      = time.Second
	margin        = 50 * time.Millisecond
)

// swept are the failed ports of the whole run that are looked at: one of each
// address before the second of any, and the weightiest checks' first.
func swept(s *Seen) []result.Subject {
	var all []result.Subject
	for _, l := range []result.Level{result.Required, result.Recommended, result.Optional} {
		for i := range s.Report.Checks {
			if c := &s.Report.Checks[i]; c.Level == l && len(all) < subjects {
				all = append(all, unanswered(s, c)...)
			}
		}
	}
	turn := map[result.Subject]int{} // of a port among those of its address
	count := map[string]int{}
	all = slices.DeleteFunc(all, func(f result.Subject) bool {
		if _, known := turn[f]; known {
			return true
		}
		turn[f] = count[f.Address+f.Proto]
		count[f.Address+f.Proto]++
		return false
	})
	slices.SortStableFunc(all, func(a, b result.Subject) int { return turn[a] - turn[b] })
	return all[:min(len(all), mostSwept)]
}

// unanswered are the ports of a check that failed and whose way may tell why:
// of each address one port of each answer, and of ports that lie apart a few.
func unanswered(s *Seen, c *result.Check) []result.Subject {
	var subjects []result.Subject
	for i := range c.Results {
		res := &c.Results[i]
		if !doubtful(c, res) {
			continue
		}
		if a, err := netip.ParseAddr(res.Address); err != nil || s.own(a) {
			continue
		}
		ports := firstPorts(res.Ports)
		if len(ports) > runs { // a sample, or losses: no rule of its own for each
			ports = []int{ports[0], ports[len(ports)-1]}
		}
		for _, port := range ports {
			subject := Target(c, res)
			subject.Port = port
			if !slices.Contains(subjects, subject) {
				subjects = append(subjects, subject)
			}
		}
	}
	return subjects
}

// firstPorts are the first of each run of a result's ports, such as 443 and
// 9000 of 443,9000-9499.
func firstPorts(ports string) []int {
	var all []int
	for run := range strings.SplitSeq(ports, ",") {
		first, _, _ := strings.Cut(run, "-")
		if port, err := strconv.Atoi(first); err == nil && port > 0 && port < 1<<16 {
			all = append(all, port)
		}
	}
	return all
}

// doubtful tells whether a result does not show by itself who is to blame.
func doubtful(c *result.Check, res *result.Result) bool {
	if c.Kind == "dns" || c.Kind == "listen" || calledFromOutside(c) || c.Verdict == result.Skip || res.Inferred {
		return false
	}
	if expect, _ := c.Spec.Fields["expect"].(string); expect == "closed" {
		return false
	}
	switch res.Failure {
	case result.FailNoRoute, result.FailPermission, result.FailNoSockets, result.FailAddressInUse, result.FailCanceled, result.FailMessageSize:
		return false // this machine said so, and no packet left
	}
	if ev := res.Evidence; ev != nil && ev.ICMP != nil && ev.ICMP.From == ev.Local {
		return false
	}
	switch res.State {
	case result.Filtered, result.Closed, result.Reset:
		return true
	case result.Rejected: // whoever did says so, unless the system keeps it to itself
		return res.Evidence == nil || res.Evidence.ICMP == nil
	}
	return res.State == result.Unknown && (res.Failure == result.FailConnectTimeout || res.Failure == result.FailTimeout)
}

// controls are ports that answer, for comparison: one of the same address,
// else one each of two other hosts, which lie beyond this link and, if there
// are such, near the one that failed.
func controls(s *Seen, failed result.Subject) []result.Subject {
	to, err := netip.ParseAddr(failed.Address)
	if err != nil || s.near(to) {
		return nil
	}
	var same, others []result.Subject
	for _, o := range s.Open {
		a, err := netip.ParseAddr(o.Address)
		o.Host = ""
		switch {
		case err != nil || s.near(a) || a.Is4() != to.Is4():
		case a == to:
			same = append(same, o)
		case !slices.ContainsFunc(others, func(k result.Subject) bool { return k.Address == o.Address }):
			others = append(others, o)
		}
	}
	if len(same) > 0 {
		if s.odd() { // a proxy may answer some of them
			return same[:min(len(same), 2)]
		}
		return same[:1]
	}
	slices.SortStableFunc(others, func(a, b result.Subject) int { return likeness(to, b.Address) - likeness(to, a.Address) })
	return others[:min(len(others), 2)]
}

// likeness is how many leading bits two addresses share: the more, the longer
// their way is the same.
func likeness(a netip.Addr, other string) int {
	b, err := netip.ParseAddr(other)
	if err != nil || a.Is4() != b.Is4() {
		return -1
	}
	n := 0
	for p, err := a.Prefix(1); err == nil && p.Contains(b) && n < a.BitLen(); p, err = a.Prefix(n + 1) {
		n++
	}
	return n
}

func lookSweep(ctx context.Context, t *engine.Trace, s result.Subject) error {
	to, err := address(s)
	if err != nil {
		return err
	}
	o := dial.SweepOptions{}
	var hops []result.Hop
	if s.Proto == "udp" {
		o.Datagram = []byte{0}
		if err = turn(ctx, t); err == nil {
			hops, err = t.Network().Sweep(ctx, to, o)
		}
	} else {
		hops, err = way(ctx, t, to)
	}
	if len(hops) == 0 && err != nil {
		return err
	}
	return t.Span(ctx, result.OpSweep, func(ctx context.Context, st *engine.Step) error {
		st.Set("network.peer.address", s.Address)
		st.Set("network.peer.port", s.Port)
		from := dial.SilentFrom(hops)
		if from == 0 {
			st.Evidence(result.Evidence{Hops: hops})
			return err
		}
		st.Evidence(result.Evidence{Hops: dial.Nearer(hops, from)}) // what follows is not yet known to be silent
		if err != nil {
			return err
		}
		alone, listen := lastAsk(ctx)
		if err := pause(ctx, alone); err != nil {
			return err
		}
		o.First, o.Last, o.Wait = from, from, listen
		more, err := t.Network().Sweep(ctx, to, o)
		if err == nil {
			st.Evidence(result.Evidence{Hops: dial.Joined(hops, more)})
			st.Set("asked_again_after_ms", alone.Milliseconds())
		}
		return err
	})
}

// lastAsk is how long the end of a way is left alone, and then listened to, in
// the time that is left. Where that is too short the sweep ends without.
func lastAsk(ctx context.Context) (alone, listen time.Duration) {
	end, ok := ctx.Deadline()
	if !ok {
		return again, 0
	}
	left := time.Until(end) - margin
	alone = max(againAtLeast, min(again, left-listenAtLeast))
	return alone, min(onceMore, max(left-alone, 1))
}
