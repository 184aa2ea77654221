package dial

import "netcheck/report/result"

// icmpKind is the family, type and code of an ICMP error.
type icmpKind struct {
	v6         bool
	kind, code int
}

// icmpKinds gives the errors that refuse or cannot deliver a packet the name
// that nftables and nmap use, and what they mean for the exchange.
var icmpKinds = map[icmpKind]struct {
	name    string
	failure result.Failure
}{
	{false, 3, 0}:  {"net-unreachable", result.FailNetUnreachable},
	{false, 3, 1}:  {"host-unreachable", result.FailHostUnreachable},
	{false, 3, 2}:  {"protocol-unreachable", result.FailICMP},
	{false, 3, 3}:  {"port-unreachable", result.FailRefused},
	{false, 3, 4}:  {"fragmentation-needed", result.FailMessageSize},
	{false, 3, 5}:  {"source-route-failed", result.FailICMP},
	{false, 3, 6}:  {"net-unknown", result.FailNetUnreachable},
	{false, 3, 7}:  {"host-unknown", result.FailHostUnreachable},
	{false, 3, 8}:  {"host-isolated", result.FailHostUnreachable},
	{false, 3, 9}:  {"net-prohibited", result.FailProhibited},
	{false, 3, 10}: {"host-prohibited", result.FailProhibited},
	{false, 3, 11}: {"net-unreachable-for-service", result.FailNetUnreachable},
	{false, 3, 12}: {"host-unreachable-for-service", result.FailHostUnreachable},
	{false, 3, 13}: {"admin-prohibited", result.FailProhibited},
	{false, 3, 14}: {"precedence-violation", result.FailICMP},
	{false, 3, 15}: {"precedence-cutoff", result.FailICMP},
	{false, 11, 0}: {"ttl-exceeded", result.FailTTLExceeded},
	{false, 11, 1}: {"reassembly-timeout", result.FailICMP},
	{true, 1, 0}:   {"no-route", result.FailNetUnreachable},
	{true, 1, 1}:   {"admin-prohibited", result.FailProhibited},
	{true, 1, 2}:   {"beyond-scope", result.FailNetUnreachable},
	{true, 1, 3}:   {"address-unreachable", result.FailHostUnreachable},
	{true, 1, 4}:   {"port-unreachable", result.FailRefused},
	{true, 1, 5}:   {"source-policy-failed", result.FailProhibited},
	{true, 1, 6}:   {"reject-route", result.FailProhibited},
	{true, 2, 0}:   {"packet-too-big", result.FailMessageSize},
	{true, 3, 0}:   {"hop-limit-exceeded", result.FailTTLExceeded},
	{true, 3, 1}:   {"reassembly-timeout", result.FailICMP},
}

// icmpFailure is what an ICMP error means for the exchange.
func icmpFailure(m *result.ICMP) result.Failure {
	if k, ok := icmpKinds[icmpKind{m.V6, m.Type, m.Code}]; ok {
		return k.failure
	}
	return result.FailICMP
}
