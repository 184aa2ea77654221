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
)

// lossOf is how many of the connects to an address got lost, as a follow-up
// counted; asked is 0 where none did, or nobody answered at all.
func (v *view) lossOf(a netip.Addr) (lost, asked int) {
	f := v.followed(followedLoss, result.Subject{Address: a.String()})
	if f == nil || !a.IsValid() {
		return 0, 0
	}
	for i := range f.Steps {
		n, ok1 := num(&f.Steps[i], factLost)
		of, ok2 := num(&f.Steps[i], factAsked)
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

// whereLost is on the own link, or beyond the gateway.
func whereLost(s *symptom) *result.Place {
	g := s.view.gatewayFor(s.addr)
	switch {
	case gatewayLoses(s):
		return &result.Place{Between: []string{s.local(), g.String()}, Owner: result.Site}
	case gatewayAnswers(s):
		return &result.Place{Between: []string{g.String(), s.addr.String()}, Hop: 1, Owner: result.UnknownOwner}
	case s.view.near(s.addr):
		return &result.Place{Between: []string{s.local(), s.addr.String()}, Owner: result.Site}
	}
	return &result.Place{Between: []string{s.local(), s.addr.String()}, Owner: result.UnknownOwner}
}

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
			sure: either(gatewayAnswers, result.Strong, result.Likely), at: whereLost, subject: byAddress, act: network,
			alike: []alike{{result.TCPFiltered, gatewayAnswers}},
		},
	}
}
