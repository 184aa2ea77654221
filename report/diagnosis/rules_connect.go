package diagnosis

import "netcheck/report/result"

// connectRules are about TCP connects of which nobody said anything by ICMP.
func connectRules() []rule {
	silence := []result.Failure{result.FailConnectTimeout, result.FailTimeout}
	connect := []result.Op{result.OpConnect}
	return []rule{
		{
			// One that answers on any port, or refuses, is not dead.
			id: "address-dead", ops: connect, failures: silence, when: []cond{addressMadeUpFor, not(sameAddressAnswers)},
			code: result.PathAddressDead, sure: always(result.Likely), at: silent, subject: byAddress, act: vendor,
			alike: []alike{{result.PathIPv6Broken, notIPv6Broken}, {result.TCPFiltered, nil}, {result.HostFirewall, nil}},
			see:   "RFC 8305",
		},
		{
			// Whether the name is to lead here is the first question.
			id: "closed-by-name", ops: connect, failures: []result.Failure{result.FailRefused}, when: []cond{toOwn, led},
			code: result.TCPClosed, sure: always(result.Likely), at: atThisMachine, subject: byHost,
			alike: []alike{{result.DNSHostsOverride, notInHosts}, {result.DNSRewritten, senderDenies}},
		},
		{
			id: "closed-here", ops: connect, failures: []result.Failure{result.FailRefused}, when: []cond{toOwn},
			code: result.TCPClosed, sure: always(result.Certain), at: atThisMachine,
		},
		{
			id: "closed-near", ops: connect, failures: []result.Failure{result.FailRefused}, when: []cond{toLink},
			code: result.TCPClosed, sure: either(anyOf(sameAddressAnswers, leavesHere), result.Strong, result.Likely), at: atTarget,
			alike: []alike{{result.HostFirewall, nil}, {result.LocalFirewall, notHere}},
		},
		{
			id: "refused-allowed", ops: connect, failures: []result.Failure{result.FailRefused, result.FailReset}, when: []cond{permissionOnly},
			code: result.TCPRefused, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.TCPClosed, nil}, {result.TCPResetByMiddlebox, nil}, {result.LocalFirewall, notHere}},
		},
		{
			// A RST looks the same from the destination and from a firewall
			// on the way: only its distance tells.
			id: "refused", ops: connect, failures: []result.Failure{result.FailRefused, result.FailReset},
			code: result.TCPRefused, sure: always(result.Likely), at: silent, subject: byHost, unplaced: true,
			alike: []alike{{result.TCPClosed, nil}, {result.TCPResetByMiddlebox, nil}, {result.LocalFirewall, notHere}},
		},
		{
			id: "silent-here", ops: connect, failures: silence, when: []cond{toOwn},
			code: result.LocalFirewall, sure: always(result.Likely), at: atThisMachine,
			alike: []alike{{result.TCPFiltered, nil}},
		},
		{
			// Answers still came when the time was over: silence is not yet
			// believed.
			id: "silent-unsure", ops: connect, failures: silence, when: []cond{notBelieved},
			code: result.TCPFiltered, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.PathLoss, nil}, {result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.LocalFirewall, notHere}},
		},
		{
			// Rules cover ranges; what is silent here and there among ports
			// that answer was more likely lost.
			id: "silent-scattered", ops: connect, failures: silence, when: []cond{scattered, sameAddressAnswers},
			code: result.TCPFiltered, sure: always(result.Hint), at: silent, subject: byHost, request: true,
			alike: []alike{{result.PathLoss, nil}, {result.HostFirewall, nil}, {result.LocalFirewall, notHere}},
		},
		{
			id: "silent-near", ops: connect, failures: silence, when: []cond{toLink},
			code: result.TCPFiltered, sure: byControls, at: beforeTarget, subject: byHost, request: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.LocalFirewall, notHere}},
		},
		{
			id: "filtered", ops: connect, failures: silence,
			code: result.TCPFiltered, sure: byControls, at: silent, subject: byHost, request: true, unplaced: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.PathNoRoute, anyOf(familyReached, sameAddressAnswers)}, {result.LocalFirewall, notHere}},
		},
		{
			// From here on the system has an errno but not the message that
			// caused it: who said so is not known.
			id: "near-unreachable", ops: connect, failures: []result.Failure{result.FailHostUnreachable}, when: []cond{toLink},
			code: result.HostDown, sure: always(result.Likely), at: beforeTarget, subject: byHost,
			alike: []alike{{result.HostFirewall, nil}, {result.LocalFirewall, nil}, {result.LocalWrongNetmask, nil}},
		},
		{
			id: "unreachable", failures: []result.Failure{result.FailHostUnreachable, result.FailICMP}, when: []cond{overTCP},
			code: result.TCPRejected, sure: always(result.Hint), at: silent, subject: byHost, request: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.LocalGatewayDown, othersAnswer}, {result.PathLoop, nil}},
		},
		{
			id: "net-unreachable", failures: []result.Failure{result.FailNetUnreachable},
			code: result.PathNoRoute, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.LocalNoRoute, othersAnswer}, {result.TCPRejected, nil}},
		},
		{
			id: "prohibited", failures: []result.Failure{result.FailProhibited}, when: []cond{overTCP},
			code: result.TCPRejected, sure: always(result.Likely), at: silent, subject: byHost, request: true,
			alike: []alike{{result.LocalFirewall, nil}, {result.LocalPolicyRoute, nil}},
		},
		{
			id: "loop-unplaced", failures: []result.Failure{result.FailTTLExceeded},
			code: result.PathLoop, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.TCPRejected, nil}},
		},
	}
}

// datagramRules are about datagrams of which nobody said anything by ICMP.
func datagramRules() []rule {
	exchange := []result.Op{result.OpExchange}
	return []rule{
		{
			id: "udp-refused", ops: exchange, failures: []result.Failure{result.FailRefused, result.FailReset},
			code: result.UDPClosed, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.UDPRejected, nil}},
		},
		{
			id: "udp-unreachable", ops: exchange, failures: []result.Failure{result.FailHostUnreachable, result.FailProhibited, result.FailICMP},
			code: result.UDPRejected, sure: always(result.Likely), at: silent, subject: byHost, request: true,
			alike: []alike{{result.HostDown, nil}, {result.LocalFirewall, nil}},
		},
		{
			id: "no-reply", ops: exchange, failures: []result.Failure{result.FailNoReply, result.FailTimeout, result.FailConnectTimeout},
			code: result.UDPNoReply, sure: always(result.Hint), at: silent, subject: byHost, request: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.UDPRejected, nil}, {result.HostFirewall, nil}},
		},
	}
}

func silentFailure(s *symptom) bool {
	return s.failure == result.FailConnectTimeout || s.failure == result.FailTimeout
}

// What makes several symptoms one finding.

func one(*symptom) string         { return "" }
func byHost(s *symptom) string    { return s.host }
func byAddress(s *symptom) string { return s.addr.String() }

// byFamily keeps IPv4 and IPv6 apart: each has a way of its own.
func byFamily(s *symptom) string {
	if s.addr.Is6() {
		return "IPv6"
	}
	return "IPv4"
}
