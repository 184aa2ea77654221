package followup

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/report/result"
)

// origin looks whether a host itself answers, where something says that
// another does: how near is who accepts, and what does it do with ports on
// which nobody listens?
var originOf = Followup{
	Name: "origin",
	Doc:  "Where somebody else seems to accept connects in a host's place: the same port and random ones at rising TTL, and a datagram that makes the device name itself.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		if c.Via != "" && c.Via != "direct" {
			return nil
		}
		var subjects []result.Subject
		add := func(subject result.Subject) {
			a, err := netip.ParseAddr(subject.Address)
			if err == nil && !s.near(a) && subject.Port > 0 && !slices.Contains(subjects, subject) {
				subjects = append(subjects, subject)
			}
		}
		if unspoken(c) && s.odd() {
			for i := range c.Results {
				res := &c.Results[i]
				if res.State != result.Open || res.Proto == "udp" {
					continue
				}
				for _, port := range ends(res.Ports) {
					if subject := (result.Subject{Address: res.Address, Port: port, Proto: "tcp"}); !wentFar(c.Steps, subject) {
						add(subject)
					}
				}
			}
		}
		if failing(c) {
			for i := range c.Steps {
				if st := &c.Steps[i]; slices.Contains(spoken, st.Op) && slices.Contains(unanswering, st.Failure) || slices.Contains(impostors, st.Failure) || inTheClear(st) {
					at := peer(st)
					at.Host, at.Proto = "", "tcp"
					add(at)
				}
			}
		}
		return subjects
	},
	Look: lookOrigin,
}

var (
	spoken      = []result.Op{result.OpHandshake, result.OpRequest, result.OpGreeting, result.OpStartTLS}
	unanswering = []result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}
	// impostors are failures by which somebody else may have answered.
	impostors = []result.Failure{
		result.FailIntercepted, result.FailUnknownCA, result.FailSelfSigned, result.FailPin, result.FailNameMismatch,
		result.FailPortal, result.FailBlockPage, result.FailNotTLS,
	}
)

// inTheClear tells whether an answer over plain HTTP was not as wanted: anybody
// may have given it.
func inTheClear(st *result.Step) bool {
	full, _ := st.Facts["url.full"].(string)
	return strings.HasPrefix(full, "http://") && slices.Contains([]result.Failure{result.FailStatus, result.FailRedirect, result.FailBody}, st.Failure)
}

// unspoken tells whether a check took an open port for a pass, without a word
// from whoever opened it.
func unspoken(c *result.Check) bool {
	identify, _ := c.Spec.Fields["identify"].(bool)
	expect, _ := c.Spec.Fields["expect"].(string)
	return c.Kind == "tcp" && c.Verdict == result.Pass && !identify && expect != "closed"
}

// odd tells whether a control beside any check found somebody who accepts in a
// host's place: a random port was accepted, or went on from where another was;
// or seems to have, since it was answered, but not there.
func (s *Seen) odd() bool {
	type answers struct {
		accepted, beyond, refused int  // the lowest, the highest, the lowest TTL
		closed                    bool // whatever the TTL
	}
	byAddress := map[any]*answers{}
	for i := range s.Report.Checks {
		for j := range s.Report.Checks[i].Steps {
			st := &s.Report.Checks[i].Steps[j]
			control, _ := st.Facts["control"].(string)
			if st.Op != result.OpSweep || control == "" {
				continue
			}
			a := byAddress[st.Facts["network.peer.address"]]
			if a == nil {
				a = &answers{accepted: wholeWay, refused: wholeWay}
				byAddress[st.Facts["network.peer.address"]] = a
			}
			random := control == "random-port"
			if random && st.Facts["seen"] == string(result.Open) {
				return true
			}
			a.closed = a.closed || random && st.Facts["seen"] == string(result.Closed)
			if st.Evidence == nil {
				continue
			}
			for _, h := range st.Evidence.Hops {
				switch {
				case h.State == result.Open && random:
					return true
				case h.State == result.Open:
					a.accepted = min(a.accepted, h.TTL)
				case h.State == result.Expired && random:
					a.beyond = max(a.beyond, h.TTL)
				case random:
					a.refused = min(a.refused, h.TTL)
				}
			}
		}
	}
	for _, a := range byAddress {
		if a.beyond >= a.accepted || a.accepted == 1 && a.closed && a.refused > 1 {
			return true
		}
	}
	return false
}

