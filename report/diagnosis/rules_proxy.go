package diagnosis

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// proxyWays is a proxy that gives a way where there is no direct one: whatever
// it is that stops the direct way, this network means the proxy to be used.
func proxyWays() []rule {
	return []rule{
		{
			id: "proxy-required", ops: []result.Op{result.OpConnect, result.OpHandshake}, when: []cond{viaProxy, tunnel(2)},
			code: result.ProxyRequired, sure: always(result.Certain), at: atHindrance, subject: byProxy, act: network, see: "RFC 9110, 9.3.6",
			alike: []alike{{result.TCPFiltered, anyOf(icmp, not(directElsewhere))}, {result.TCPRejected, anyOf(not(icmp), not(directElsewhere))}},
		},
		{
			// The proxy has found the name that is denied here.
			id: "proxy-knows", ops: []result.Op{result.OpQuery, result.OpResolve}, failures: []result.Failure{result.FailNXDomain, result.FailNoData, result.FailServFail, result.FailDNSRefused},
			when: []cond{viaProxy, tunnel(2), not(directElsewhere)},
			code: result.ProxyRequired, sure: either(anotherTunnelled, result.Strong, result.Likely), at: atHindrance, subject: byProxy, act: network,
			alike: []alike{{result.DNSFiltered, nil}, {result.DNSServFail, saidNoName}},
		},
	}
}

// proxyRules are about a proxy that gives no way, where there is no direct one
// either. Which of both is to be repaired the network's admin knows.
func proxyRules() []rule {
	connect := []result.Op{result.OpConnect, result.OpHandshake}
	direct := []alike{{result.TCPFiltered, icmp}, {result.TCPRejected, not(icmp)}, {result.HostDown, anotherFailsDirectly}}
	return []rule{
		{
			id: "proxy-login", ops: connect, when: []cond{viaProxy, tunnel(407), not(samePortElsewhere)},
			code: result.ProxyAuthRequired, sure: either(directElsewhere, result.Likely, result.Strong), at: atProxy, subject: byProxy, act: network,
			alike: direct, see: "RFC 9110, 15.5.8",
		},
		{
			id: "proxy-denied", ops: connect, when: []cond{viaProxy, tunnel(401, 403, 405), not(samePortElsewhere)},
			code: result.ProxyDenied, sure: either(directElsewhere, result.Likely, result.Strong), at: atProxy, subject: byProxy, act: network,
			alike: direct,
		},
		{
			id: "proxy-fails", ops: connect, when: []cond{viaProxy, tunnel(5), not(directElsewhere)},
			code: result.ProxyError, sure: always(result.Likely), at: atProxy, subject: byFailingProxy,
			alike: []alike{{result.HostDown, proxyFailsAll}, {result.TCPFiltered, icmp}, {result.TCPRejected, not(icmp)}},
		},
		{
			id: "proxy-dead", ops: connect, when: []cond{viaProxy, proxyUnreached, not(directElsewhere)},
			code: result.ProxyUnreachable, sure: either(proxyNearby, result.Strong, result.Likely), at: toProxy, subject: byProxy, act: network,
			alike: direct,
		},
		{
			id: "proxy-forbids", failures: []result.Failure{result.FailProxyDenied},
			code: result.ProxyDenied, sure: always(result.Strong), at: atProxy, subject: byProxy, act: network,
		},
		{
			id: "proxy-no-way", failures: []result.Failure{result.FailProxyError},
			code: result.ProxyError, sure: always(result.Likely), at: atProxy, subject: byFailingProxy,
			alike: []alike{{result.HostDown, proxyFailsAll}},
		},
		{
			id: "proxy-not-socks", failures: []result.Failure{result.FailSocks},
			code: result.ProxyError, sure: always(result.Strong), at: atProxy, subject: byProxy, act: site,
		},
	}
}

// viaProxy tells whether the symptom is that a host was not reached directly,
// and a proxy was asked for a way to it.
func viaProxy(s *symptom) bool {
	near := s.addr.IsValid() && !s.asksName() && s.view.near(s.addr)
	return s.code == "" && s.check.Kind != "dns" && !near && s.tunnel() != nil &&
		!slices.Contains([]result.Failure{result.FailNoSockets, result.FailAddressInUse, result.FailExpectation, result.FailCanceled}, s.failure)
}

func saidNoName(s *symptom) bool { return s.failure != result.FailServFail }

// proxyNearby tells whether the proxy stands in this network, and a second host
// fails as well: no fault further away explains both.
func proxyNearby(s *symptom) bool {
	a := proxyAddr(s)
	return a.IsValid() && inside(a) && anotherFailsDirectly(s)
}

// atHindrance is whatever stops the direct way.
func atHindrance(s *symptom) *result.Place {
	if s.ev.ICMP != nil {
		return atDevice(s)
	}
	return silent(s)
}

// tunnel is what became of asking the proxy for a way to the host, by the check
// itself or afterwards; nil if it was not asked.
func (s *symptom) tunnel() *result.Step {
	for i := range s.check.Steps {
		// The last attempt's is the last.
		t := &s.check.Steps[len(s.check.Steps)-1-i]
		if t.Op == result.OpTunnel && s.means(str(t, factHost), str(t, factPort)) {
			return t
		}
	}
	for _, f := range s.view.followups {
		if f.Name != "proxy" || !s.means(f.Host, strconv.Itoa(f.Port)) {
			continue
		}
		for i := range f.Steps {
			if f.Steps[i].Op == result.OpTunnel {
				return &f.Steps[i]
			}
		}
	}
	return nil
}

