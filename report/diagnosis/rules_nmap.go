package diagnosis

import "netcheck/report/result"

// nmapRules are about what only nmap's view tells. Where it hears an ICMP error
// that our own probes did not, or with which TTL a port answers, the rules about
// devices and paths take it for evidence like their own.
func nmapRules() []rule {
	return []rule{
		{
			// The port is open and the way there too: it is the question that
			// has no answer, or a filter that knows what it may let pass.
			id:       "answers-nmap",
			ops:      []result.Op{result.OpExchange},
			failures: []result.Failure{result.FailNoReply, result.FailTimeout, result.FailConnectTimeout}, when: []cond{overUDP, answersNmap},
			code: result.UDPNoReply, sure: always(result.Likely), at: atTarget, subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, nil}},
		},
	}
}
