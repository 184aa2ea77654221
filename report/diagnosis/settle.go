package diagnosis

import (
	"slices"

	"netcheck/report/result"
)

// excuse makes a warning of names that this machine does not find, where the
// checks that go to the host pass through a proxy, which finds it by itself.
func excuse(r *result.Report) {
	led := map[string]bool{}
	for i := range r.Checks {
		c := &r.Checks[i]
		if w := used(c); w == nil || w.Via == direct || c.Verdict != result.Pass && c.Verdict != result.Warn {
			continue
		}
		for j := range c.Results {
			if res := &c.Results[j]; res.Via != "" && res.State == result.Open {
				led[c.Machine+" "+nameKey(res.Host)] = true
			}
		}
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		expect, _ := c.Spec.Fields["expect"].(string)
		name, _ := c.Spec.Fields["name"].(string)
		if c.Kind == "dns" && expect != "nxdomain" && led[c.Machine+" "+nameKey(name)] && graver(c.Verdict, result.Warn) {
			change(c, result.Warn, result.BecauseProxy)
		}
	}
}

// excused tells whether a symptom is of a check that was.
func excused(s *symptom) bool { return s.check.Reason == result.BecauseProxy && s.passage() != nil }

// settle decides what a probe had to leave open. A check that asks for the
// permission to pass, and not for a service, is met by the destination's own
// refusal, and not by that of a device on the way: which of them it was shows
// only when the refusal is held against other answers, and the probe does not
// wait for those. Below strong nothing is settled. A check that has no question
// of its own, and takes any datagram for an answer, is met by the answer to one
// of nmap's.
//
// It takes the diagnosed symptoms of a check, and returns those that are still
// wrong.
func settle(c *result.Check, ds []diagnosed) []diagnosed {
	left := slices.DeleteFunc(slices.Clone(ds), func(d diagnosed) bool {
		switch {
		case emptyQuestion(d.symptom) && d.rule.id == "answers-nmap":
			return true
		case !permissionOnly(d.symptom):
			return false
		case d.cause.Code == result.TCPClosed && settled(d.cause):
			return true
		}
		// Where others failed, what may well be the destination's own answer
		// is no fault beside theirs.
		return c.Verdict == result.Fail && slices.Contains([]result.Code{result.TCPClosed, result.TCPRefused}, d.cause.Code)
	})
	if c.Kind == kindInbound && c.Verdict == result.Fail && len(left) > 0 && !slices.ContainsFunc(left, func(d diagnosed) bool { return !slices.Contains(undecided, d.rule.id) }) {
		change(c, result.Inconclusive, result.BecauseFollowup)
	}
	if c.Verdict != result.Inconclusive {
		return left
	}
	switch {
	case len(ds) > 0 && len(left) == 0:
		change(c, result.Pass, result.BecauseFollowup)
	case slices.ContainsFunc(left, func(d diagnosed) bool {
		onTheWay := []result.Code{result.TCPResetByMiddlebox, result.TCPRejected, result.LocalFirewall}
		return permissionOnly(d.symptom) && slices.Contains(onTheWay, d.cause.Code) && settled(d.cause)
	}):
		change(c, result.Fail, result.BecauseFollowup)
	}
	return left
}

// undecided are the rules about calls from outside of which it shows only when
// all is held together that they say nothing of the shop, or that who took them
// may well be its service.
var undecided = []string{"inbound-unproven", "inbound-at-helper", "inbound-nothing-heard"}

func settled(c *result.Cause) bool { return sureness(c.Confidence) >= sureness(result.Strong) }
