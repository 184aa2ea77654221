package diagnosis

import (
	"slices"
	"strings"

	"netcheck/report/result"
)

// saidByStandIn is how netcheck begins where it stands in for a service
// (netcheck standin): to whoever speaks another protocol, too.
const saidByStandIn = "netcheck stand-in!"

// standInRules are about netcheck itself in a service's place. It says who it
// is, so that nothing else is left open: the way is proven, and the service is
// not there.
func standInRules() []rule {
	return []rule{{
		id: "stand-in", when: []cond{standInAnswers},
		code: result.ProtoMismatch, sure: always(result.Certain), at: atAnswer, subject: byHost, act: site,
	}}
}

// standInAnswers tells whether the first words of whoever answered are a
// stand-in's.
func standInAnswers(s *symptom) bool {
	return slices.ContainsFunc([]string{factFirstTLS, factFirstHTTP, factSSHFirst, factFirstFTP}, func(fact string) bool {
		return strings.HasPrefix(str(s.step, fact), saidByStandIn)
	})
}
