package report

import (
	"netcheck/report/i18n"
	"netcheck/report/result"
)

const kindInbound = "inbound"

// outcome is what became of a call from outside, whatever was tried beside it;
// nothing where somebody took it, of whom more must be said than fits here.
func (p *printer) outcome(c *result.Check) string {
	for i := range c.Steps {
		s := &c.Steps[len(c.Steps)-1-i]
		state, _ := s.Facts["reach.state"].(string)
		if s.Op == result.OpReach && s.Facts["reach.control"] == nil && state != string(result.Open) {
			return p.known("state.", state)
		}
	}
	return ""
}

// arrived is by what it is known that a call from outside arrived: a stand-in
// proves the way, and not that the service's own program is let in.
func (p *printer) arrived(c *result.Check) string {
	if c.Kind != kindInbound {
		return ""
	}
	for i := range c.Steps {
		s := &c.Steps[len(c.Steps)-1-i]
		proof, _ := s.Facts["reach.proof"].(string)
		if key := "arrived." + proof; s.Op == result.OpReach && proof != "" && i18n.Has(key) {
			return p.word(key)
		}
	}
	return ""
}
