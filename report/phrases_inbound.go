package report

import (
	"netcheck/report/i18n"
	"netcheck/report/result"
)

const kindInbound = "inbound"

// outcome is what became of a call from outside, whatever was tried beside it.
// That somebody took it needs a word of who that seems to be.
func (p *phrases) outcome(c *result.Check) string {
	if c.Cause.Code == result.InboundAddressChanged {
		return p.word("outcome.elsewhere") // the call went to this line, which nobody asked for
	}
	for i := range c.Steps {
		s := &c.Steps[len(c.Steps)-1-i]
		state, _ := s.Facts["reach.state"].(string)
		if s.Op == result.OpReach && s.Facts["reach.control"] == nil && state != string(result.Open) {
			if c.Cause.Code == result.InboundVantageUnreachable && state == string(result.Unknown) {
				return "" // no call was made, however far the helper was asked
			}
			return p.known("state.", state)
		}
	}
	switch {
	case c.Cause.Confidence == result.Hint && c.Cause.Code == result.InboundWrongHost:
		return p.word("outcome.somebody")
	case c.Cause.Code == result.InboundWrongHost, c.Cause.Code == result.TCPAnsweredByFirewall:
		return p.word("outcome.another")
	case c.Cause.Code == result.InboundRouterAnswers:
		return p.word("outcome.router")
	}
	return ""
}

// arrived is by what it is known that a call from outside arrived: a stand-in
// proves the way, and not that the service's own program is let in.
func (p *phrases) arrived(c *result.Check) string {
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
