package followup

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// proxy asks the proxy that this machine is set up with for a way to a host
// that could not be reached directly.
var proxy = Followup{
	Name:  "proxy",
	Doc:   "Where a host can't be reached directly: whether the proxy that --proxy, the environment or the system names gives a way to it.",
	Wants: wantsProxy,
	Look:  askProxy,
}

func wantsProxy(seen *Seen, c *result.Check) []result.Subject {
	if c.Verdict != result.Fail && c.Verdict != result.Inconclusive || !slices.Contains([]string{"tcp", "tls", "http", "ftp", "ssh"}, c.Kind) {
		return nil
	}
	if expect, _ := c.Spec.Fields["expect"].(string); expect == "closed" {
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

// proxyFor is the proxy that gives a way by CONNECT to a host's port, as the
// run's settings have it; nil: none.
func proxyFor(env *engine.Env, host string, port int) *url.URL {
	if env.Route == nil {
		return nil
	}
	p := env.Route(nil, host, uint16(port)).Proxy
	if p == nil || p.Socks() {
		return nil
	}
	u := *p.URL
	return &u
}

func askProxy(ctx context.Context, t *engine.Trace, subject result.Subject) error {
	u := proxyFor(t.Env, subject.Host, subject.Port)
	if u == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	return t.Span(ctx, result.OpTunnel, func(ctx context.Context, s *engine.Step) error {
		s.Set("proxy.address", talk.Clean(u.Host, 255)) // without user and password
		s.Set("server.address", subject.Host)
		s.Set("server.port", subject.Port)
		login := u.User
		conn, err := connectProxy(ctx, t, u)
		if err != nil {
			return err
		}
		if login != nil && u.User == nil {
			s.Set("proxy.login", "withheld")
		}
		again := false
		open := func(ctx context.Context) (net.Conn, error) {
			if !again {
				again = true
				return conn, nil
			}
			return connectProxy(ctx, t, u)
		}
		through, said, err := talk.OpenTunnel(ctx, open, net.JoinHostPort(subject.Host, strconv.Itoa(subject.Port)), u.User)
		if through != nil {
			through.Close()
		}
		if said == nil {
			return err
		}
		s.Set("http.response.status_code", said.Status)
		for key, v := range map[string]string{"http.response.reason": said.Reason, "proxy.via": said.Via, "proxy.page": said.Page} {
			if v != "" {
				s.Set(key, v)
			}
		}
		if len(said.Schemes) > 0 {
			s.Set("proxy.authenticate", said.Schemes)
		}
		if said.Login != "" {
			s.Set("proxy.login", "sent") // whether, never which
		}
		return nil // whatever it said
	})
}

// connectProxy connects to a proxy, by TLS where its URL says so.
func connectProxy(ctx context.Context, t *engine.Trace, u *url.URL) (net.Conn, error) {
	as, err := proxyAddresses(ctx, t, u.Hostname())
	if err != nil {
		return nil, err
	}
	port, _ := strconv.ParseUint(cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]), 10, 16)
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
	if err != nil || u.Scheme != "https" {
		return conn, err
	}
	h, err := talk.Handshake(ctx, conn, talk.HelloOptions{ServerName: u.Hostname()})
	if err != nil {
		conn.Close()
		return nil, err
	}
	// A password goes to nobody but the proxy whose certificate says who it is.
	v := talk.Verify(h.Chain, u.Hostname(), time.Now(), talk.VerifyOptions{Extra: t.Env.Roots, PublicRoots: t.Env.Public})
	if u.User != nil && (v.System != nil || v.Name != nil || v.Dates != nil) {
		u.User = nil
	}
	return h.Conn, nil
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
