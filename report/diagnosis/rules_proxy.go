package diagnosis

import (
	"netcheck/report/result"
)

// personalRules are about a way that not every account has.
func personalRules() []rule {
	return []rule{
		{
			// The check passes by a setting of this account alone.
			id: "proxy-personal", knows: []result.Code{result.ProxyRequired}, when: []cond{not(byWay)},
			sure: always(result.Certain), at: atHindrance, subject: byProxy, act: site,
		},
		{
			// A gateway's error: of the proxy, or of one in front of the server.
			id: "proxy-or-server", knows: []result.Code{result.ProxyError}, when: []cond{byPage},
			sure: always(result.Likely), at: atProxy, subject: byProxy,
			alike: []alike{{result.HTTPStatus, nil}},
		},
		{
			// The same where the product goes by no other way.
			id: "proxy-of-account", knows: []result.Code{result.ProxyRequired}, when: []cond{byWay},
			sure: always(result.Certain), at: atThisMachine, subject: byProxy, act: site,
		},
	}
}

// proxyWays is a proxy that gives a way where there is no direct one: whatever
// it is that stops the direct way, this network means the proxy to be used.
func proxyWays() []rule {
	return []rule{
		{
			id: "proxy-required", ops: []result.Op{result.OpConnect, result.OpHandshake}, when: []cond{viaProxy, givesWay},
			code: result.ProxyRequired, sure: always(result.Certain), at: atHindrance, subject: byProxy, act: network, see: "RFC 9110, 9.3.6",
			alike: []alike{{result.TCPFiltered, anyOf(icmp, not(directElsewhere))}, {result.TCPRejected, anyOf(not(icmp), not(directElsewhere))}},
		},
		{
			// The proxy has found the name that is denied here.
			id: "proxy-knows", ops: []result.Op{result.OpQuery, result.OpResolve}, failures: nameless,
			when: []cond{viaProxy, givesWay, not(directElsewhere)},
			code: result.ProxyRequired, sure: either(anotherTunnelled, result.Strong, result.Likely), at: atHindrance, subject: byProxy, act: network,
			alike: []alike{{result.DNSFiltered, nil}, {result.DNSServFail, saidNoName}},
		},
		{
			// A check of the name alone, where those that go there pass.
			id: "proxy-finds", failures: append([]result.Failure{result.FailNullAddress}, nameless...), when: []cond{excused},
			code: result.ProxyRequired, sure: always(result.Likely), at: atResolver, subject: byProxy, act: network,
			alike: []alike{{result.DNSFiltered, nil}},
		},
		{
			// The proxy's own name: what it is wrong with is the setting.
			id: "proxy-unknown", ops: []result.Op{result.OpQuery, result.OpResolve}, failures: []result.Failure{result.FailNXDomain, result.FailNoData, result.FailNullAddress, result.FailResolve},
			when: []cond{byWay},
			code: result.ProxyUnreachable, sure: always(result.Strong), subject: byProxy, act: site,
			alike: []alike{{result.DNSFiltered, nil}},
		},
	}
}

// nameless are the answers by which a name is not to be had here.
var nameless = []result.Failure{result.FailNXDomain, result.FailNoData, result.FailServFail, result.FailDNSRefused}

