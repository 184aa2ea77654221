package diagnosis

import (
	"net"
	"slices"

	"netcheck/report/result"
)

// byWay tells whether the symptom is one of the way through a proxy.
func byWay(s *symptom) bool { return s.via != "" }

// viaProxy tells whether the symptom is that a host was not reached directly,
// and a proxy was asked for a way to it.
func viaProxy(s *symptom) bool {
	near := s.addr.IsValid() && !s.asksName() && s.view.near(s.addr)
	return s.code == "" && s.via == "" && s.check.Kind != "dns" && !near && s.passage() != nil &&
		!slices.Contains([]result.Failure{result.FailNoSockets, result.FailAddressInUse, result.FailExpectation, result.FailCanceled}, s.failure)
}

// explainedDirectly tells whether what the direct way met explains itself: the
// destination's own refusal, or a place that is known in a network that lets
// others out directly.
func explainedDirectly(s *symptom) bool {
	ru := match(slices.Concat(deviceRules(), pathRules(), connectRules()), s)
	if ru == nil {
		return false
	}
	c := ru.cause(s)
	return c.Code == result.TCPClosed || settled(c) && (directElsewhere(s) || sameAddressAnswers(s))
}

func saidNoName(s *symptom) bool { return s.failure != result.FailServFail }

// givesWay tells whether the proxy gives a way that leads to the server: where the
// check itself took it, the server must have answered it.
func givesWay(s *symptom) bool {
	p := s.passage()
	return s.view.leads(p) && (p.check == nil || p.page() || slices.ContainsFunc(p.check.Steps, func(st result.Step) bool {
		return st.Via != "" && slices.Contains([]result.Op{result.OpVerify, result.OpRequest}, st.Op) && !slices.Contains(unsaid, st.Failure)
	}))
}

// unsaid are the failures of a talk in which the other side had no say.
var unsaid = []result.Failure{
	result.FailTimeout, result.FailConnectTimeout, result.FailReset, result.FailEOF, result.FailCanceled, result.FailOther,
	result.FailProxyAuth, result.FailProxyDenied, result.FailProxyError,
}

// proxySays tells whether it is this that the proxy said.
func proxySays(f result.Failure) cond {
	return func(s *symptom) bool {
		p := s.passage()
		return !p.unreached && p.failure == f
	}
}

// proxyUnreached tells whether no connect to the proxy succeeded, or its name
// led nowhere, or it is not who it should be.
func proxyUnreached(s *symptom) bool {
	p := s.passage()
	return p != nil && p.unreached && p.failure != result.FailCanceled
}

// proxyUnproven tells whether who answered there failed to prove that it is the
// proxy.
func proxyUnproven(s *symptom) bool { return s.passage().unproven != "" }

// tlsThroughProxy tells whether TLS was spoken in another tunnel of the same
// proxy.
func tlsThroughProxy(s *symptom) bool {
	mine := s.passage()
	return mine != nil && slices.ContainsFunc(s.view.passages, func(p passage) bool {
		return p.check != nil && p.key == mine.key && p.failure == "" && slices.ContainsFunc(p.check.Steps, func(st result.Step) bool {
			host, port := goalOf(p.check, &st)
			return st.Via == mine.proxy && st.Op == result.OpHandshake && st.Failure == "" && host == p.host && port == p.port
		})
	})
}

// sameDirectly tells whether the check's direct way got as far as this, and met
// the same.
func sameDirectly(s *symptom) bool {
	return slices.ContainsFunc(s.check.Steps, func(st result.Step) bool { return st.Via == "" && st.Op == s.op() && st.Failure == s.failure })
}

// forbiddenOutright tells whether the proxy's word is that it is not allowed,
// and not that it does not understand, or not just now.
func forbiddenOutright(s *symptom) bool {
	p := s.passage()
	return p != nil && slices.Contains([]string{"", "403", "451"}, str(p.step, factStatus))
}

// directElsewhere tells whether another host beyond this link was reached
// without the proxy.
func directElsewhere(s *symptom) bool { return len(s.view.others(s.host, s.addr)) > 0 }

// proxyFailsAll tells whether the proxy gets to no host at all.
func proxyFailsAll(s *symptom) bool { return anotherAsked(s) && !anotherTunnelled(s) }

// proxyNearby tells whether the proxy stands in this network, and a second host
// fails as well: no fault further away explains both.
func proxyNearby(s *symptom) bool {
	p := s.passage()
	return p != nil && p.addr.IsValid() && inside(p.addr.Addr()) && anotherFailsDirectly(s)
}

// byFailingProxy makes one finding of a proxy that gets to no host.
func byFailingProxy(s *symptom) string {
	if proxyFailsAll(s) {
		return byProxy(s)
	}
	return s.wanted()
}

// anotherAsked tells whether the proxy was asked for a second host as well.
func anotherAsked(s *symptom) bool {
	return slices.ContainsFunc(s.view.passages, func(p passage) bool { return p.host != s.wanted() })
}

