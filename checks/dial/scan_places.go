package dial

import (
	"context"
	"time"
)

// room takes the places that a connect needs, or says how long to wait for
// them.
func (s *scan) room(now time.Duration) time.Duration {
	if len(s.pending)+len(s.batch) >= s.most && !s.dropOldest(now) {
		return time.Millisecond
	}
	if !s.n.limits.files.try(1) && !(s.dropOldest(now) && s.n.limits.files.try(1)) {
		return pause / 5
	}
	if !s.gate.try(1) && !(s.dropOldest(now) && s.gate.try(1)) {
		s.n.limits.files.leave(1)
		return pause / 5
	}
	d := s.turn()
	if d > 0 {
		s.leave()
	}
	return d
}

// turn is how long the address's rate makes the next connect wait.
func (s *scan) turn() time.Duration {
	if s.pace == nil {
		return 0
	}
	now := time.Now()
	r := s.pace.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}

func (s *scan) leave() {
	s.gate.leave(1)
	s.n.limits.files.leave(1)
}

// hold is how long a silent socket is of use when its place is wanted.
func (s *scan) hold() time.Duration {
	rtt, ok := s.n.paths.known(s.addr)
	if !ok {
		return repeat/2 + refusalTakes
	}
	return min(max(3*rtt.slowest, 100*time.Millisecond), repeat) + refusalTakes
}

// dropOldest gives up the oldest pending connect if it has had its time.
func (s *scan) dropOldest(now time.Duration) bool {
	for len(s.opened) > 0 {
		o := s.opened[0]
		if p, ok := s.pending[o.id]; ok && p.begun == o.begun {
			if now-o.begun < s.hold() {
				return false
			}
			s.opened = s.opened[1:]
			s.drop(o.id)
			return true
		}
		s.opened = s.opened[1:]
	}
	return false
}

// makeWay gives up old connects while others of the run wait for their places.
func (s *scan) makeWay() {
	if s.gate.wanted() || s.n.limits.files.wanted() {
		s.dropOldest(time.Since(s.start))
	}
}

func (s *scan) drop(id int) {
	delete(s.pending, id)
	s.sockets.drop(id)
	s.leave()
}

// dropAll gives up all pending connects, as many as ctx leaves time for.
func (s *scan) dropAll(ctx context.Context) {
	for id := range s.pending {
		if ctx.Err() != nil {
			return
		}
		s.drop(id)
	}
	s.opened = s.opened[:0]
}
