package followup

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// Seen is what the probes of a run showed as a whole, from which follow-ups
// take their controls.
type Seen struct {
	Report *result.Report
	Env    *engine.Env
	Open   []result.Subject // ports that accepted a connect, by address, each once: proxies are none of the targets
}

func see(r *result.Report, env *engine.Env) *Seen {
	s := &Seen{Report: r, Env: env}
	for i := range r.Checks {
		c := &r.Checks[i]
		for j := range c.Results {
			res := &c.Results[j]
			if res.State == result.Open && res.Via == "" && res.Proto != "udp" && c.Kind != "listen" && !calledFromOutside(c) {
				s.open(Target(c, res))
			}
		}
		for j := range c.Steps {
			if st := &c.Steps[j]; st.Op == result.OpConnect && st.Failure == "" && st.Via == "" && !ofShop(st) {
				addr, _ := st.Facts["network.peer.address"].(string)
				port, _ := st.Facts["network.peer.port"].(int)
				s.open(result.Subject{Address: addr, Port: port, Proto: "tcp"})
			}
		}
	}
	return s
}

func (s *Seen) open(o result.Subject) {
	if _, err := netip.ParseAddr(o.Address); err == nil && o.Port > 0 && !slices.ContainsFunc(s.Open, func(k result.Subject) bool { return k.Address == o.Address && k.Port == o.Port }) {
		s.Open = append(s.Open, o)
	}
}

// Target is the address and the first port of a result. The host is left out:
// a port of an address is the same subject by whichever name.
func Target(_ *result.Check, res *result.Result) result.Subject {
	proto := res.Proto
	if proto == "" {
		proto = "tcp"
	}
	first, _, _ := strings.Cut(res.Ports, ",")
	first, _, _ = strings.Cut(first, "-")
	port, _ := strconv.Atoi(first)
	return result.Subject{Address: res.Address, Port: port, Proto: proto}
}
