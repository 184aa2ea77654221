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
	unproven   result.Failure // why whoever was there is not proved to be it
	nameless   bool           // its name led nowhere
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
	reached := false
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
			p.unproven = in.Failure
		case result.OpResolve, result.OpQuery:
			p.nameless = in.Failure != ""
		}
	}
	p.failure = saidFailure(st)
	if p.unreached = p.failure != "" && (!reached || p.unproven != "") && str(st, factStatus) == ""; p.unreached || st.Op == result.OpTunnel {
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
