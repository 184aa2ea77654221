package followup

import (
	"netcheck/report/result"
)

// line goes the way to the helper outside: the routers that it meets are those
// of the shop's own line, which a call from there comes by, and if the helper is
// not reached it shows where the way ends. The call itself is the helper's to
// follow: from here the line's own address is another way, if there is one.
var line = Followup{
	Name: "sweep",
	Doc:  "Where a call from outside did not arrive: step by step to the helper that makes it, to see this line's routers.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		if !calledFromOutside(c) || c.Verdict != result.Fail && c.Verdict != result.Inconclusive {
			return nil
		}
		if to, ok := connectedTo(c); ok {
			return []result.Subject{to}
		}
		for i := range s.Report.Checks { // who asked the helper for all checks of the run
			if to, ok := connectedTo(&s.Report.Checks[i]); ok {
				return []result.Subject{to}
			}
		}
		return nil
	},
	Look: lookSweep,
}

// connectedTo is where a check reached for the helper.
func connectedTo(c *result.Check) (result.Subject, bool) {
	if !calledFromOutside(c) {
		return result.Subject{}, false
	}
	for i := range c.Steps {
		st := &c.Steps[i]
		addr, _ := st.Facts["network.peer.address"].(string)
		port, _ := st.Facts["network.peer.port"].(int)
		if st.Op == result.OpConnect && st.Via == "" && addr != "" && !ofShop(st) {
			return result.Subject{Address: addr, Port: port, Proto: "tcp"}, true
		}
	}
	return result.Subject{}, false
}

// calledFromOutside tells whether the results of a check are of calls from
// outside: nobody here connected to what they name.
func calledFromOutside(c *result.Check) bool { return c.Kind == "inbound" }

// ofShop tells whether a connect of such a check was to the shop itself: to its
// own public address, or to the machine to which calls are led.
func ofShop(st *result.Step) bool {
	hairpin, _ := st.Facts["hairpin"].(bool)
	inside, _ := st.Facts["inside"].(bool)
	return hairpin || inside
}
