package checks

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// opening is the way to a server that speaks TLS: its addresses, a connect to
// each, a handshake and a look at the certificate.
type opening struct {
	trust *trust
	host  value.Host
	port  uint16
	plain bool             // without TLS
	name  string           // to ask for and to find in the certificate; "": the host
	alpn  []string         // to offer
	first string           // in which TLS is asked for, such as smtp; "": TLS from the first byte
	own   *tls.Certificate // for a server that asks for one; nil: none
	alone bool             // nothing is said after the handshake
	asks  bool             // an HTTP proxy is asked for what is to be had there, and not for a tunnel
	keeps bool             // the TLS session is for another connection to go on with
}

// arrival is one address of an opening.
type arrival struct {
	to      netip.AddrPort
	try     try
	conn    *dial.Conn
	proxy   *dial.Proxy // through which; nil: directly, to the address
	asked   bool        // the connection is to the proxy, which is to pass requests on
	hello   *talk.Hello
	session *talk.Sessions // if the opening keeps it
	public  bool           // a public root vouches for it
	result  result.Result
	remarks []string
	err     error // of the innermost step
}

// reached is where an opening ended: at the address that a client would use.
type reached struct {
	*arrival               // nil where there is none
	resolved time.Duration // how long the name took
	results  []result.Result
	remarks  []string
	here     *here // the name leads to this machine
	err      error
}

func (r *reached) close() {
	switch {
	case r.arrival == nil || r.conn == nil:
	case r.hello != nil:
		r.hello.Conn.Close() // says goodbye first, as a server's log likes it
	default:
		r.conn.Close()
	}
}

// all tries every address and keeps the connection that a client by RFC 8305
// would use.
func (o *opening) all(ctx context.Context, t *engine.Trace) reached {
	if p := t.Proxy(string(o.host), o.port); p != nil {
		return o.through(ctx, t, p)
	}
	start := time.Now()
	addrs, err := resolve(ctx, t, o.host)
	r := reached{resolved: time.Since(start)}
	if err != nil {
		return reached{err: err, results: []result.Result{{Host: string(o.host), State: result.Unknown, Failure: engine.Classify(err)}}}
	}
	r.here = leadsHere(t, o.host, addrs)
	tries := make([]arrival, len(addrs))
	inTurn(len(addrs), func(i int, begun func()) {
		begun()
		tries[i] = o.one(ctx, t, netip.AddrPortFrom(addrs[i], o.port))
	})
	times := make([]try, len(tries))
	for i, a := range tries {
		times[i] = a.try
		r.results = append(r.results, a.result)
	}
	used := through(times)
	for i := range tries {
		if i != used && tries[i].conn != nil {
			tries[i].conn.Close()
		}
	}
	if used < 0 {
		r.err = deadEnd(tries)
		return r
	}
	r.arrival = &tries[used]
	r.err, r.remarks = r.arrival.err, r.arrival.remarks
	for i, a := range tries {
		if i != used && a.try.ok && a.err != nil {
			// Another time, the client may end up there.
			r.remarks = append(r.remarks, fmt.Sprintf("%s: %v", addrs[i], a.err))
		}
	}
	return r
}

// deadEnd is the error that counts when no address could be reached: that this
// machine has no IPv6 says nothing of a server that has IPv4 too.
func deadEnd(tries []arrival) error {
	for _, a := range tries {
		if f := engine.Classify(a.err); f != result.FailNoRoute && f != result.FailNetUnreachable {
			return a.err
		}
	}
	return tries[len(tries)-1].err
}

// one connects to an address, and unless the opening is plain shakes hands and
// looks at the certificate.
func (o *opening) one(ctx context.Context, t *engine.Trace, to netip.AddrPort) arrival {
	a := arrival{to: to}
	start := time.Now()
	a.conn, a.result, a.err = connect(ctx, t, to)
	a.try = try{time.Since(start), a.err == nil}
	a.result.Host = string(o.host)
	if a.err == nil {
		o.secure(ctx, t, &a)
	}
	return a
}

// secure shakes hands and looks at the certificate, unless the opening is
// plain.
func (o *opening) secure(ctx context.Context, t *engine.Trace, a *arrival) {
	if o.plain {
		return
	}
	if o.first != "" {
		a.err = o.askTLS(ctx, t, a)
	}
	if a.err == nil {
		a.err = o.handshake(ctx, t, a)
	}
	if a.err == nil {
		a.err = o.verify(ctx, t, a.to.Addr(), a)
	}
	if a.err != nil {
		if a.result.Failure = engine.Classify(a.err); a.result.Failure == result.FailReset {
			a.result.State = result.Reset
		}
	}
}

// through goes by a proxy, which looks the name up by itself.
func (o *opening) through(ctx context.Context, t *engine.Trace, p *dial.Proxy) reached {
	a := &arrival{proxy: p}
	if ip, ok := o.host.Addr(); ok {
		a.to = netip.AddrPortFrom(ip, o.port)
	}
	start := time.Now()
	if a.asked = o.asks && !p.Socks(); a.asked {
		a.conn, a.result, a.err = atProxy(ctx, t, p, o.host, o.port)
	} else {
		a.conn, a.result, a.err = tunnel(ctx, t, p, o.host, o.port)
	}
	a.try = try{time.Since(start), a.err == nil}
	if a.err == nil {
		o.secure(engine.Via(ctx, p), t, a)
	}
	r := reached{arrival: a, results: []result.Result{a.result}, remarks: a.remarks, err: a.err}
	if !a.try.ok {
		r.arrival = nil
	}
	return r
}