// proxyRules are about a proxy that gives no way, where there is no direct one
// either. Which of both is to be repaired the network's admin knows.
func proxyRules() []rule {
	connect := []result.Op{result.OpConnect, result.OpHandshake}
	refused := failed(result.FailRefused, result.FailReset)
	direct := []alike{
		{result.TCPFiltered, anyOf(icmp, refused)},
		{result.TCPRejected, not(icmp)},
		{result.TCPRefused, not(refused)},
		{result.TCPClosed, not(refused)},
		{result.HostDown, anyOf(refused, anotherFailsDirectly)},
	}
	neither := []rule{
		{
			id: "proxy-login", ops: connect, when: []cond{viaProxy, proxySays(result.FailProxyAuth), not(samePortElsewhere), not(explainedDirectly)},
			code: result.ProxyAuthRequired, sure: either(directElsewhere, result.Likely, result.Strong), at: atProxy, subject: byProxy, act: network,
			alike: direct, see: "RFC 9110, 15.5.8",
		},
		{
			id: "proxy-denied", ops: connect, when: []cond{viaProxy, proxySays(result.FailProxyDenied), not(samePortElsewhere), not(explainedDirectly)},
			code: result.ProxyDenied, sure: either(anyOf(directElsewhere, not(forbiddenOutright)), result.Likely, result.Strong), at: atProxy, subject: byForbidden, act: network,
			alike: append([]alike{{result.ProxyError, forbiddenOutright}}, direct...),
		},
		{
			id: "proxy-fails", ops: connect, when: []cond{viaProxy, proxySays(result.FailProxyError), not(directElsewhere), not(explainedDirectly)},
			code: result.ProxyError, sure: always(result.Likely), at: atProxy, subject: byFailingProxy,
			alike: append([]alike{{result.TCPFiltered, icmp}, {result.TCPRejected, not(icmp)}}, targetsFault()...),
		},
		{
			id: "proxy-distrusted", ops: connect, when: []cond{viaProxy, proxyUnreached, proxyUnproven, not(directElsewhere), not(explainedDirectly)},
			code: result.ProxyUnreachable, sure: either(anotherFailsDirectly, result.Strong, result.Likely), at: atProxy, subject: byProxy, act: site,
			alike: direct,
		},
		{
			id: "proxy-dead", ops: connect, when: []cond{viaProxy, proxyUnreached, not(directElsewhere), not(explainedDirectly)},
			code: result.ProxyUnreachable, sure: either(proxyNearby, result.Strong, result.Likely), at: toProxy, subject: byProxy, act: network,
			alike: direct,
		},
	}
	return append(neither, proxiedRules()...)
}

// targetsFault is what may be wrong with a target that a proxy finds no way to,
// unless it finds one to nobody: that the target is off, refuses, or has no
// such name.
func targetsFault() []alike {
	return []alike{{result.HostDown, proxyFailsAll}, {result.TCPClosed, proxyFailsAll}, {result.DNSNXDomain, proxyFailsAll}}
}

