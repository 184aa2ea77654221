package main

import (
	"context"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/standin"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

const (
	// maxVisitors of one port are told apart: more are a scan, not a shop.
	maxVisitors = 8
	// maxOwners of ports in use are looked up: each is a look at all processes.
	maxOwners = 64
)

// standLog is what a stand-in sees, while it sees it.
type standLog struct {
	mu    sync.Mutex
	seen  *standing
	at    map[standKey]*standPort
	own   []netip.Addr              // this machine's
	say   func(*standPort, visitor) // told of each new visitor; nil: nobody wants to know
	fresh chan struct{}             // something was seen
}

type standKey struct {
	proto string
	port  uint16
}

func newStandLog(seen *standing) *standLog {
	l := &standLog{seen: seen, at: map[standKey]*standPort{}, fresh: make(chan struct{}, 1)}
	for _, q := range seen.Ports {
		l.at[standKey{q.Proto, q.Port}] = q
	}
	if as, err := machine.Addresses(); err == nil {
		for _, a := range as {
			l.own = append(l.own, a.Prefix.Addr())
		}
	}
	return l
}

// note is told of each contact.
func (l *standLog) note(c standin.Contact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.at[standKey{c.Proto, c.At.Port()}]
	if q == nil {
		return
	}
	now := time.Now().UTC()
	address := c.From.Addr()
	name := address.String()
	self := address.IsLoopback() || address == c.At.Addr() || slices.Contains(l.own, address.WithZone(""))
	again := c.Proto == "tcp" && c.What != standin.ByConnect // the connection was counted already
	i := slices.IndexFunc(q.Visitors, func(v visitor) bool { return v.Address == name })
	switch {
	case i < 0 && len(q.Visitors) == maxVisitors:
		if !again {
			q.More++
		}
		return
	case i < 0:
		q.Visitors = append(q.Visitors, visitor{Address: name, Self: self, First: now, Netcheck: c.What != standin.ByConnect})
		i = len(q.Visitors) - 1
		if l.say != nil {
			l.say(q, q.Visitors[i])
		}
	}
	v := &q.Visitors[i]
	if !again {
		v.Times++
	}
	v.Last = now
	v.Netcheck = v.Netcheck || c.What != standin.ByConnect
	switch {
	case !self:
		q.State = portReached
	case q.State == portWaiting:
		q.State = portSelf
	}
	select {
	case l.fresh <- struct{}{}:
	default:
	}
}

// refused notes the ports that could not be opened, and who has them.
func (l *standLog) refused(ctx context.Context, env []string, err error) {
	ports := map[string][]uint16{}
	for _, pe := range portErrors(err) {
		ports[pe.Proto] = append(ports[pe.Proto], pe.Port)
	}
	taken := map[standKey][]machine.Socket{}
	for proto, list := range ports {
		found, _ := machine.Sockets(proto, list) // without it less is said
		for _, s := range found {
			k := standKey{proto, s.Addr.Port()}
			taken[k] = append(taken[k], s)
		}
	}
	owners, web := 0, sync.OnceValue(func() machine.ServiceState { return machine.HTTPServices(ctx, env) })
	for _, pe := range portErrors(err) {
		k := standKey{pe.Proto, pe.Port}
		var holders []holder
		if owners < maxOwners {
			holders = holdersOf(pe.Port, taken[k], web)
			owners += len(holders)
		}
		l.mu.Lock()
		if q := l.at[k]; q != nil {
			q.Holders, q.Err = holders, pe.Err.Error()
			q.State, q.Hint = whyNot(l.seen.a.lang, engine.Classify(pe.Err), k, len(taken[k]) > 0)
		}
		l.mu.Unlock()
	}
}

func portErrors(err error) (all []*standin.PortError) {
	switch e := err.(type) {
	case *standin.PortError:
		return []*standin.PortError{e}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = append(all, portErrors(inner)...)
		}
	}
	return all
}

// whyNot says what keeps a port from being opened, and what to do. A port that
// has sockets is in use, whatever the system calls it: Windows answers "access
// denied" (10013) for both.
func whyNot(lang string, f result.Failure, k standKey, taken bool) (portState, string) {
	switch {
	case taken:
		return portInUse, ""
	case f == result.FailAddressInUse:
		return portInUse, i18n.T(lang, "standin.just-ended", nil)
	case f == result.FailPermission:
		return portNotPermitted, howToPermit(lang, runtime.GOOS, k)
	case f == result.FailNoSockets:
		return portNotOpened, i18n.T(lang, "standin.too-many-files", nil)
	}
	return portNotOpened, ""
}

// howToPermit is what lets this user open a port, on a system.
func howToPermit(lang, system string, k standKey) string {
	switch {
	case system == "windows":
		return i18n.T(lang, "standin.permit-windows", i18n.Data{"Proto": k.proto})
	case system == "linux" && k.port < 1024:
		return i18n.T(lang, "standin.permit-linux", i18n.Data{"Port": k.port})
	case k.port < 1024:
		return i18n.T(lang, "standin.permit-sudo", nil)
	}
	return i18n.T(lang, "standin.permit-rules", nil)
}

// holdersOf are the programs that have a port, each once.
func holdersOf(port uint16, sockets []machine.Socket, web func() machine.ServiceState) (all []holder) {
	for _, s := range sockets {
		o, err := machine.OwnerOf(s)
		if err != nil {
			o = machine.Owner{PID: s.PID}
		}
		loopback := s.Addr.Addr().IsLoopback()
		if i := slices.IndexFunc(all, func(h holder) bool { return h.PID == o.PID && h.Name == o.Name }); i >= 0 {
			all[i].Loopback = all[i].Loopback && loopback
			continue
		}
		all = append(all, holder{PID: o.PID, Name: o.Name, Loopback: loopback})
	}
	if slices.ContainsFunc(all, func(h holder) bool { return h.Name == "System" }) { // for whom else
		for _, g := range web().On(port) {
			if len(g.Processes) == 0 {
				all = append(all, holder{URLs: g.URLs})
			}
			for _, o := range g.Processes {
				all = append(all, holder{PID: o.PID, Name: o.Name, URLs: g.URLs})
			}
		}
	}
	return all
}

// any tells whether one of the ports is so.
func (l *standLog) any(is func(*standPort) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.seen.Ports, is)
}

// met tells whether what was waited for was reached.
func (l *standLog) met(until string) bool {
	if until == untilAny {
		return l.any(func(q *standPort) bool { return q.State == portReached })
	}
	return !l.any(func(q *standPort) bool { return q.State != portReached })
}

// lingers is how long nobody must have come before a stand-in ends that was
// reached as asked: whoever did is told who answers, which takes two seconds,
// and may have more to ask.
const lingers = 5 * time.Second

// wait is until the command is to end.
func (l *standLog) wait(ctx context.Context, a *standingIn) {
	var over <-chan time.Time
	if a.limit > 0 {
		t := time.NewTimer(a.limit)
		defer t.Stop()
		over = t.C
	}
	for {
		var quiet <-chan time.Time
		if a.until != "" && l.met(a.until) {
			quiet = time.After(lingers)
		}
		select {
		case <-ctx.Done():
			return
		case <-over:
			return
		case <-quiet:
			return
		case <-l.fresh:
		}
	}
}
