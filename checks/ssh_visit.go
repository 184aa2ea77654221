package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	// quiet is how long a server may greet unasked before netcheck introduces
	// itself. Nearly all do at once; those that share a port between protocols
	// wait for their client, as may firewalls.
	quiet = 500 * time.Millisecond
	// sshPatience is how long a greeting is waited for: a server that looks up
	// its client's name in a DNS that does not answer takes six seconds and
	// more, as do those that share a port and wait for silence.
	sshPatience = 8 * time.Second
	// headway is how long the other ports may take once one has greeted:
	// longer than the quiet after which a server is told who we are.
	headway = time.Second
)

// sshVisit is how far a login came.
type sshVisit struct {
	account *sshAccount
	door    *sshDoor         // that greeted
	session *talk.SSHSession // nil: there is none
	hostKey ssh.PublicKey
	signers []ssh.Signer // that log in
	results []result.Result
	remarks []string
	exposed string      // who else may read the key's file, if anybody may
	doubt   string      // why it can't be told whether the login works
	code    result.Code // the cause, where it is this machine's own
	here    *here
	err     error
}

// sshDoor is one port of a server.
type sshDoor struct {
	port uint16
	reached
	peer *talk.SSHPeer // it greeted
	err  error         // it did not
}

func (v *sshVisit) close() {
	if v.session != nil {
		v.session.Close()
	}
	if v.door != nil {
		v.door.close()
	}
}

// visit goes to the server, and as far as the account says: to its greeting, its
// host key, and the login.
func (a *sshAccount) visit(ctx context.Context, t *engine.Trace) *sshVisit {
	v := &sshVisit{account: a}
	doors := a.knock(ctx, t)
	var first error
	for i := range doors {
		d := &doors[i]
		v.results = append(v.results, d.results...)
		if v.here == nil {
			v.here = d.here
		}
		if d.peer != nil && v.door == nil {
			v.door = d
			v.remarks = append(v.remarks, d.remarks...)
			continue
		}
		d.close()
		if first == nil || d.arrival != nil && engine.Classify(first) != engine.Classify(d.err) {
			first = d.err // whoever answers otherwise says more than whoever does not
		}
	}
	if v.door == nil {
		v.err = first
		return v
	}
	ctx = engine.Via(ctx, v.door.proxy)
	if v.err = v.exchange(ctx, t); v.err == nil && a.User != "" {
		v.err = v.login(ctx, t)
	}
	if v.err != nil {
		v.blame(engine.Classify(v.err))
	}
	return v
}

// knock waits at each port for a greeting, at all of them at once. Once one has
// greeted, the others have only a moment more.
func (a *sshAccount) knock(ctx context.Context, t *engine.Trace) []sshDoor {
	ports := a.portList().All()
	doors := make([]sshDoor, len(ports))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var hurry sync.Once
	var timer *time.Timer
	greeted := func() {
		hurry.Do(func() { timer = time.AfterFunc(headway, func() { cancel(errElsewhere) }) })
	}
	inTurn(len(ports), func(i int, begun func()) {
		d := &doors[i]
		d.port = ports[i]
		begun()
		o := opening{host: a.Host, port: ports[i], plain: true}
		d.reached = o.all(ctx, t)
		if d.err = d.reached.err; d.err != nil {
			return
		}
		ctx := engine.Via(ctx, d.proxy)
		if d.err = d.greet(ctx, t, string(a.Host)); d.err == nil && d.peer != nil && len(ports) > 1 {
			greeted()
		}
	})
	if timer != nil {
		timer.Stop()
	}
	return doors
}

// errElsewhere is that another port has greeted.
var errElsewhere = errors.New("another port has greeted")

// patienceFor is how long a greeting may take. It is more than one exchange: the
// server looks up its client, and both wait for who speaks first. Where a run
// sets a shorter time than the usual one, it has twice that.
func patienceFor(timeout time.Duration) time.Duration {
	if timeout <= 0 {
		return sshPatience
	}
	return max(timeout, min(2*timeout, sshPatience))
}

