package followup

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// proxy asks the proxy that this machine is set up with for a way to a host
// that could not be reached directly, for a check that itself goes by none: what
// there would be to gain is worth knowing even where the product can't use one.
var proxy = Followup{
	Name:  "proxy",
	Doc:   "Where a host can't be reached directly, and the check goes by no proxy: whether the one that --proxy, the environment or the system names gives a way to it.",
	Wants: wantsProxy,
	Look:  askProxy,
}

func wantsProxy(seen *Seen, c *result.Check) []result.Subject {
	if c.Verdict != result.Fail && c.Verdict != result.Inconclusive || !slices.Contains([]string{"tcp", "tls", "http", "ftp", "ssh"}, c.Kind) {
		return nil
	}
	if expect, _ := c.Spec.Fields["expect"].(string); expect == "closed" || triedProxy(c) {
		return nil
	}
	results := c.Results
	if len(results) == 0 {
		host, _, _ := net.SplitHostPort(c.Target)
		if u, err := url.Parse(c.Target); err == nil && u.Host != "" {
			host = u.Hostname()
		}
		results = []result.Result{{Host: host, State: result.Unknown}}
	}
	var subjects []result.Subject
	for i := range results {
		r := &results[i]
		if r.Failure == "" && r.State == result.Open || r.Proto == "udp" {
			continue
		}
		if a, err := netip.ParseAddr(r.Address); err == nil && a.IsLoopback() {
			continue // no way leads there but this machine's own
		}
		s := Target(c, r)
		s.Host, s.Proto = r.Host, "tcp"
		if s.Host == "" {
			s.Host = r.Address
		}
		if s.Port == 0 { // it came no further than its name
			s.Port = portOf(c)
		}
		s.Address = "" // the proxy looks the name up by itself
		if s.Host == "" || s.Port == 0 || proxyFor(seen.Env, s.Host, s.Port) == nil || slices.Contains(subjects, s) {
			continue
		}
		subjects = append(subjects, s)
	}
	return subjects
}

// portOf is the port that a check's target names, as host:port or as a URL.
func portOf(c *result.Check) int {
	if u, err := url.Parse(c.Target); err == nil && u.Host != "" {
		if p, err := strconv.Atoi(u.Port()); err == nil {
			return p
		}
		return map[string]int{"http": 80, "ws": 80, "https": 443, "wss": 443}[u.Scheme]
	}
	_, p, _ := net.SplitHostPort(c.Target)
	port, _ := strconv.Atoi(p)
	return port
}

// triedProxy tells whether a check went by a proxy as well.
func triedProxy(c *result.Check) bool {
	return slices.ContainsFunc(c.Ways, func(w result.Way) bool { return w.Via != "direct" })
}

// proxyFor is the proxy that gives a way to a host's port, as the run's settings
// have it; nil: none.
func proxyFor(env *engine.Env, host string, port int) *dial.Proxy {
	if env.Route == nil {
		return nil
	}
	return env.Route(nil, host, uint16(port)).Proxy
}

func askProxy(ctx context.Context, t *engine.Trace, subject result.Subject) error {
	p := proxyFor(t.Env, subject.Host, subject.Port)
	if p == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(engine.Via(ctx, p), whole)
	defer cancel()
	return t.Span(ctx, result.OpTunnel, func(ctx context.Context, s *engine.Step) error {
		s.Set("proxy.address", talk.Clean(p.URL.Host, 255)) // without user and password
		s.Set("proxy.source", p.Source)
		s.Set("server.address", subject.Host)
		s.Set("server.port", subject.Port)
		ask := talk.OpenTunnel
		if p.Socks() {
			ask = talk.OpenSocks
		}
		open := func(ctx context.Context) (net.Conn, error) { return connectProxy(ctx, t, p) }
		through, said, err := ask(ctx, open, net.JoinHostPort(subject.Host, strconv.Itoa(subject.Port)), p.URL.User)
		if through != nil {
			through.Close()
		}
		noteSaid(s, said)
		return err
	})
}

// noteSaid records what a proxy said.
func noteSaid(s *engine.Step, said *talk.Tunnel) {
	switch {
	case said == nil:
		return
	case said.Status != 0:
		s.Set("http.response.status_code", said.Status)
	case said.Reply >= 0:
		s.Set("socks.reply", said.Reply)
	}
	for key, v := range map[string]string{"http.response.header.x-squid-error": said.Squid, "http.response.reason": said.Reason, "proxy.via": said.Via, "proxy.page": said.Page, "proxy.login": said.Login} {
		if v != "" {
			s.Set(key, v)
		}
	}
	if len(said.Schemes) > 0 {
		s.Set("proxy.authenticate", said.Schemes)
	}
}

// connectProxy connects to a proxy, by TLS where its URL says so.
func connectProxy(ctx context.Context, t *engine.Trace, p *dial.Proxy) (net.Conn, error) {
	host := p.URL.Hostname()
	as, err := proxyAddresses(ctx, t, host)
	if err != nil {
		return nil, err
	}
	port, _ := strconv.ParseUint(p.Port(), 10, 16)
	var conn net.Conn
	for _, a := range as {
		err = t.Span(ctx, result.OpConnect, func(ctx context.Context, s *engine.Step) error {
			ctx, cancel := context.WithTimeout(ctx, whole/2) // so that the next address has a chance
			defer cancel()
			s.Set("network.peer.address", a.String())
			s.Set("network.peer.port", int(port))
			c, err := t.Network().Connect(ctx, netip.AddrPortFrom(a, uint16(port)))
			if err == nil {
				conn = c
			}
			return err
		})
		if err == nil {
			break
		}
	}
	if err != nil || p.URL.Scheme != "https" {
		return conn, err
	}
	err = t.Span(ctx, result.OpHandshake, func(ctx context.Context, s *engine.Step) error {
		s.Set("server.address", talk.Clean(host, 255))
		h, err := talk.Handshake(ctx, conn, talk.HelloOptions{ServerName: host})
		if err != nil {
			return err
		}
		// A client goes on with nobody but the proxy whose certificate says who
		// it is, and a password goes to nobody else.
		v := talk.Verify(h.Chain, host, time.Now(), talk.VerifyOptions{Extra: t.Env.Roots, PublicRoots: t.Env.Public})
		switch {
		case v.Name != nil:
			return engine.Failed(result.FailNameMismatch, errors.New("the proxy's certificate is for another name"))
		case v.Dates != nil:
			return engine.Failed(result.FailExpired, errors.New("the proxy's certificate is not valid today"))
		case v.System != nil:
			return engine.Failed(result.FailUnknownCA, errors.New("the proxy's certificate is not trusted by this system"))
		}
		conn = h.Conn
		return nil
	})
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// proxyAddresses are those of a proxy, two at most.
func proxyAddresses(ctx context.Context, t *engine.Trace, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	var as []netip.Addr
	err := t.Span(ctx, result.OpResolve, func(ctx context.Context, s *engine.Step) (err error) {
		s.Set("dns.question.name", talk.Clean(host, 255))
		if len(t.Env.Resolvers) > 0 {
			for _, from := range t.Env.Resolvers {
				if as = addressesOf(ctx, t, server{addr: from}, host); len(as) > 0 {
					return nil
				}
			}
			return engine.Failed(result.FailResolve, errors.New("no resolver knows the proxy's name"))
		}
		as, _, err = talk.SystemLookup(ctx, host)
		return err
	})
	return as[:min(len(as), 2)], err
}
