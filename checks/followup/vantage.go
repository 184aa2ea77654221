package followup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

// helperPresent asks the helper outside, of which a run knows what it must
// say: no login page can say it, and its clock is one to go by.
var helperPresent = Followup{
	Name:  "web",
	Doc:   "Where a login page, a filter or a wrong clock may be at work, and the run has a helper outside: whether that one answers itself, and what time it says it is.",
	Wants: wantsHelper,
	Look:  lookHelper,
}

func wantsHelper(s *Seen, c *result.Check) []result.Subject {
	h := helperOf(s.Env, nil)
	if h == nil || !failing(c) || c.Kind == "inbound" {
		return nil
	}
	for i := range c.Steps {
		st := &c.Steps[i]
		spoken := slices.Contains([]result.Op{result.OpHandshake, result.OpVerify, result.OpRequest}, st.Op)
		if spoken && (slices.Contains(strange, st.Failure) || slices.Contains(dates, st.Failure)) {
			at := h.Server()
			return []result.Subject{{Host: at.Host, Port: int(at.Port), Proto: "tcp"}}
		}
	}
	return nil
}

// present is a helper that can be asked to show itself: netcheck's own kind.
type present interface {
	Server() vantage.Server
	Present(ctx context.Context) (vantage.Presence, error)
}

// helperOf is the run's; nil: none, or one that can't show itself.
func helperOf(env *engine.Env, dial func(context.Context, vantage.Server) (net.Conn, error)) present {
	if env.Vantage == "" {
		return nil
	}
	h, err := vantage.Open(env.Vantage, vantage.Options{Dial: dial})
	if err != nil {
		return nil
	}
	p, _ := h.(present)
	return p
}

func lookHelper(ctx context.Context, t *engine.Trace, o result.Subject) error {
	ctx, cancel := context.WithTimeout(ctx, handshakePatience)
	defer cancel()
	h := helperOf(t.Env, func(ctx context.Context, to vantage.Server) (net.Conn, error) { return toHelper(ctx, t, to) })
	if h == nil {
		return nil
	}
	return t.Span(ctx, result.OpRequest, func(ctx context.Context, s *engine.Step) error {
		s.Set("server.address", o.Host)
		scheme := "http"
		if h.Server().Secure {
			scheme = "https"
		}
		s.Set("url.full", scheme+"://"+net.JoinHostPort(o.Host, strconv.Itoa(o.Port))+vantage.Portal)
		p, err := h.Present(ctx)
		if err != nil {
			return err
		}
		s.Set("vantage.genuine", p.Genuine)
		s.Set("http.response.status_code", p.Status)
		if p.Location != "" {
			s.Set("http.response.header.location", p.Location)
		}
		if p.Dated && p.Genuine {
			s.Set("http.date_offset_s", p.Ahead.Seconds())
		}
		return nil
	})
}

// toHelper connects to the helper. By TLS it must be the helper, whatever the
// dates say: this machine's clock may be what is wrong.
func toHelper(ctx context.Context, t *engine.Trace, to vantage.Server) (net.Conn, error) {
	as, err := helperAddresses(ctx, t, to.Host)
	if err != nil {
		return nil, err
	}
	conn, err := t.Network().Connect(ctx, netip.AddrPortFrom(as[0], to.Port))
	if err != nil {
		return nil, err
	}
	if !to.Secure {
		return conn, nil
	}
	hello, err := talk.Handshake(ctx, conn, talk.HelloOptions{ServerName: to.Host, ALPN: []string{"http/1.1"}})
	if err != nil {
		conn.Close()
		return nil, err
	}
	if err := known(hello, to, t.Env); err != nil {
		hello.Conn.Close()
		return nil, err
	}
	return hello.Conn, nil
}

func known(h *talk.Hello, to vantage.Server, env *engine.Env) error {
	v := talk.Verify(h.Chain, to.Host, time.Now(), talk.VerifyOptions{Extra: env.Roots, PublicRoots: env.Public})
	if to.Pin != "" {
		sum, err := vantage.ParsePin(to.Pin)
		if err != nil {
			return err
		}
		if len(h.Chain) == 0 || sha256.Sum256(h.Chain[0].RawSubjectPublicKeyInfo) != sum && v.Pinned(h.Chain, sum) == nil {
			return engine.Failed(result.FailPin, errors.New("the helper's public key is another one"))
		}
		return nil
	}
	if v.Name != nil {
		return engine.Failed(result.FailNameMismatch, errors.New("the helper's certificate is for another name"))
	}
	if v.System != nil {
		return engine.Failed(result.FailUnknownCA, errors.New("the helper's certificate is not trusted by this system"))
	}
	return nil
}

// helperAddresses finds a helper's addresses, of the run's resolver if it has one.
func helperAddresses(ctx context.Context, t *engine.Trace, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if len(t.Env.Resolvers) == 0 {
		as, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
		if err != nil || len(as) == 0 {
			return nil, engine.Failed(result.FailResolve, fmt.Errorf("%s is not found", host))
		}
		return as, nil
	}
	number, _ := talk.QueryType("A")
	a, err := talk.Query(ctx, t.Network(), t.Env.Resolvers[0], host, number, talk.QueryOptions{})
	if err != nil {
		return nil, err
	}
	if as := a.Addrs(); len(as) > 0 {
		return as, nil
	}
	return nil, engine.Failed(result.FailNoData, fmt.Errorf("%s has no address", host))
}