// means tells whether a host and port are the symptom's.
func (s *symptom) means(host, port string) bool {
	return (host == s.host || host == s.addr.String()) && (len(s.ports) == 0 || s.ports.Overlaps(portset.Parse(port)))
}

// tunnel tells whether the proxy said one of these, or one that begins so.
func tunnel(statuses ...int) cond {
	return func(s *symptom) bool {
		said := str(s.tunnel(), factStatus)
		return said != "" && slices.ContainsFunc(statuses, func(want int) bool {
			n := strconv.Itoa(want)
			return said == n || len(n) == 1 && strings.HasPrefix(said, n)
		})
	}
}

// proxyUnreached tells whether no connect to the proxy succeeded, or its name
// led nowhere.
func proxyUnreached(s *symptom) bool {
	t := s.tunnel()
	return t.Failure != "" && t.Failure != result.FailCanceled && t.Failure != result.FailHTTP && str(t, factStatus) == ""
}

// directElsewhere tells whether another host beyond this link was reached
// without the proxy.
func directElsewhere(s *symptom) bool { return len(s.view.others(s.host, s.addr)) > 0 }

// proxyFailsAll tells whether the proxy gets to no host at all.
func proxyFailsAll(s *symptom) bool { return anotherFailsDirectly(s) && !anotherTunnelled(s) }

// byFailingProxy makes one finding of a proxy that gets to no host.
func byFailingProxy(s *symptom) string {
	if proxyFailsAll(s) {
		return byProxy(s)
	}
	return s.host
}

// anotherFailsDirectly tells whether a second host, beyond this link, was not
// reached directly either.
func anotherFailsDirectly(s *symptom) bool {
	return slices.ContainsFunc(s.view.followups, func(f *result.Followup) bool { return f.Name == "proxy" && f.Host != s.host })
}

// anotherTunnelled tells whether the proxy gives a way to another host.
func anotherTunnelled(s *symptom) bool {
	return slices.ContainsFunc(s.view.followups, func(f *result.Followup) bool {
		return f.Name == "proxy" && f.Host != s.host && slices.ContainsFunc(f.Steps, func(t result.Step) bool {
			return t.Op == result.OpTunnel && strings.HasPrefix(str(&t, factStatus), "2")
		})
	})
}

func byProxy(s *symptom) string {
	if t := s.tunnel(); t != nil {
		return str(t, factProxy)
	}
	return s.host
}

// proxyAddr is the address at which the proxy was reached, or last sought.
func proxyAddr(s *symptom) (addr netip.Addr) {
	t := s.tunnel()
	if t == nil {
		return addr
	}
	for i := range s.check.Steps {
		if st := &s.check.Steps[i]; slices.Contains(ancestry(s.check, st), t) {
			if a, ok := address(str(st, factPeer)); ok {
				addr = a
			}
		}
	}
	for _, f := range s.view.followups {
		if f.Name != "proxy" || !slices.ContainsFunc(f.Steps, func(o result.Step) bool {
			return o.Op == result.OpTunnel && o.Start == t.Start && str(&o, factHost) == str(t, factHost)
		}) {
			continue
		}
		for i := range f.Steps {
			if a, ok := address(str(&f.Steps[i], factPeer)); ok {
				addr = a
			}
		}
	}
	return addr
}

// atProxy is the proxy, which said so itself.
func atProxy(s *symptom) *result.Place {
	if a := proxyAddr(s); a.IsValid() {
		return s.serverPlace(a)
	}
	return silent(s)
}

// toProxy is between this machine and a proxy that was not reached.
func toProxy(s *symptom) *result.Place {
	a := proxyAddr(s)
	if !a.IsValid() {
		return silent(s)
	}
	return &result.Place{Between: []string{s.local(), a.String()}, Owner: s.serverPlace(a).Owner}
}

// proxyData is what texts may say of the proxy that was asked for a way.
func (s *symptom) proxyData() i18n.Data {
	t := s.tunnel()
	if t == nil {
		return i18n.Data{"Proxy": "", "Schemes": "", "ProxySaid": "", "ProxyPage": "", "Login": ""}
	}
	return i18n.Data{
		"Proxy": str(t, factProxy), "Schemes": str(t, factSchemes), "ProxyPage": str(t, factPage), "Login": str(t, factLogin),
		"ProxySaid": strings.TrimSpace(str(t, factStatus) + " " + str(t, factReason)),
	}
}

// proxy says what the proxy said.
func (w words) proxy(e *sentences) {
	if !strings.HasPrefix(string(w.g.cause().Code), "proxy.") {
		return
	}
	for _, d := range w.g.members {
		t := d.tunnel()
		if t == nil || len(e.list) >= 2*maxListed {
			continue
		}
		data := d.proxyData()
		data["Target"] = (&target{host: d.host, ports: portset.Parse(str(t, factPort))}).String()
		if data["ProxySaid"] == "" {
			data["Said"] = i18n.T(w.lang, "failure."+string(t.Failure), nil)
			e.add("no-tunnel", data)
		} else {
			e.add("tunnel", data)
		}
	}
}
