package checks

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"netcheck/checks/machine"
)

// lookEvery is how often this machine's connections are looked at during a
// call, which the helper holds open for a second.
const lookEvery = 50 * time.Millisecond

// maxSeen bounds what is kept of a busy service's callers.
const maxSeen = 64

// maxBeside bounds what is kept of a busy machine's other connections.
const maxBeside = 1 << 14

// sighting is who was connected to the service's port while it was called from
// outside.
type sighting struct {
	unread error                       // why the system does not show it
	before map[netip.AddrPort]bool     // who was there already
	came   []machine.Connection        // who came since, each once
	beside map[machine.Connection]bool // all other connections of this machine; true: they were there before
}

// watch looks from now on, which it says by ready, until over is closed, and
// then once more.
func watch(ctx context.Context, port uint16, ready func(), over <-chan struct{}) *sighting {
	w := &sighting{before: map[netip.AddrPort]bool{}, beside: map[machine.Connection]bool{}}
	all, err := machine.Connections()
	for _, c := range all {
		if c.Local.Port() == port {
			w.before[c.Remote] = true
		} else {
			w.pass(c, true)
		}
	}
	ready()
	if err != nil {
		w.unread = err
		return w
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-over:
			last = true
		case <-ctx.Done():
			return w
		}
		all, err := machine.Connections()
		if err != nil {
			w.unread = err
			return w
		}
		for _, c := range all {
			if c.Local.Port() == port {
				w.note(c)
			} else {
				w.pass(c, false)
			}
		}
	}
	return w
}

func (w *sighting) note(c machine.Connection) {
	if w.before[c.Remote] {
		return
	}
	i := slices.IndexFunc(w.came, func(k machine.Connection) bool { return k.Remote == c.Remote })
	switch {
	case i >= 0:
		w.came[i].Half = w.came[i].Half && c.Half
	case len(w.came) < maxSeen:
		w.came = append(w.came, c)
	}
}

// pass keeps a connection that has nothing to do with the port, unless the call
// came in by it: whence that came is known only when it is over.
func (w *sighting) pass(c machine.Connection, before bool) {
	if _, known := w.beside[c]; !known && !c.Half && len(w.beside) < maxBeside {
		w.beside[c] = before
	}
}

// elsewhere is the end here of the very connection that was made from there, at
// another port; invalid: there was none. A machine whose own programs speak to
// each other may have used that end for another one just before: then it is the
// one at the port that was called, or not to be told.
func (w *sighting) elsewhere(from netip.AddrPort, called uint16) (at netip.AddrPort) {
	several := false
	for c, before := range w.beside {
		if before || !from.IsValid() || c.Remote != from {
			continue
		}
		if c.Local.Port() == called {
			return c.Local
		}
		several = several || at.IsValid()
		at = c.Local
	}
	if several {
		return netip.AddrPort{}
	}
	return at
}

// remotes are whence those came whose connection stands, or does not yet.
func (w *sighting) remotes(half bool) []netip.AddrPort {
	var all []netip.AddrPort
	for _, c := range w.came {
		if c.Half == half {
			all = append(all, c.Remote)
		}
	}
	return all
}

// proven is how a call from outside is known to have arrived, or not to have.
type proven string

const (
	provenOwn        proven = "own"        // netcheck's own stand-in answered
	provenStandin    proven = "standin"    // another one did, which listens where the calls are meant to go
	provenConnection proven = "connection" // the very connection is seen here
	provenLikely     proven = "likely"     // one that fits is: the router rewrites whence calls come
	provenForeign    proven = "foreign"    // a stand-in answered that is not here
	provenNone       proven = "none"       // asked, and nothing came
	provenNot        proven = ""           // not asked, or not to be told
)

// arrived tells whether a call was seen here.
func (p proven) arrived() bool {
	return slices.Contains([]proven{provenOwn, provenStandin, provenConnection, provenLikely}, p)
}

// recognise tells from who came during a call whether it was among them. The
// same address and port is the call. A router that rewrites whence calls come
// puts its own address there, as a rule with the same port; with another one it
// may be the call or a guest that comes by the router too. Anybody else who came
// meanwhile may be a customer.
func recognise(came []netip.AddrPort, from netip.AddrPort, gateway netip.Addr, own []netip.Addr) proven {
	best := provenNone
	for _, c := range came {
		a := c.Addr().Unmap()
		switch {
		case a == from.Addr() && c.Port() == from.Port():
			return provenConnection
		case a.IsLoopback() || slices.Contains(own, a):
		case c.Port() == from.Port() && isPrivate(a):
			best = provenLikely
		case gateway.IsValid() && a == gateway.Unmap() && best == provenNone:
			best = provenNot
		}
	}
	return best
}

// strangers tells whether anybody from outside came to a stand-in while it was
// called by who does not say whence: nobody else knows that it is there.
func strangers(came []netip.AddrPort, gateway netip.Addr, own []netip.Addr) proven {
	for _, c := range came {
		a := c.Addr().Unmap()
		if !a.IsLoopback() && !slices.Contains(own, a) && (!isPrivate(a) || a == gateway) {
			return provenLikely
		}
	}
	return provenNone
}