// wentFar tells whether a control showed that nobody near accepts a port.
func wentFar(steps []result.Step, subject result.Subject) bool {
	return slices.ContainsFunc(steps, func(st result.Step) bool {
		if st.Op != result.OpSweep || st.Facts["control"] != "near" || st.Facts["network.peer.address"] != subject.Address || st.Facts["network.peer.port"] != subject.Port || st.Evidence == nil {
			return false
		}
		hops := st.Evidence.Hops
		return len(hops) > 1 && hops[len(hops)-1].State == result.Expired
	})
}

// ends are the first and the last port of a result.
func ends(ports string) []int {
	first := firstPorts(ports)
	if len(first) == 0 {
		return nil
	}
	last := ports[strings.LastIndexAny(ports, ",-")+1:]
	return append(first[:1], firstPorts(last)...)
}

const (
	// nearby is how far a device is looked for that answers for a host.
	nearby = 8
	// acceptance is how long each packet has to be answered: as long as a SYN
	// that is sent again takes.
	acceptance = 1200 * time.Millisecond
	// wholeWay is a TTL that is enough for any host.
	wholeWay = 64
)

func lookOrigin(ctx context.Context, t *engine.Trace, subject result.Subject) error {
	to, err := address(subject)
	if err != nil {
		return err
	}
	random := func() netip.AddrPort { // of the ports that systems take for their own connects
		return netip.AddrPortFrom(to.Addr(), uint16(49152+rand.IntN(1<<16-49152)))
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { lookAt(ctx, t, random(), "random-port", dial.SweepOptions{First: wholeWay, Last: wholeWay}) })
	}
	all.Go(func() {
		hops := lookAt(ctx, t, to, "near", dial.SweepOptions{Last: nearby})
		k := slices.IndexFunc(hops, func(h result.Hop) bool { return h.State == result.Open })
		if k < 0 {
			return
		}
		last := hops[k].TTL
		if last == 1 {
			all.Go(func() { lookHere(ctx, t, to) })
		} else {
			all.Go(func() { lookBorn(ctx, t, to) })
		}
		// One hop further, too: who accepts right before the host may be the
		// host's own front.
		all.Go(func() { lookAt(ctx, t, random(), "random-port", dial.SweepOptions{First: last, Last: last + 1}) })
		lookAt(ctx, t, random(), "datagram", dial.SweepOptions{First: last, Last: last, Datagram: []byte{0}})
	})
	all.Wait()
	return nil
}

// lookHere finds out whether it is a program of this machine that accepts.
func lookHere(ctx context.Context, t *engine.Trace, to netip.AddrPort) {
	_ = t.Span(ctx, result.OpInspect, func(ctx context.Context, st *engine.Step) error {
		st.Set("network.peer.address", to.Addr().String())
		st.Set("network.peer.port", int(to.Port()))
		st.Set("control", "other-end")
		ctx, cancel := context.WithTimeout(ctx, acceptance)
		defer cancel()
		c, err := t.Network().Connect(ctx, to)
		if err != nil {
			return err
		}
		defer c.Close()
		local, err := netip.ParseAddrPort(c.LocalAddr().String())
		if err != nil {
			return err
		}
		here, err := machine.HoldsOtherEnd(netip.AddrPortFrom(local.Addr().Unmap().WithZone(""), local.Port()))
		if err == nil {
			st.Set("here", here)
		}
		return nil // what is not known is left out
	})
}

// lookBorn reads with how many hops left the acceptance comes: who accepts for
// others once it has let their packet in is one hop nearer than it seems.
func lookBorn(ctx context.Context, t *engine.Trace, to netip.AddrPort) {
	_ = t.Span(ctx, result.OpConnect, func(ctx context.Context, st *engine.Step) error {
		st.Set("network.peer.address", to.Addr().String())
		st.Set("network.peer.port", int(to.Port()))
		st.Set("control", "born")
		ttl, state, err := t.Network().AnswerTTL(ctx, to)
		if err == nil && state == result.Open {
			st.Evidence(result.Evidence{AnswerTTL: ttl})
		}
		return err
	})
}

// lookAt sweeps a port as a step that says what it is a control of.
func lookAt(ctx context.Context, t *engine.Trace, to netip.AddrPort, control string, o dial.SweepOptions) (hops []result.Hop) {
	o.Wait = acceptance
	_ = t.Span(ctx, result.OpSweep, func(ctx context.Context, st *engine.Step) error {
		st.Set("network.peer.address", to.Addr().String())
		st.Set("network.peer.port", int(to.Port()))
		st.Set("control", control)
		var err error
		hops, err = t.Network().Sweep(ctx, to, o)
		if o.First == wholeWay && len(hops) == 1 {
			st.Set("seen", string(hops[0].State))
		} else if len(hops) > 0 {
			st.Evidence(result.Evidence{Hops: hops})
		}
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return nil // what was seen until then is no less true
		}
		return err
	})
	return hops
}
