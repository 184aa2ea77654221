package diagnosis

import (
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// apart splits a symptom of ports that are held up at different places: they
// showed the same, but it is not the same rule that did it.
func apart(s *symptom) []*symptom {
	if s.res == nil || len(s.view.trails) == 0 {
		return []*symptom{s}
	}
	all := split(s)
	for _, piece := range all {
		piece.borrow()
		piece.hear()
	}
	return all
}

// borrow takes the sweep of another silent port of the address, where its own
// was not made or not heard to its end, and all the others end at one place.
func (s *symptom) borrow() {
	own := s.trail()
	mute := own != nil && s.view.mute(own)
	if !silentFailure(s) && s.failure != result.FailNoReply || own != nil && (own.quiet && !mute || own.end.TTL > 0) {
		return
	}
	var other *trail
	for _, t := range s.view.trails {
		if t.to != s.addr || t.proto != s.proto || !t.quiet || s.view.mute(t) {
			continue
		}
		if other != nil && other.last != t.last {
			return
		}
		other = t
	}
	if other != nil && (own == nil || own.last <= other.last) && (!mute || other.last == 1) {
		s.lent = other
	}
}

// mute tells whether nobody was heard of on a way, and the first router not on
// others either: it may have said all that it says in a while. Where it was
// heard of for the like, it is no other place.
func (v *view) mute(t *trail) bool {
	return t.quiet && t.last == 0 && !slices.ContainsFunc(v.trails, func(k *trail) bool {
		return k.end.State == result.Open && k.to.Is4() == t.to.Is4() && !v.near(k.to) && k.firstHop()
	})
}

// hear takes what a device said by ICMP when a silent port was asked once more:
// devices say it only so many times a second.
func (s *symptom) hear() {
	if t := s.trail(); t != nil && s.ev.ICMP == nil && t.end.State == result.Rejected && t.end.ICMP != nil {
		s.ev.ICMP = t.end.ICMP
	}
}

func split(s *symptom) []*symptom {
	if len(s.ports) < 2 {
		return []*symptom{s}
	}
	type part struct {
		*symptom
		key string
	}
	var parts []*part
	for _, run := range s.ports {
		piece := *s
		piece.ports = portset.Set{run}
		t := piece.trail()
		mute := t != nil && s.view.mute(t)
		if t == nil || !t.quiet && t.end.TTL == 0 || mute {
			switch t = nearestTrail(s, run); {
			case t != nil && (!mute || t.last == 1):
				piece.lent = t
			case !mute:
				return []*symptom{s}
			}
		}
		key := piece.endKey()
		joined := false
		for _, p := range parts {
			if p.key == key {
				p.ports, joined = portset.Join(p.ports, piece.ports), true
				break
			}
		}
		if !joined {
			parts = append(parts, &part{&piece, key})
		}
	}
	if len(parts) < 2 {
		return []*symptom{s}
	}
	all := make([]*symptom, len(parts))
	for i, p := range parts {
		all[i] = p.symptom
		all[i].cover = all[i].ports
		if declared, asked := portset.Sampled(s.check, s.res.Address); declared != nil {
			all[i].cover = all[i].ports.Between(asked, declared)
		}
	}
	return all
}

// nearestTrail is the sweep of the symptom's port that is nearest to a run.
func nearestTrail(s *symptom, run portset.Range) *trail {
	var best *trail
	least := 1 << 16
	for _, t := range s.view.trails {
		if t.to != s.addr || t.proto != s.proto || !contains(s, t.port) || !t.quiet && t.end.TTL == 0 || s.view.mute(t) {
			continue
		}
		far := max(int(run.First)-t.port, t.port-int(run.Last))
		if far < least {
			best, least = t, far
		}
	}
	return best
}

// endKey is what the ways of ports have in common that are held up together.
func (s *symptom) endKey() string {
	p := &result.Place{}
	switch t := s.trail(); {
	case t == nil:
	case t.end.TTL > 0:
		return string(t.end.State) + t.end.From
	default:
		p = swept(s)
	}
	return placeKey(p)
}
