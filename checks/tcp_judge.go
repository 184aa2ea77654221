package checks

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// met is whether something is as expected, in the order of preference where
// any one will do.
type met int

const (
	no met = iota
	unknown
	yes
)

// judged is what ports, a host or the check came to.
type judged struct {
	met    met
	detail string
	err    error // of the step that decided, where it is not yes
}

// combine joins the judgements of parts.
func combine(parts []judged, anyOne bool) judged {
	if len(parts) == 0 {
		return judged{met: unknown, detail: "nothing was asked"}
	}
	pick := parts[0]
	for _, p := range parts[1:] {
		if anyOne && p.met > pick.met || !anyOne && p.met < pick.met {
			pick = p
		}
	}
	return pick
}

// judgePort holds one port's answer against what is expected of it.
func (c *tcpCheck) judgePort(p dial.Port, a addressSeen) judged {
	if p.State == result.Unknown && p.Code == "" { // see takesAll
		return judged{met: unknown, detail: "the proxy gives a way to whatever it is asked for: whether anybody answers there can't be told"}
	}
	switch c.Expect {
	case expectClosed:
		return judgeClosed(p, a.heard)
	case expectAllowed:
		switch {
		case p.State == result.Open, p.State == result.Closed && a.near, saidSo(p, a.address):
			return judged{met: yes}
		case p.State == result.Closed:
			return judged{met: unknown, detail: "refused, by the destination or on the way"}
		case p.Code == result.FailProxyError:
			return judged{met: unknown, detail: "the proxy gets no further, which need not be for a rule"}
		}
		return judged{met: no}
	}
	if p.State == result.Open {
		return judged{met: yes}
	}
	return judged{met: no}
}

// judgeClosed holds an answer against a port that must be closed. Only who
// speaks of the port itself says that it is: the host, or a device whose rule
// forbids it. That the host can't be reached says nothing of its ports; nor
// does silence, unless the host was heard of and is therefore there.
func judgeClosed(p dial.Port, heard bool) judged {
	switch {
	case p.State == result.Open:
		return judged{met: no}
	case p.State == result.Closed, p.State == result.Reset,
		p.State == result.Rejected && (p.Code == result.FailRefused || p.Code == result.FailProhibited),
		silent(p) && heard:
		return judged{met: yes}
	case silent(p):
		return judged{met: unknown, detail: "silence: the port may be closed, or the host may be off"}
	case p.State == result.Unknown:
		return judged{met: unknown, detail: "it could not be asked"}
	}
	return judged{met: unknown, detail: "the host was not reached, so that its port may be open to others"}
}

// silent tells whether nobody answered at all, not even this system for a host
// that it can't reach.
func silent(p dial.Port) bool {
	return p.State == result.Filtered && p.Evidence.ICMP == nil && p.Evidence.Errno != "EHOSTUNREACH"
}

// saidSo tells whether the destination itself refused, by an ICMP message in
// its own name. A reset has the destination's address whoever sent it.
func saidSo(p dial.Port, a netip.Addr) bool {
	return p.Code == result.FailRefused && p.Evidence.ICMP != nil && p.Evidence.ICMP.From == a.String()
}

// judgeAddress judges the ports of one address.
func (c *tcpCheck) judgeAddress(a addressSeen) judged {
	parts := make([]judged, len(a.ports))
	for i, p := range a.ports {
		parts[i] = c.judgePort(p, a)
	}
	return combine(parts, c.any())
}

// judgeHost judges each port by the address that serves it best, as a client
// that tries the addresses in turn gets through (RFC 8305); where a port must
// not be open, by the worst.
func (c *tcpCheck) judgeHost(h hostSeen) judged {
	if h.err != nil {
		if c.Expect == expectClosed {
			return judged{met: unknown, detail: "the host has no address that could be asked", err: h.err}
		}
		return judged{met: no, err: h.err}
	}
	if len(h.addresses) == 1 { // the same, but a full range takes no map
		a := h.addresses[0]
		j := c.judgeAddress(a)
		j.err = a.err
		return c.sampled(j, len(a.ports))
	}
	byPort := map[uint16]judged{}
	var err error
	asked := 0
	for _, a := range h.addresses {
		if err == nil || engine.Classify(err) == result.FailNoRoute { // that this machine has no IPv6 says little of the host
			err = cmp.Or(a.err, err)
		}
		asked = max(asked, len(a.ports))
		for _, p := range a.ports {
			j := c.judgePort(p, a)
			if other, ok := byPort[p.Port]; ok {
				j = combine([]judged{other, j}, c.Expect != expectClosed)
			}
			byPort[p.Port] = j
		}
	}
	var ports []judged
	for _, p := range c.ports.list().All() {
		if j, ok := byPort[p]; ok {
			ports = append(ports, j)
		}
	}
	j := combine(ports, c.any())
	j.err = err
	return c.sampled(j, asked)
}

// sampled adds that not all ports were asked, where it is so.
func (c *tcpCheck) sampled(j judged, asked int) judged {
	if of := c.ports.list().Count(); asked < of {
		j.detail = strings.TrimPrefix(j.detail+fmt.Sprintf("; %d of %d ports asked", asked, of), "; ")
	}
	return j
}

func (c *tcpCheck) judge(seen []hostSeen) judged {
	hosts := make([]judged, len(seen))
	for i, h := range seen {
		hosts[i] = c.judgeHost(h)
	}
	return combine(hosts, c.any())
}

// dominant is the failure that most of the ports showed, the lower word where
// two are even.
func dominant(ports []dial.Port) result.Failure {
	counts := map[result.Failure]int{}
	for _, p := range ports {
		if p.Code != "" {
			counts[p.Code]++
		}
	}
	var words []result.Failure
	for f := range counts {
		words = append(words, f)
	}
	slices.SortFunc(words, func(a, b result.Failure) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	if len(words) == 0 {
		return result.FailExpectation
	}
	return words[0]
}

// count says how many ports showed which state: 3 open, 7 filtered.
func count(ports []dial.Port) string {
	var parts []string
	for _, s := range []result.State{result.Open, result.Closed, result.Filtered, result.Rejected, result.Reset, result.Unknown} {
		n := 0
		for _, p := range ports {
			if p.State == s {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}
