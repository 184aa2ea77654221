package diagnosis

import (
	"slices"
	"strconv"
	"strings"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// inboundRequest is what to ask of whoever runs the router: to hand calls on,
// or, where addresses are not translated, to let them in.
func (g *group) inboundRequest() *result.Request {
	first := g.members[0]
	q := &result.Request{Action: "forward", Proto: first.proto, Ports: g.ports().String()}
	if first.in.direct() {
		q.Action = "allow"
	}
	if at := g.cause().At; at != nil && (at.Owner == result.Provider || g.rule.id == "inbound-rejected") {
		q.Action, q.To = "allow", []string{first.in.seen.String()} // who is to do it knows nothing of the shop's inside
		return q
	}
	if g.diesInside() {
		q.Action, q.Ports = "allow", g.insidePorts().String()
	}
	plain := true // every port is the same inside, or is named as it is there
	for _, d := range g.members {
		in := d.in.inside()
		plain = plain && (g.diesInside() || strconv.Itoa(int(in.Port())) == d.ports.String())
		if fw := d.check.Spec.Firewall; fw != nil && q.From == "" {
			q.From = strings.Join(fw.Sources, ", ")
		}
	}
	for _, d := range g.members {
		in := d.in.inside()
		to := in.String()
		if plain {
			to = in.Addr().String()
		}
		if in.Addr().IsValid() && !slices.Contains(q.To, to) {
			q.To = append(q.To, to)
		}
	}
	if len(q.To) == 0 || q.Ports == "" {
		return nil
	}
	return q
}

// diesInside tells whether the router hands the calls on, so that what may be
// asked for is that they be let in where they end; to look where that is takes
// no rule.
func (g *group) diesInside() bool {
	return g.rule.id == "inbound-rejected-inside" || g.rule.id == "inbound-silent-inside"
}

// insides are where the calls of a group are to end, as address and port.
func (g *group) insides() []string {
	var all []string
	for _, d := range g.members {
		if ap := d.in.inside(); ap.Addr().IsValid() && !slices.Contains(all, ap.String()) {
			all = append(all, ap.String())
		}
	}
	return all
}

func (g *group) insidePorts() portset.Set {
	var sets []portset.Set
	for _, d := range g.members {
		if p := d.in.inside().Port(); p > 0 {
			sets = append(sets, portset.Set{{First: p, Last: p}})
		}
	}
	return portset.Join(sets...)
}
