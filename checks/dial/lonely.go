package dial

import (
	"slices"
	"time"
)

const (
	// aloneEvery is the time between asks to a device that rejects: Linux
	// sends one ICMP error a second to one host, once it has sent six.
	aloneEvery = 1100 * time.Millisecond
	aloneTries = 2 // another exchange of ours may have used up the device's allowance
	aloneMost  = 9 // asks, ten seconds; a border is then known to one part in some dozens
)

// device is what sent an ICMP error, and which.
type device struct {
	from       string
	kind, code int
}

// lonely finds out whether the silent ports of a scan are rejected by a device
// that may not say so for each. It asks a few of them one at a time: the first,
// the last, one in the middle, then halfway between two that differ. A port
// that stays silent then is quiet indeed; one between two that the same device
// rejects is taken to be rejected by it too.
type lonely struct {
	line    []int32 // the silent and the rejected ports, by number
	quiet   map[int32]bool
	current int32 // being asked, or -1
	tries   int   // of current
	chosen  int
	asks    int
	agreed  int           // answers
	from    time.Duration // not before: the device's allowance fills again
	at      time.Duration // this scan's turn, 0 if it has none yet
}

func newLonely(p *policy, now time.Duration) *lonely {
	l := &lonely{current: -1, quiet: make(map[int32]bool), from: now + aloneEvery}
	for i := range p.ports {
		if _, rejected := p.device(i); rejected || !p.ports[i].done {
			l.line = append(l.line, int32(i))
		}
	}
	slices.SortFunc(l.line, func(a, b int32) int { return int(p.number(int(a))) - int(p.number(int(b))) })
	return l
}

func (l *lonely) next(p *policy, now time.Duration) (action, bool) {
	if l.current >= 0 {
		switch {
		case p.ports[l.current].done:
			if _, rejected := p.device(int(l.current)); rejected {
				l.agreed++
			}
			l.current = -1
		case l.at == 0 && now < l.from:
			return action{do: wait, at: l.from}, true
		case l.at == 0 && l.tries == aloneTries:
			l.quiet[l.current] = true
			l.current = -1
		}
	}
	if l.current < 0 {
		i, ok := l.choose(p)
		if !ok || l.asks >= aloneMost {
			p.enter(over, now)
			return action{}, false
		}
		l.current, l.tries = i, 0
		l.chosen++
	}
	if l.at == 0 {
		l.at = p.turn(max(l.from, now))
	}
	if now < l.at {
		return action{do: wait, at: l.at}, true
	}
	return action{do: ask, port: int(l.current)}, true
}

// asked takes note that the current port is being asked.
func (l *lonely) asked(now time.Duration) {
	l.tries++
	l.asks++
	l.at, l.from = 0, now+aloneEvery
}

// choose is the silent port that tells most.
func (l *lonely) choose(p *policy) (int32, bool) {
	var silent []int32
	for _, i := range l.line {
		if !p.ports[i].done && !l.quiet[i] {
			silent = append(silent, i)
		}
	}
	switch {
	case len(silent) == 0:
		return 0, false
	case l.chosen == 0:
		return silent[0], true
	case l.chosen == 1:
		return silent[len(silent)-1], true
	case l.chosen == 2:
		return silent[len(silent)/2], true
	case l.agreed == 0:
		return 0, false // nothing rejects them
	}
	var best []int32
	var before, after int32
	l.runs(p, func(run []int32, left, right int32) {
		if len(run) > len(best) && !l.alike(p, left, right) {
			best, before, after = run, left, right
		}
	})
	if len(best) == 0 {
		return 0, false
	}
	return l.split(p, best, before, after), true
}

// split is the port that parts a run best: beside the widest gap in its
// numbers, because rules begin and end where other ports answered; else the
// one in the middle.
func (l *lonely) split(p *policy, run []int32, left, right int32) int32 {
	at, widest := run[len(run)/2], 1
	for k := 0; k <= len(run); k++ {
		a, b := left, right
		if k > 0 {
			a = run[k-1]
		}
		if k < len(run) {
			b = run[k]
		}
		if a < 0 || b < 0 {
			continue
		}
		if gap := int(p.number(int(b))) - int(p.number(int(a))); gap > widest {
			widest, at = gap, run[min(k, len(run)-1)]
		}
	}
	return at
}

// runs calls f for each run of undecided ports, with the decided ones beside
// it, -1 where the line ends.
func (l *lonely) runs(p *policy, f func(run []int32, left, right int32)) {
	left, start := int32(-1), 0
	for k := 0; k <= len(l.line); k++ {
		right := int32(-1)
		if k < len(l.line) {
			if right = l.line[k]; !p.ports[right].done && !l.quiet[right] {
				continue
			}
		}
		if k > start {
			f(l.line[start:k], left, right)
		}
		left, start = right, k+1
	}
}

// alike says whether two decided ports met the same: silence, or a rejection
// by one device.
func (l *lonely) alike(p *policy, a, b int32) bool {
	if a < 0 || b < 0 {
		return false
	}
	da, ra := p.device(int(a))
	db, rb := p.device(int(b))
	return ra == rb && da == db
}

// inferred calls f for each silent port that may be rejected, with a port that
// was rejected by the device which then does it; like is -1 where it can't be
// told whether one does.
func (l *lonely) inferred(p *policy, f func(i, like int)) {
	if l.agreed == 0 {
		return
	}
	l.runs(p, func(run []int32, left, right int32) {
		like := -1
		if l.alike(p, left, right) {
			if _, rejected := p.device(int(left)); !rejected {
				return // between quiet ones: quiet too
			}
			like = int(left)
		}
		for _, i := range run {
			f(int(i), like)
		}
	})
}
