package diagnosis

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"netcheck/report/portset"
	"netcheck/report/result"
)

const (
	factSource     = "proxy.source"
	factSocks      = "socks.reply"
	factAskedLogin = "http.response.header.proxy-authenticate"
)

// passage is a way to a host that a proxy was asked for, by a check or once
// more afterwards.
type passage struct {
	host, port string
	proxy      string         // as a reader may type it
	key        string         // its host and port
	failure    result.Failure // "": it gave one
	unreached  bool           // nobody was there to be asked
	check      *result.Check  // nil: a follow-up
	step       *result.Step   // that asked
	addr       netip.AddrPort // at which the proxy was reached, or last sought
}

// followedProxy is the follow-up that asks the proxy, for checks that go
// directly.
const followedProxy = "proxy"

// learnPassages takes from a check which ways proxies gave it.
func (v *view) learnPassages(c *result.Check) {
	for i := range c.Steps {
		if st := &c.Steps[i]; st.Via != "" && asksProxy(c.Steps, i) {
			p := passageOf(c.Steps, i)
			p.host, p.port = goalOf(c, st)
			p.check = c
			v.passages = append(v.passages, p)
		}
	}
}

// learnProxy takes it from a follow-up.
func (v *view) learnProxy(f *result.Followup) {
	if f.Name != followedProxy {
		return
	}
	for i := range f.Steps {
		if f.Steps[i].Op == result.OpTunnel {
			p := passageOf(f.Steps, i)
			p.host, p.port = f.Host, strconv.Itoa(f.Port)
			v.passages = append(v.passages, p)
		}
	}
}

// asksProxy tells whether a step asks a proxy for a way, or without TLS for
// the page itself.
func asksProxy(steps []result.Step, i int) bool {
	switch steps[i].Op {
	case result.OpTunnel:
		return true
	case result.OpRequest:
		return !slices.ContainsFunc(steps, func(s result.Step) bool { return s.Op == result.OpTunnel && s.Parent != nil && *s.Parent == i })
	}
	return false
}

// passageOf is what became of it.
func passageOf(steps []result.Step, i int) passage {
	st := &steps[i]
	p := passage{proxy: st.Via, key: str(st, factProxy), step: st}
	if u, err := url.Parse(st.Via); err == nil && p.key == "" {
		p.key = u.Host
	}
	if p.proxy == "" {
		p.proxy = p.key
	}
	reached, broken := false, false
	for j := range steps {
		in := &steps[j]
		if in.Parent == nil || *in.Parent != i {
			continue
		}
		switch in.Op {
		case result.OpConnect:
			if a, ok := address(str(in, factPeer)); ok && !reached {
				port, _ := strconv.ParseUint(str(in, factPeerPort), 10, 16)
				p.addr = netip.AddrPortFrom(a, uint16(port))
			}
			reached = reached || in.Failure == ""
		case result.OpHandshake:
			broken = in.Failure != ""
		}
	}
	p.failure = saidFailure(st)
	if p.unreached = p.failure != "" && (!reached || broken) && str(st, factStatus) == ""; p.unreached || st.Op == result.OpTunnel {
		return p
	}
	if !slices.Contains([]result.Failure{result.FailProxyAuth, result.FailProxyDenied, result.FailProxyError}, p.failure) {
		p.failure = "" // it passed the request on
	}
	return p
}

// saidFailure is what a proxy's word means: reports have had its status alone.
func saidFailure(st *result.Step) result.Failure {
	n, _ := strconv.Atoi(str(st, factStatus))
	switch {
	case st.Failure != "" || st.Op != result.OpTunnel:
		return st.Failure
	case n == 407:
		return result.FailProxyAuth
	case n/100 == 4:
		return result.FailProxyDenied
	case n/100 == 5:
		return result.FailProxyError
	}
	return ""
}

