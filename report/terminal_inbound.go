package report

import (
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// arrived is by what it is known that a call from outside arrived: a stand-in
// proves the way, and not that the service's own program is let in.
func (p *printer) arrived(c *result.Check) string {
	if c.Kind != "inbound" {
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