// anotherFailsDirectly tells whether a second host, beyond this link, was not
// reached directly either.
func anotherFailsDirectly(s *symptom) bool {
	return slices.ContainsFunc(s.view.passages, func(p passage) bool {
		return p.host != s.wanted() && (p.check == nil || failedBy(p.check, direct))
	})
}

// anotherTunnelled tells whether the proxy gives a way to another host.
func anotherTunnelled(s *symptom) bool {
	return slices.ContainsFunc(s.view.passages, func(p passage) bool { return p.host != s.wanted() && s.view.leads(&p) })
}

func byProxy(s *symptom) string {
	if p := s.passage(); p != nil {
		return p.key
	}
	return s.host
}

// byForbidden keeps denials of different kinds apart.
func byForbidden(s *symptom) string {
	what, _ := s.forbidden()
	return byProxy(s) + " " + what
}

// wanted is the host that the symptom is about: the goal of a way through a
// proxy, also where it ends at the proxy.
func (s *symptom) wanted() string {
	if s.toHost != "" {
		return s.toHost
	}
	return s.host
}

// forbidden is what a proxy's rule is about: "port" where it lets the host's
// other ports pass, "host" where it lets others on that port pass; "" where
// that can't be told.
func (s *symptom) forbidden() (what, passes string) {
	p := s.passage()
	if p == nil {
		return "", ""
	}
	var hosts, ports []string
	denied := map[string]bool{} // the host's ports that are
	for _, o := range s.view.passages {
		denied[o.port] = denied[o.port] || o.key == p.key && o.host == p.host && o.failure == result.FailProxyDenied
	}
	for _, o := range s.view.passages {
		there := net.JoinHostPort(o.host, o.port)
		switch {
		case o.key != p.key || !s.view.leads(&o) || o.port == "", o.page() != p.page():
		case o.host == p.host && o.port != p.port && !slices.Contains(ports, there):
			ports = append(ports, there)
		case o.host != p.host && (o.port == p.port || denied[o.port]) && !slices.Contains(hosts, there):
			hosts = append(hosts, there)
		}
	}
	switch {
	case len(ports) > 0 && len(hosts) == 0:
		return "port", ports[0]
	case len(hosts) > 0 && len(ports) == 0:
		return "host", hosts[0]
	}
	return "", ""
}

// Where.

// atHindrance is whatever stops the direct way.
func atHindrance(s *symptom) *result.Place {
	if s.ev.ICMP != nil {
		return atDevice(s)
	}
	return silent(s)
}

// atProxy is the proxy, which said so itself.
func atProxy(s *symptom) *result.Place {
	if p := s.passage(); p != nil {
		at := slices.IndexFunc(s.view.passages, func(o passage) bool { return o.key == p.key && o.addr.IsValid() }) // what one check was told the others need not ask
		switch {
		case p.addr.IsValid():
			return s.serverPlace(p.addr.Addr())
		case at >= 0:
			return s.serverPlace(s.view.passages[at].addr.Addr())
		}
	}
	return &result.Place{Between: []string{s.local(), unknownPlace}, Owner: result.UnknownOwner}
}

// toProxy is between this machine and a proxy that was not reached.
func toProxy(s *symptom) *result.Place {
	p := s.passage()
	switch {
	case s.via != "" && s.ev.ICMP != nil:
		return atDevice(s)
	case p == nil || !p.addr.IsValid():
		return silent(s)
	}
	a := p.addr.Addr()
	return &result.Place{Between: []string{s.local(), a.String()}, Owner: s.serverPlace(a).Owner}
}

// beyondProxy is between a proxy and the host that it was asked for; nil where
// that is not the symptom's way, or ends before.
func beyondProxy(s *symptom) *result.Place {
	p := s.passage()
	if s.via == "" || p == nil || p.unreached || !p.addr.IsValid() {
		return nil
	}
	return &result.Place{Between: []string{p.addr.Addr().String(), unknownPlace}, Owner: result.UnknownOwner}
}

// byScript tells whether a symptom may come of a proxy that is to be used here
// and was not tried: a script chooses it, which netcheck does not evaluate. What
// is nearer than any proxy, or answers by itself, has nothing to do with it.
func byScript(s *symptom) bool {
	stopped := s.op() == result.OpConnect || s.op() == result.OpHandshake && slices.Contains(unsaid, s.failure) || s.asksName() && slices.Contains(nameless, s.failure)
	near := s.addr.IsValid() && !s.asksName() && s.view.near(s.addr)
	return s.view.machine.ProxyScript != "" && s.via == "" && s.code == "" && len(s.check.Ways) == 0 && s.check.Kind != "dns" && stopped && !near &&
		(s.proto == "tcp" || s.asksName()) && s.failure != result.FailExpectation
}

// saidByProxy tells whether the answer that a symptom shows is the proxy's own.
func saidByProxy(s *symptom) bool {
	p := s.passage()
	return s.via != "" && p != nil && (p.failure != "" || p.check == s.check && p.page() && s.view.ownPage(p))
}
