package diagnosis

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// direct is the way without a proxy, as a report names it.
const direct = "direct"

// viaOf is how the steps of a way bear its name.
func viaOf(way string) string {
	if way == direct {
		return ""
	}
	return way
}

// used is the way that a check's verdict rests on; nil where only one was ever
// thought of.
func used(c *result.Check) *result.Way {
	for i := range c.Ways {
		if c.Ways[i].Used {
			return &c.Ways[i]
		}
	}
	return nil
}

// byUsed tells whether a step is one of the way that the verdict rests on.
func byUsed(c *result.Check, st *result.Step) bool {
	w := used(c)
	return w == nil || st.Via == viaOf(w.Via)
}

// failedBy tells whether a check did not pass by one of its ways.
func failedBy(c *result.Check, way string) bool {
	return slices.ContainsFunc(c.Ways, func(w result.Way) bool {
		return w.Via == way && (w.Verdict == result.Fail || w.Verdict == result.Inconclusive)
	})
}

// personal tells whether a check passed by a setting of this account alone.
func personal(c *result.Check) bool {
	w := used(c)
	return w != nil && w.Personal && failedBy(c, direct)
}

// relevant are the ways whose symptoms count, as steps bear their names: of a
// check that failed all of them, else the one that its verdict rests on, and
// the direct one where not everybody can go by the other.
func relevant(c *result.Check) []string {
	w := used(c)
	if w == nil {
		if c.Via == "" || c.Via == direct {
			return []string{""}
		}
		return []string{c.Via}
	}
	if c.Verdict == result.Warn {
		if personal(c) {
			return []string{"", viaOf(w.Via)}
		}
		return []string{viaOf(w.Via)}
	}
	var all []string
	for _, w := range c.Ways {
		all = append(all, viaOf(w.Via))
	}
	return all
}

// known is the cause that a probe knew by itself, if it is about this way.
func known(c *result.Check, via string) result.Code {
	switch w := used(c); {
	case w == nil:
		return c.Code
	case via == "" && viaOf(w.Via) != "" && personal(c) && c.Verdict == result.Warn,
		via != "" && via == w.Via && w.Personal && w.Verdict == result.Pass && len(c.Ways) == 1:
		return result.ProxyRequired
	case via != viaOf(w.Via), c.Code == result.ProxyRequired:
		return ""
	}
	return c.Code
}

// throughProxy lists what went wrong by way of a proxy. It is about the proxy
// as long as that gave no way, and then about the host.
func throughProxy(v *view, c *result.Check, via string) []*symptom {
	var ss []*symptom
	for i := range c.Results {
		if res := &c.Results[i]; res.Via == via && wrong(c, res) {
			ss = append(ss, ofProxied(v, c, res, failedAt(c, res)))
		}
	}
	fatal := fatalStep(c, via)
	switch {
	case fatal != nil && !slices.ContainsFunc(ss, func(s *symptom) bool { return s.failure == fatal.Failure }):
		ss = append(ss, ofProxied(v, c, nil, fatal))
	case fatal == nil && len(ss) == 0 && known(c, via) != "":
		ss = append(ss, ofProxied(v, c, nil, doubted(c)))
	}
	return ss
}

// failedAt is the innermost step by which a result through a proxy failed.
func failedAt(c *result.Check, res *result.Result) *result.Step {
	best := &result.Step{Via: res.Via}
	for i := range c.Steps {
		st := &c.Steps[i]
		if st.Via != res.Via || st.Failure != res.Failure {
			continue
		}
		host, port := goalOf(c, st)
		if host == res.Host && portset.Parse(port).Overlaps(portset.Parse(res.Ports)) || best.Op == "" {
			best = st
		}
	}
	return best
}

// ofProxied is a symptom of a way through a proxy.
func ofProxied(v *view, c *result.Check, res *result.Result, st *result.Step) *symptom {
	s := ofStep(v, c, st)
	s.res, s.via = res, cmp.Or(st.Via, viaOf(c.Via))
	s.code = known(c, s.via)
	s.toHost, s.toPort = goalOf(c, st)
	s.host, s.addr, s.ports = s.toHost, netip.Addr{}, portset.Parse(s.toPort)
	if res != nil {
		s.host, s.toHost, s.ports, s.toPort = res.Host, res.Host, portset.Parse(res.Ports), res.Ports
		if s.failure == "" {
			s.failure = res.Failure
		}
	}
	if p := s.passage(); p != nil && p.unreached {
		s.host, s.ports = hostAndPort(p.proxy)
		if s.addr, _ = address(peerOf(c, st)); !s.addr.IsValid() && !s.asksName() {
			s.addr = p.addr.Addr()
		}
	}
	s.cover = s.ports
	return s
}

// oneWay makes one of the symptoms of a check's two ways where they are one
// fault's: the network means the proxy to be used, and that one gives no way;
// or the host is at fault, whichever way one comes, and has said so directly. What failed at the host
// itself is what is wrong, where the other way came less far.
func oneWay(ds []diagnosed) []diagnosed {
	for i := range ds {
		p := &ds[i]
		if p.via == "" {
			continue
		}
		for j := range ds {
			d := &ds[j]
			if d.via != "" || d.proto != "tcp" && !d.asksName() || d.host != p.toHost {
				continue
			}
			ofProxy := aboutProxy(d.cause.Code)
			switch {
			case ofProxy, d.cause.Code == p.cause.Code, explained(d) && aboutProxy(p.cause.Code), fallsShort(p.symptom) && !strings.HasPrefix(string(d.cause.Code), "local."):
				p.with, p.rule, p.cause = d, d.rule, d.cause
			case p.op() == result.OpVerify || p.op() == result.OpRequest && !slices.Contains(unsaid, p.failure):
				d.beside = true
				continue
			default:
				continue
			}
			break
		}
	}
	return ds
}

// aboutProxy tells whether a cause is that a proxy gives no way.
func aboutProxy(c result.Code) bool {
	return strings.HasPrefix(string(c), "proxy.") && c != result.ProxyRequired
}

// explained tells whether the direct way ended by the word of the host itself,
// or at a place that is known: no proxy is needed to explain that.
func explained(d *diagnosed) bool {
	switch d.op() {
	case result.OpConnect:
		return d.cause.Code == result.TCPClosed || settled(d.cause)
	case result.OpHandshake, result.OpVerify, result.OpRequest, result.OpGreeting, result.OpKeyExchange, result.OpStartTLS:
		return !slices.Contains(unsaid, d.failure)
	}
	return false
}

// fallsShort tells whether the proxy was asked, and got no further than this
// machine does by itself.
func fallsShort(s *symptom) bool {
	p := s.passage()
	return p != nil && !p.unreached && (p.failure == result.FailProxyError || silentFailure(s) && s.op() == result.OpTunnel)
}
