package diagnosis

import (
	"slices"
	"strings"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// retried is what the follow-ups of an exchange that stalled or broke showed:
// the same server asked again with one thing changed at a time.
type retried struct {
	variant map[string]*result.Step // of the same server, by what was different
	far     map[string][]result.Hop // how far each packet came, by what it was
	names   []*result.Step          // other names at the same address
	places  []*result.Step          // the same name at other addresses
}

// retried gathers them; what was not asked is not there.
func (s *symptom) retried() *retried {
	r := &retried{variant: map[string]*result.Step{}, far: map[string][]result.Hop{}}
	if !s.addr.IsValid() {
		return r
	}
	name := certificateFor(s)
	for _, f := range s.view.followups {
		at, _ := address(f.Address)
		here := at == s.addr && (len(s.ports) == 0 || s.ports.Overlaps(portset.Set{{First: uint16(f.Port), Last: uint16(f.Port)}}))
		for i := range f.Steps {
			st := &f.Steps[i]
			switch {
			case here && f.Host == name && slices.Contains([]string{"hello", "request", "request-tls", "greeting", "ssh"}, f.Name):
				if st.Op == result.OpSweep && st.Evidence != nil {
					r.far[str(st, factVariant)] = st.Evidence.Hops
				} else if st.Op != result.OpSweep {
					r.variant[str(st, factVariant)] = st
				}
			case here && f.Name == "other-name" && f.Host != name:
				r.names = append(r.names, st)
			case f.Name == "other-address" && f.Host == name && at != s.addr:
				r.places = append(r.places, st)
			}
		}
	}
	return r
}

// answeredStep tells whether the other side had anything to say to it.
func answeredStep(st *result.Step) bool {
	return st != nil && (st.Failure == "" || strings.HasPrefix(string(st.Failure), "tls-") || strings.HasPrefix(string(st.Failure), "http-"))
}

// failedLike tells whether a step failed as the symptom did.
func failedLike(s *symptom, st *result.Step) bool {
	cut := []result.Failure{result.FailReset, result.FailEOF}
	return st != nil && (st.Failure == s.failure || slices.Contains(cut, st.Failure) && slices.Contains(cut, s.failure))
}

// stillFails tells whether the same exchange failed the same way again. Where
// it was not asked again, nothing that others show can be told from chance.
func stillFails(s *symptom) bool { return failedLike(s, s.retried().variant["repeat"]) }

// worksNow tells whether the same exchange succeeded the second time.
func worksNow(s *symptom) bool {
	st := s.retried().variant["repeat"]
	return st != nil && st.Failure == ""
}

// Which difference makes it work, or does not.

func works(variant string) cond {
	return func(s *symptom) bool { return answeredStep(s.retried().variant[variant]) }
}

func fails(variant string) cond {
	return func(s *symptom) bool { return failedLike(s, s.retried().variant[variant]) }
}

func both(a, b cond) cond { return func(s *symptom) bool { return a(s) && b(s) } }

func otherNameWorks(s *symptom) bool { return slices.ContainsFunc(s.retried().names, answeredStep) }

func nameFailsElsewhere(s *symptom) bool {
	return slices.ContainsFunc(s.retried().places, func(st *result.Step) bool { return failedLike(s, st) })
}

// notTheName tells whether it can't be the name that a filter objects to: a name
// that gets through elsewhere fails at this address too, or this name gets
// through at another one.
func notTheName(s *symptom) bool {
	r := s.retried()
	return worksNow(s) || slices.ContainsFunc(r.places, answeredStep) ||
		slices.ContainsFunc(r.names, func(st *result.Step) bool { return failedLike(s, st) }) && !slices.ContainsFunc(r.names, answeredStep)
}

// notSize tells whether small segments make no difference, so that no packet
// was too large.
func notSize(s *symptom) bool { return worksNow(s) || fails("segments")(s) }

// notGreeting tells whether a small ClientHello makes no difference.
func notGreeting(s *symptom) bool { return worksNow(s) || fails("small")(s) }

// TCP's own account, of the exchange or of its repetition.
func (s *symptom) tcp() *result.TCPInfo {
	if s.ev.TCP != nil {
		return s.ev.TCP
	}
	if st := s.retried().variant["repeat"]; st != nil && st.Evidence != nil {
		return st.Evidence.TCP
	}
	return nil
}

// lost tells whether nothing of what was sent was confirmed, though it was sent
// again and again: it got lost, or was taken away.
func lost(s *symptom) bool {
	t := s.tcp()
	return t != nil && t.BytesAcked <= 1 && t.Retransmits >= 2
}

// heardOnly tells whether the other side confirmed all that was sent and sent
// nothing, not even a part.
func heardOnly(s *symptom) bool {
	t := s.tcp()
	return t != nil && t.BytesAcked > 1 && t.BytesReceived == 0 && t.OutOfOrder == 0
}

// gap tells whether later parts of an answer came and its beginning did not.
func gap(s *symptom) bool {
	t := s.tcp()
	return t != nil && t.OutOfOrder > 0
}

// reach is how far one sort of packet came: the last hop that it is known to
// have passed, 0 for none, and whether what ended it is nearer than the server.
// Routers answer only so often: without a word of silence beyond that hop it may
// have come farther.
func (r *retried) reach(what string) (last int, nearer, known bool) {
	distance := 0
	for _, h := range r.far["connect"] {
		if h.State == result.Open && (distance == 0 || h.TTL < distance) {
			distance = h.TTL
		}
	}
	end := 0 // the first TTL at which it is no longer only a router's word
	asked := map[int]bool{}
	for _, h := range r.far[what] {
		asked[h.TTL] = true
		switch h.State {
		case result.Expired:
			last = max(last, h.TTL)
		case result.Open:
			return 0, false, false
		case result.Reset:
			if end == 0 || h.TTL < end {
				end = h.TTL
			}
		}
	}
	switch {
	case end > 0 && last >= end || distance > 0 && last >= distance:
		return 0, false, false // it does not add up
	case end > 1 && (last == 0 || asked[end-1]):
		last = end - 1 // whoever resets says nothing by ICMP: with less it did not come there
	case last == 0 && end == 0:
		first := r.firstRouter() // which sees connects, and did not see it
		return 0, true, first > 0 && asked[first]
	}
	return last, distance > 0 && last < distance-1 && (end > 0 || asked[last+1]), last > 0 || end > 0
}

// ended tells whether it is known not to have come to the hop after.
func (r *retried) ended(what string, last int) bool {
	return slices.ContainsFunc(r.far[what], func(h result.Hop) bool { return h.TTL == last+1 })
}

// endsNearer tells whether the ClientHello ends nearer than the server is.
func endsNearer(s *symptom) bool {
	_, nearer, known := s.retried().reach("hello")
	return known && nearer
}

// whereEnds is the place beyond which one sort of packet does not come, between
// the last router that let it pass and the next.
func whereEnds(what string) func(*symptom) *result.Place {
	return func(s *symptom) *result.Place {
		if takenNearer(s) {
			return atAccepter(s)
		}
		r := s.retried()
		last, _, known := r.reach(what)
		if !known {
			return silent(s)
		}
		if last == 0 {
			return beforeHop(s, r)
		}
		p := &result.Place{Between: []string{r.router(s, last), unknownPlace}, Hop: last, Owner: result.UnknownOwner}
		if r.ended(what, last) {
			p.Between[1] = r.router(s, last+1)
		}
		switch a, ok := address(p.Between[0]); {
		case p.Between[1] == unknownPlace: // many may lie beyond
		case p.Between[1] == s.addr.String() && heardOnly(s):
			p.Owner = result.Destination // it came there
		case p.Between[1] == s.addr.String() && !nameProven(s): // there, or just before
		case ok:
			p.Owner = s.ownerAt(a, last)
		}
		return p
	}
}

// firstRouter is the first hop that says what expires there; 0 if none does.
func (r *retried) firstRouter() int {
	for _, h := range r.far["connect"] {
		if h.State == result.Expired {
			return h.TTL
		}
	}
	return 0
}

// beforeHop is before the first router that speaks, or at its entrance, where
// filters may come before it looks how far a packet may go.
func beforeHop(s *symptom, r *retried) *result.Place {
	first := r.firstRouter()
	p := &result.Place{Between: []string{s.local(), r.router(s, first)}, Owner: result.UnknownOwner}
	if a, ok := address(p.Between[1]); ok && first == 1 {
		p.Owner = s.ownerAt(a, 1)
	}
	return p
}

// router is who stands at a hop, as far as the sweep of connects has told.
func (r *retried) router(s *symptom, hop int) string {
	for _, h := range r.far["connect"] {
		switch {
		case h.TTL != hop:
		case h.From != "":
			return h.From
		case h.State == result.Open:
			return s.addr.String()
		}
	}
	return unknownPlace
}
