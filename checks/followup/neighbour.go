package followup

import (
	"context"
	"net/netip"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/report/result"
)

// neighbour looks up whether the next device on the way, the target itself on
// the own link and else the gateway, answers on the link.
var neighbour = Followup{
	Name: "neighbour",
	Doc:  "Where a target was silent: how packets to it leave this machine, and whether the next one on the link is in the neighbour table; nobody is asked.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		var subjects []result.Subject
		for i := range c.Results {
			res := &c.Results[i]
			a, err := netip.ParseAddr(res.Address)
			if err != nil || s.own(a) || !slow(c, res) {
				continue
			}
			subjects = append(subjects, result.Subject{Address: res.Address})
		}
		return subjects
	},
	Look: lookNeighbour,
}

// slow tells whether a result may come from a link on which nobody answers.
func slow(c *result.Check, res *result.Result) bool {
	return !calledFromOutside(c) && ((doubtful(c, res) || res.State == result.Rejected) && res.State != result.Closed && res.State != result.Reset || res.Failure == result.FailHostUnreachable)
}

// settled is the time between two looks at an entry that is being asked for,
// which takes the system up to a few seconds.
const settled = 300 * time.Millisecond

func lookNeighbour(ctx context.Context, t *engine.Trace, s result.Subject) error {
	to, err := netip.ParseAddr(s.Address)
	if err != nil {
		return err
	}
	return t.Span(ctx, result.OpInspect, func(ctx context.Context, st *engine.Step) error {
		st.Set("network.peer.address", s.Address)
		way, err := machine.WayTo(to)
		if err != nil {
			return err
		}
		st.Set("network.interface.name", way.Interface)
		st.Set("tunnel", way.Tunnel)
		next, err := nextHop(to)
		if err != nil || !next.IsValid() {
			return err
		}
		st.Set("next", next.String())
		for {
			state, err := neighbourState(next)
			if err != nil {
				return err
			}
			if state != "" {
				st.Set("neighbour", string(state))
			}
			if state != machine.NeighbourKnown || pause(ctx, settled) != nil {
				return nil
			}
		}
	})
}

// nextHop is the address itself where it is on the link, else the gateway of
// its family; invalid where several are and it can't be told which.
func nextHop(to netip.Addr) (netip.Addr, error) {
	as, err := machine.Addresses()
	if err != nil {
		return netip.Addr{}, err
	}
	for _, a := range as {
		if a.Prefix.Contains(to.WithZone("")) {
			return to, nil
		}
	}
	gs, err := machine.Gateways()
	if err != nil {
		return netip.Addr{}, err
	}
	var only netip.Addr
	for _, g := range gs {
		if g.Is4() == to.Is4() {
			if only.IsValid() && only != g {
				return netip.Addr{}, nil
			}
			only = g
		}
	}
	return only, nil
}

func neighbourState(a netip.Addr) (machine.NeighbourState, error) {
	ns, err := machine.Neighbours()
	if err != nil {
		return "", err
	}
	for _, n := range ns {
		if n.Addr.WithZone("") == a.WithZone("") {
			return n.State, nil
		}
	}
	return "", nil
}