// proxiedRules are about the way through a proxy by itself: the only one that
// the profile allows, or one beside a direct way that fails for a reason of
// its own.
func proxiedRules() []rule {
	silence := []result.Failure{result.FailConnectTimeout, result.FailTimeout}
	tunnel := []result.Op{result.OpTunnel}
	asked := append([]result.Op{result.OpRequest}, tunnel...)
	return []rule{
		{
			// Its certificate, or its TLS as a whole.
			id: "proxy-untrusted", ops: []result.Op{result.OpHandshake}, when: []cond{byWay, proxyUnreached},
			code: result.ProxyUnreachable, sure: always(result.Strong), at: atProxy, subject: byProxy, act: site,
			alike: []alike{{result.TLSIntercepted, nil}},
		},
		{
			id: "proxy-closed", ops: []result.Op{result.OpConnect}, failures: []result.Failure{result.FailRefused, result.FailReset}, when: []cond{byWay, proxyUnreached},
			code: result.ProxyUnreachable, sure: either(toLink, result.Strong, result.Likely), at: toProxy, subject: byProxy, act: network,
			alike: []alike{{result.TCPRefused, toLink}, {result.LocalFirewall, nil}},
		},
		{
			id: "proxy-gone", when: []cond{byWay, proxyUnreached},
			code: result.ProxyUnreachable, sure: either(icmp, result.Strong, result.Likely), at: toProxy, subject: byProxy, act: network,
			alike: []alike{{result.TCPFiltered, icmp}, {result.HostDown, icmp}, {result.TCPRejected, not(icmp)}},
		},
		{
			// A tunnel in which TLS is spoken, and nothing else: the proxy looks
			// into it, or whoever is next to it. Of SSH more is known.
			id: "proxy-only-tls", ops: []result.Op{result.OpGreeting, result.OpKeyExchange}, failures: []result.Failure{result.FailTimeout, result.FailReset, result.FailEOF},
			when: []cond{byWay, not(kind("ssh")), not(proxyUnreached), tlsThroughProxy, not(sameDirectly)},
			code: result.ProxyDenied, sure: always(result.Likely), at: atProxy, subject: byProxy, act: network,
			alike: []alike{{result.ProtoBlocked, nil}, {result.ProtoMismatch, nil}},
		},
		{
			id: "proxy-wants-login", failures: []result.Failure{result.FailProxyAuth}, when: []cond{byWay},
			code: result.ProxyAuthRequired, sure: always(result.Certain), at: atProxy, subject: byProxy, act: network, see: "RFC 9110, 15.5.8",
		},
		{
			// Servers that are no proxies say so too: that they know no such
			// request.
			id: "proxy-forbids", failures: []result.Failure{result.FailProxyDenied},
			code: result.ProxyDenied, sure: either(forbiddenOutright, result.Certain, result.Likely), at: atProxy, subject: byForbidden, act: network,
			alike: []alike{{result.ProxyError, forbiddenOutright}},
		},
		{
			id: "proxy-no-way", failures: []result.Failure{result.FailProxyError},
			code: result.ProxyError, sure: always(result.Likely), at: atProxy, subject: byFailingProxy,
			alike: append([]alike{{result.TCPFiltered, nil}}, targetsFault()...),
		},
		{
			id: "proxy-not-socks", failures: []result.Failure{result.FailSocks},
			code: result.ProxyError, sure: always(result.Certain), at: atProxy, subject: byProxy, act: site, see: "RFC 1928",
		},
		{
			id: "proxy-not-http", ops: tunnel, failures: []result.Failure{result.FailHTTP, result.FailHTTPFormat}, when: []cond{byWay},
			code: result.ProxyError, sure: either(noHTTPAtAll, result.Certain, result.Likely), at: atProxy, subject: byProxy, act: site,
		},
		{
			// The same of a page. What is HTTP and breaks its rules the server may
			// have said, and few proxies pass on what is none.
			id: "proxy-page-not-http", ops: []result.Op{result.OpRequest}, failures: []result.Failure{result.FailHTTP, result.FailHTTPFormat}, when: []cond{byPage, anyOf(noHTTPAtAll, noProxy)}, like: "proxy-not-http",
			code: result.ProxyError, sure: func(s *symptom) result.Confidence {
				if !noHTTPAtAll(s) {
					return result.Likely
				}
				return either(noProxy, result.Certain, result.Strong)(s)
			}, at: atProxy, subject: byProxy, act: site,
			alike: []alike{{result.ProtoMismatch, noProxy}},
		},
		{
			// It knows nothing of tunnels, and its pages are no server's.
			id: "proxy-is-none", ops: []result.Op{result.OpRequest}, failures: []result.Failure{result.FailStatus, result.FailHeader, result.FailBody, result.FailRedirect}, when: []cond{byPage, noProxy},
			code: result.ProxyError, sure: always(result.Likely), at: atProxy, subject: byProxy, act: site,
			alike: []alike{{result.ProxyDenied, nil}, {result.HTTPBlockPage, nil}},
		},
		{
			id: "proxy-page", ops: []result.Op{result.OpRequest}, failures: []result.Failure{result.FailStatus, result.FailHeader, result.FailBody, result.FailRedirect, result.FailHTTPFormat}, when: []cond{byPage, unproved},
			code: result.ProxyError, sure: always(result.Likely), at: atProxy, subject: byProxy,
			alike: []alike{{result.HTTPStatus, not(failed(result.FailStatus))}, {result.HTTPBody, not(failed(result.FailBody))}, {result.HTTPBlockPage, nil}, {result.HTTPCaptivePortal, nil}},
		},
		{
			// One of SOCKS takes the first letter of CONNECT for a version that
			// it does not know.
			id: "proxy-hangs-up", ops: asked, failures: []result.Failure{result.FailEOF, result.FailReset}, when: []cond{anyOf(tunnelling, byPage)},
			code: result.ProxyError, sure: always(result.Likely), at: atProxy, subject: byProxy,
			alike: []alike{{result.ProxyDenied, nil}},
		},
		{
			// It waits for whom it asks, and longer than netcheck does for it.
			id: "proxy-silent", ops: asked, failures: silence, when: []cond{anyOf(tunnelling, byPage)},
			code: result.ProxyError, sure: always(result.Likely), at: beyondProxy, subject: byFailingProxy,
			alike: []alike{{result.HostDown, proxyFailsAll}, {result.TCPFiltered, nil}, {result.ProxyDenied, nil}},
		},
	}
}