// goalOf is the host and port that a step through a proxy is about: not the
// proxy, which the steps on the way to it name as their server.
func goalOf(c *result.Check, st *result.Step) (host, port string) {
	line := ancestry(c, st)
	for i, s := range line {
		if s.Op == result.OpTunnel {
			line = line[i:]
			break
		}
	}
	if op := line[0].Op; len(line) > 1 && slices.Contains([]result.Op{result.OpConnect, result.OpResolve, result.OpQuery}, op) {
		line = line[1:] // to a proxy that is asked for a page
	}
	for _, s := range line {
		if host = str(s, factHost); host != "" && str(s, factPort) != "" {
			return host, str(s, factPort)
		}
	}
	for _, text := range []string{inherited(c, line[0], factURL), c.Target} {
		if u, err := url.Parse(text); err == nil && u.Hostname() != "" {
			if port = u.Port(); port == "" {
				port = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}[u.Scheme]
			}
			return u.Hostname(), port
		}
	}
	if h, p, err := net.SplitHostPort(c.Target); err == nil {
		return h, p
	}
	return hostOf(c, line[0]), ""
}

// passage is what became of asking a proxy for a way to the host, by the check
// itself or else afterwards; nil if none was asked. Of a name that is looked up
// for others, theirs counts.
func (s *symptom) passage() *passage {
	var after *passage
	ps := s.view.passages
	for i := range ps {
		p := &ps[len(ps)-1-i] // the last attempt's is the last
		switch {
		case !s.means(p.host, p.port), p.check != nil && p.check != s.check && (s.check.Kind != "dns" || p.failure != ""):
		case p.check == s.check:
			return p
		case after == nil:
			after = p
		}
	}
	return after
}

// means tells whether a host and port are those that the symptom is about.
func (s *symptom) means(host, port string) bool {
	if s.via != "" {
		return host == s.toHost && (s.toPort == "" || port == "" || portset.Parse(s.toPort).Overlaps(portset.Parse(port)))
	}
	return (host == s.host || host == s.addr.String()) && (len(s.ports) == 0 || s.ports.Overlaps(portset.Parse(port)))
}

// byWay tells whether the symptom is one of the way through a proxy.
func byWay(s *symptom) bool { return s.via != "" }

// viaProxy tells whether the symptom is that a host was not reached directly,
// and a proxy was asked for a way to it.
func viaProxy(s *symptom) bool {
	near := s.addr.IsValid() && !s.asksName() && s.view.near(s.addr)
	return s.code == "" && s.via == "" && s.check.Kind != "dns" && !near && s.passage() != nil &&
		!slices.Contains([]result.Failure{result.FailNoSockets, result.FailAddressInUse, result.FailExpectation, result.FailCanceled}, s.failure)
}

func saidNoName(s *symptom) bool { return s.failure != result.FailServFail }

// givesWay tells whether the proxy gives a way that leads to the server: where the
// check itself took it, the server must have answered it.
func givesWay(s *symptom) bool {
	p := s.passage()
	return p.failure == "" && (p.check == nil || slices.ContainsFunc(p.check.Steps, func(st result.Step) bool {
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

// forbiddenOutright tells whether the proxy's word is that it is not allowed,
// and not that it does not understand.
func forbiddenOutright(s *symptom) bool {
	p := s.passage()
	return p != nil && !slices.Contains([]string{"400", "404", "405"}, str(p.step, factStatus))
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
	return slices.ContainsFunc(s.view.passages, func(p passage) bool { return p.host != s.wanted() && p.failure == "" })
}

func byProxy(s *symptom) string {
	if p := s.passage(); p != nil {
		return p.key
	}
	return s.host
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
	for _, o := range s.view.passages {
		there := net.JoinHostPort(o.host, o.port)
		switch {
		case o.key != p.key || o.failure != "" || o.port == "":
		case o.host == p.host && o.port != p.port && !slices.Contains(ports, there):
			ports = append(ports, there)
		case o.host != p.host && o.port == p.port && !slices.Contains(hosts, there):
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
	if p := s.passage(); p != nil && p.addr.IsValid() {
		return s.serverPlace(p.addr.Addr())
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

// whereInspected is who opens TLS: a proxy that was asked for a way can, and
// one nearer than the server that takes all connects.
func whereInspected(s *symptom) *result.Place {
	if s.via != "" {
		return atProxy(s)
	}
	return whereTaken(s)
}

// hostAndPort are those of a proxy's URL.
func hostAndPort(proxy string) (string, portset.Set) {
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" {
		return proxy, nil
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if port == "" {
		port = "1080"
	}
	return u.Hostname(), portset.Parse(port)
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
	return s.via != "" && p != nil && p.failure != ""
}
