package diagnosis

import (
	"net/netip"
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// followedLoss counts how many of a score of connects got lost.
const (
	followedLoss = "loss"
	factAsked    = "asked"
	factLost     = "lost"

	factAskedSlowly = "asked_slowly"
	factLostSlowly  = "lost_slowly"
)

// lossOf is how many of the connects to an address got lost, as a follow-up
// counted; asked is 0 where none did, or nobody answered at all.
func (v *view) lossOf(a netip.Addr) (lost, asked int) {
	return v.countLost(a, factAsked, factLost)
}

// countLost is the same by the names of the two facts.
func (v *view) countLost(a netip.Addr, factOf, factHowMany string) (lost, asked int) {
	f := v.followed(followedLoss, result.Subject{Address: a.String()})
	if f == nil || !a.IsValid() {
		return 0, 0
	}
	for i := range f.Steps {
		n, ok1 := num(&f.Steps[i], factHowMany)
		of, ok2 := num(&f.Steps[i], factOf)
		if ok1 && ok2 && n < of {
			return int(n), int(of)
		}
	}
	return 0, 0
}

// fewLost is what may get lost by chance of a score.
const fewLost = 2

// losses are the addresses of a check of which packets get lost, whether or not
// the check made up for it by asking again.
func losses(v *view, c *result.Check) []*symptom {
	if c.Kind == kindInbound {
		return nil // what gets lost on the way out is no matter of the way in
	}
	var ss []*symptom
	var told []netip.Addr
	for i := range c.Results {
		res := &c.Results[i]
		a, ok := address(res.Address)
		if lost, _ := v.lossOf(a); !ok || lost < fewLost || slices.Contains(told, a) {
			continue
		}
		told = append(told, a)
		if slices.ContainsFunc(c.Results, func(o result.Result) bool {
			return o.Address == res.Address && o.State == result.Filtered && len(portset.Parse(o.Ports)) > fewPieces
		}) {
			continue // its silence says so
		}
		s := ofResult(v, c, res)
		s.res, s.step, s.failure, s.code, s.ports, s.cover = nil, &result.Step{}, "", result.PathLoss, nil, nil
		ss = append(ss, s)
	}
	return ss
}

// gatewayLoses tells whether packets get lost on the way to the gateway
// already.
func gatewayLoses(s *symptom) bool {
	lost, _ := s.view.lossOf(s.view.gatewayFor(s.addr))
	return lost >= fewLost
}

// gatewayAnswers tells whether that could be measured.
func gatewayAnswers(s *symptom) bool {
	_, asked := s.view.lossOf(s.view.gatewayFor(s.addr))
	return asked > 0
}

// whereLost is on the own link, or beyond the gateway: before the host, unless
// packets to others get lost as well.
func whereLost(s *symptom) *result.Place {
	g := s.view.gatewayFor(s.addr)
	to := s.addr.String()
	if !s.view.near(s.addr) && s.view.losesElse(s.addr) {
		to = unknownPlace
	}
	switch {
	case gatewayLoses(s):
		return &result.Place{Between: []string{s.local(), g.String()}, Owner: result.Site}
	case gatewayAnswers(s):
		return &result.Place{Between: []string{g.String(), to}, Hop: 1, Owner: result.UnknownOwner}
	case s.view.near(s.addr):
		return &result.Place{Between: []string{s.local(), to}, Owner: result.Site}
	}
	return &result.Place{Between: []string{s.local(), to}, Owner: result.UnknownOwner}
}

// losesElse tells whether packets to another address of the same family get
// lost that lies beyond this link too.
func (v *view) losesElse(a netip.Addr) bool {
	return slices.ContainsFunc(v.followups, func(f *result.Followup) bool {
		o, ok := address(f.Address)
		if f.Name != followedLoss || !ok || o == a || o.Is4() != a.Is4() || v.near(o) {
			return false
		}
		lost, _ := v.lossOf(o)
		return lost >= fewLost
	})
}

// lostSlowly tells whether connects got lost, too, that were made one after
// another, and hardly less often: no limit of new connections does that.
func lostSlowly(s *symptom) bool {
	lost, asked := s.view.countLost(s.addr, factAsked, factLost)
	slowly, of := s.view.countLost(s.addr, factAskedSlowly, factLostSlowly)
	return slowly > 0 && 2*slowly*asked >= lost*of
}

// lossPlaced tells whether it is loss, and where: the gateway was asked too.
func lossPlaced(s *symptom) bool { return gatewayAnswers(s) && lostSlowly(s) }

// lossMeasured tells whether packets to the symptom's address were seen to get
// lost.
func lossMeasured(s *symptom) bool {
	lost, _ := s.view.lossOf(s.addr)
	return lost >= fewLost
}

func lossRules() []rule {
	return []rule{
		{
			id: "loss", knows: []result.Code{result.PathLoss},
			sure: either(lossPlaced, result.Strong, result.Likely), at: whereLost, act: network, gathers: true,
			alike: []alike{{result.TCPFiltered, lossPlaced}}, // that new connections are limited
		},
	}
}