// greet waits for the greeting.
func (d *sshDoor) greet(ctx context.Context, t *engine.Trace, host string) error {
	limited, cancel := context.WithTimeout(ctx, patienceFor(t.Env.Timeout))
	defer cancel()
	err := t.Span(limited, result.OpGreeting, func(ctx context.Context, s *engine.Step) error {
		d.noteTo(s, host)
		peer, err := talk.GreetSSH(ctx, d.conn, quiet)
		s.Set("ssh.identified_first", peer.Said)
		if peer.Foreword != "" {
			s.Set("ssh.foreword", peer.Foreword)
		}
		if err == nil {
			d.peer = peer
			s.Set("network.protocol.name", "ssh")
			s.Set("ssh.identification", talk.Clean(peer.Version, 255))
			d.say("ssh (" + talk.Clean(peer.Version, 100) + ")")
			return nil
		}
		return d.silence(ctx, s, peer, err)
	})
	return err
}

// silence records how a greeting failed to come.
func (d *sshDoor) silence(ctx context.Context, s *engine.Step, peer *talk.SSHPeer, err error) error {
	f := engine.Classify(err)
	if errors.Is(context.Cause(ctx), errElsewhere) {
		s.Set("cut_short", true)
		d.say("no greeting so far")
		return nil
	}
	if peer.First != "" {
		s.Set("ssh.first_bytes", peer.First)
		if peer.Other.Proto != "other" {
			s.Set("network.protocol.name", peer.Other.Proto)
			d.say(peer.Other.String())
		}
	}
	if peer.Said {
		s.Set("ssh.after_identification_ms", millis(peer.After))
	}
	s.Set("ssh.connect_ms", millis(d.conn.RTT))
	if ev := brokenOff(d.conn, f, err); ev != nil {
		s.Evidence(*ev)
	}
	d.fault(f)
	if f == result.FailTimeout {
		return engine.Failed(f, fmt.Errorf("no greeting within %s", peer.Took.Round(100*time.Millisecond)))
	}
	return err
}

// noteTo records with whom a step speaks.
func (d *sshDoor) noteTo(s *engine.Step, host string) {
	s.Set("server.address", host)
	if d.proxy != nil { // which looks the name up, and connects
		s.Set("server.port", int(d.port))
		return
	}
	s.Set("network.peer.address", d.to.Addr().String())
	s.Set("network.peer.port", int(d.port))
}

// mine is the result of the address that was spoken with.
func (d *sshDoor) mine() *result.Result {
	i := slices.IndexFunc(d.results, func(r result.Result) bool { return r.Address == d.arrival.result.Address && r.State == result.Open })
	if i < 0 {
		return &result.Result{}
	}
	return &d.results[i]
}

func (d *sshDoor) say(note string) { d.mine().Note = note }

func (d *sshDoor) fault(f result.Failure) {
	r := d.mine()
	if r.Failure = f; f == result.FailReset {
		r.State = result.Reset
	}
}

// note records with whom a step speaks.
func (v *sshVisit) note(s *engine.Step) { v.door.noteTo(s, string(v.account.Host)) }

// fail makes a failure the address's.
func (v *sshVisit) fail(err error) error {
	if err != nil {
		v.blame(engine.Classify(err))
	}
	return err
}

// blame makes a failure the result's of the address that was used.
func (v *sshVisit) blame(f result.Failure) {
	v.pardon()
	if f == result.FailCanceled || v.code != "" { // nobody's, or this machine's
		return
	}
	for i := range v.results {
		if r := &v.results[i]; r.Address == v.door.arrival.result.Address && r.Ports == v.door.arrival.result.Ports && r.State == result.Open {
			r.Failure = f
		}
	}
}

// pardon takes their failures from the ports that were not needed: what is wrong
// with a login at one port is not that another one serves something else.
func (v *sshVisit) pardon() {
	for i := range v.results {
		if r := &v.results[i]; r.Failure != "" && r.State == result.Open && r.Ports != v.door.arrival.result.Ports {
			r.Failure, r.Note = "", cmp.Or(r.Note, "no SSH greeting")
		}
	}
}
