package checks

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// endpoints are hosts and ports for the engine, as many as it needs to know
// whether a proxy leads to any of them.
func endpoints(hs []value.Host, ps value.Ports) []engine.Endpoint {
	const most = 64
	var all []engine.Endpoint
	for _, h := range hs {
		for _, p := range ps.All() {
			if len(all) == most {
				return all
			}
			all = append(all, engine.Endpoint{Host: string(h), Port: p})
		}
	}
	return all
}

// tunnel opens a connection to a host's port through a proxy: the proxy's own
// addresses, a connect, and what it says to the wish. Its steps bear the
// proxy's name.
func tunnel(ctx context.Context, t *engine.Trace, p *dial.Proxy, host value.Host, port uint16) (*dial.Conn, result.Result, error) {
	ctx = engine.Via(ctx, p)
	r := result.Result{Host: string(host), Via: p.String(), Proto: "tcp", Ports: strconv.Itoa(int(port)), State: result.Unknown}
	var conn *dial.Conn
	err := t.Span(ctx, result.OpTunnel, func(ctx context.Context, s *engine.Step) error {
		var cancel context.CancelFunc
		ctx, cancel = withTimeout(ctx, 2*t.Env.Timeout) // for the proxy, and for what lies beyond
		defer cancel()
		s.Set("proxy.address", talk.Clean(p.URL.Host, 255)) // without user and password
		s.Set("proxy.source", p.Source)
		s.Set("server.address", string(host))
		s.Set("server.port", int(port))
		over, said, err := askWay(ctx, t, p, net.JoinHostPort(string(host), strconv.Itoa(int(port))))
		noteTunnel(s, said)
		if said != nil && said.Closed() {
			r.State = result.Closed
		}
		if err != nil {
			return err
		}
		conn = over
		r.RTT, r.State = result.Duration(conn.RTT), result.Open
		return nil
	})
	if err != nil {
		r.Failure = engine.Classify(err)
	}
	return conn, r, err
}

// askWay asks a proxy for a way to host:port, with the manners that are due to it.
func askWay(ctx context.Context, t *engine.Trace, p *dial.Proxy, hostport string) (conn *dial.Conn, said *talk.Tunnel, err error) {
	m := mannersAt(ctx, t, p)
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, nil, err
	}
	try := func() (*talk.Tunnel, error) {
		var to *dial.Conn // the proxy
		var began time.Time
		open := func(ctx context.Context) (net.Conn, error) {
			c, over, err := toProxy(ctx, t, p)
			to, began = c, time.Now()
			return over, err
		}
		words := talk.OpenTunnel
		if p.Socks() {
			words = talk.OpenSocks
		}
		over, said, err := words(ctx, open, hostport, p.URL.User)
		if err == nil {
			conn = to.Through(over)
			conn.RTT = time.Since(began)
		}
		return said, err
	}
	politely := func() (*talk.Tunnel, error) {
		if p.URL.User == nil {
			return try()
		}
		return m.login(ctx, try)
	}
	if said, err = politely(); err != nil && m.crowded(said, err) {
		select {
		case <-time.After(recovers):
			said, err = politely()
		case <-ctx.Done():
		}
	}
	if err != nil {
		leave()
		return nil, said, err
	}
	conn.OnClose(leave)
	return conn, said, nil
}

// noteTunnel records what a proxy said.
func noteTunnel(s *engine.Step, said *talk.Tunnel) {
	if said == nil {
		return
	}
	switch {
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

// toProxy connects to a proxy, by TLS where its URL says so: over is what to
// speak with it on.
func toProxy(ctx context.Context, t *engine.Trace, p *dial.Proxy) (c *dial.Conn, over net.Conn, err error) {
	host := value.Host(p.URL.Hostname())
	port, err := strconv.ParseUint(p.Port(), 10, 16)
	if err != nil {
		return nil, nil, err
	}
	addrs, err := resolve(ctx, t, host)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range addrs[:min(len(addrs), 3)] { // in turn: a proxy with a dead address is rare
		if c, _, err = connect(ctx, t, netip.AddrPortFrom(a, uint16(port))); err == nil {
			break
		}
	}
	if err != nil || p.URL.Scheme != "https" {
		return c, c, err
	}
	err = t.Step(ctx, result.OpHandshake, func(ctx context.Context, s *engine.Step) error {
		s.Set("server.address", string(host))
		h, err := talk.Handshake(ctx, c, talk.HelloOptions{ServerName: string(host)})
		if err != nil {
			return err
		}
		over = h.Conn
		return vouched(h.Chain, string(host), t.Env.Roots, t.Env.Public)
	})
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, over, nil
}

// vouched tells whether this system trusts a proxy's certificate: a password
// goes to nobody else, and a client would not go on either.
func vouched(chain []*x509.Certificate, host string, extra, public *x509.CertPool) error {
	v := talk.Verify(chain, host, time.Now(), talk.VerifyOptions{Extra: extra, PublicRoots: public})
	switch {
	case v.Name != nil:
		return engine.Failed(result.FailNameMismatch, errors.New("the proxy's certificate is for another name"))
	case v.Dates != nil:
		return engine.Failed(result.FailExpired, errors.New("the proxy's certificate is not valid today"))
	case v.System != nil:
		return engine.Failed(result.FailUnknownCA, errors.New("the proxy's certificate is not trusted by this system"))
	}
	return nil
}

// another opens a second connection to the server that was arrived at, on
// another port and by the same way. host is another address of it, as a server
// may name one; "": the same.
func (a *arrival) another(ctx context.Context, t *engine.Trace, host value.Host, port uint16) (*dial.Conn, result.Result, error) {
	if a.proxy != nil {
		if host == "" {
			host = value.Host(a.result.Host)
		}
		return tunnel(ctx, t, a.proxy, host, port)
	}
	to := a.to.Addr()
	if ip, ok := host.Addr(); ok {
		to = ip
	}
	c, r, err := connect(ctx, t, netip.AddrPortFrom(to, port))
	r.Host = a.result.Host
	return c, r, err
}

// atProxy opens a connection to an HTTP proxy, to ask it for a page in a
// server's place (RFC 9112, 3.2.2): that is how clients do it without TLS, and
// many proxies give no tunnel to port 80.
func atProxy(ctx context.Context, t *engine.Trace, p *dial.Proxy, host value.Host, port uint16) (*dial.Conn, result.Result, error) {
	ctx = engine.Via(ctx, p)
	r := result.Result{Host: string(host), Via: p.String(), Proto: "tcp", Ports: strconv.Itoa(int(port)), State: result.Unknown}
	c, over, err := toProxy(ctx, t, p)
	if err != nil {
		r.Failure = engine.Classify(err)
		return nil, r, err
	}
	return c.Through(over), r, nil
}
