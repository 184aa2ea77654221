package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/report/result"
)

var listenKind = engine.Kind{
	Name: "listen",
	Doc:  "something listens on this machine",
	Example: `- id: till-service
  title: The till's service listens
  listen: {port: 6767, not_loopback: true}`,
	New: func() engine.Prober { return new(listenCheck) },
}

type listenCheck struct {
	ports       `yaml:",inline"`
	Proto       string `yaml:"proto" default:"tcp" enum:"tcp,udp" doc:"tcp or udp"`
	NotLoopback bool   `yaml:"not_loopback" default:"false" doc:"listening for this machine alone is not enough"`
	Process     string `yaml:"process" doc:"the name of the program that must be the one, with or without .exe"`
}

// maxListen bounds the ports of one check: more is a mistake in the profile.
const maxListen = 1000

func (l *listenCheck) proto() string {
	if l.Proto == "" {
		return "tcp"
	}
	return l.Proto
}

func (l *listenCheck) String() string {
	return fmt.Sprintf("%s, %s %s", result.Here, l.proto(), l.list())
}

func (l *listenCheck) Validate() error {
	err := l.ports.validate()
	if n := l.list().Count(); n > maxListen {
		err = errors.Join(err, &engine.FieldError{Field: "port", Message: fmt.Sprintf("%d ports, at most %d", n, maxListen)})
	}
	return err
}

// heard is what is known of one port.
type heard struct {
	port   uint16
	code   result.Code // "" as wanted
	note   string      // the program
	hidden string      // why it can't be told whether the program is the one asked for
}

func (l *listenCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	var all []heard
	err := t.Span(ctx, result.OpInspect, func(ctx context.Context, s *engine.Step) error {
		found, err := standinsOf(ctx, t).sockets(l.proto(), l.list().All())
		if err != nil {
			return engine.Failed(result.FailPermission, err)
		}
		sockets := []string{}
		for _, socket := range found {
			sockets = append(sockets, socket.Addr.String())
		}
		s.Set("sockets", sockets)
		for _, p := range l.list().All() {
			all = append(all, l.look(p, found, ownerOf(ctx, t)))
		}
		return l.gravest(all)
	})
	out := engine.Outcome{Results: l.results(all)}
	for _, code := range []result.Code{result.ListenNothing, result.ListenLoopbackOnly, result.ListenWrongProcess} {
		if slices.ContainsFunc(all, func(h heard) bool { return h.code == code }) {
			out.Code, out.Detail = code, err.Error()
			return out, err
		}
	}
	if err != nil { // the system does not show its sockets: nothing was seen
		return engine.Outcome{Verdict: result.Inconclusive, Detail: err.Error()}, err
	}
	for _, h := range all {
		if h.hidden != "" {
			out.Verdict, out.Detail = result.Inconclusive, fmt.Sprintf("something listens; whether it is %s can't be told: %s", l.Process, h.hidden)
			break
		}
	}
	return out, nil
}

// look says what is known of a port from the sockets found.
func (l *listenCheck) look(port uint16, found []machine.Socket, ownerOf func(machine.Socket) (machine.Owner, error)) heard {
	h := heard{port: port, code: result.ListenNothing}
	for _, s := range found {
		if s.Addr.Port() != port {
			continue
		}
		if l.NotLoopback && s.Addr.Addr().IsLoopback() {
			if h.code == result.ListenNothing {
				h.code = result.ListenLoopbackOnly
			}
			continue
		}
		owner, err := ownerOf(s)
		h.note = owner.Name
		if err == nil && owner.Name == result.NoteStandIn {
			continue
		}
		switch {
		case l.Process == "", err == nil && sameProgram(owner.Name, l.Process):
			h.code, h.hidden = "", ""
			return h
		case err != nil:
			h.code, h.hidden = "", err.Error()
		case slices.ContainsFunc(stewards, func(n string) bool { return sameProgram(owner.Name, n) }):
			h.code, h.hidden = "", owner.Name+" holds the port for another program"
		case h.hidden == "":
			h.code = result.ListenWrongProcess
		}
	}
	return h
}

// stewards are programs that hold ports for others: Windows' kernel for IIS
// and whatever else answers HTTP, service managers for what they start when
// somebody calls, and Docker for its containers.
var stewards = []string{"System", "systemd", "inetd", "xinetd", "launchd", "docker-proxy"}

// programNameLength is how much of a program's name Linux keeps.
const programNameLength = 15

func sameProgram(got, want string) bool {
	bare := func(s string) string { return strings.TrimSuffix(strings.ToLower(s), ".exe") }
	got, want = bare(got), bare(want)
	return got == want || len(got) == programNameLength && strings.HasPrefix(want, got)
}

// gravest is the error of the worst port; nil if all are as wanted.
func (l *listenCheck) gravest(all []heard) error {
	says := []struct {
		code result.Code
		text string
	}{
		{result.ListenNothing, "nothing listens on %s %s"},
		{result.ListenLoopbackOnly, "%s %s listens for this machine alone"},
		{result.ListenWrongProcess, "another program listens on %s %s"},
	}
	for _, say := range says {
		var bad []uint16
		note, standIn := "", true
		for _, h := range all {
			if h.code == say.code {
				bad, note = append(bad, h.port), h.note
				standIn = standIn && note == result.NoteStandIn
			}
		}
		if len(bad) == 0 {
			continue
		}
		slices.Sort(bad)
		text := fmt.Sprintf(say.text, l.proto(), portList(bad))
		switch {
		case say.code == result.ListenWrongProcess:
			text += ": " + note
		case standIn:
			text += " but netcheck, which stands in for the service"
		}
		return engine.Failed(result.FailExpectation, errors.New(text))
	}
	return nil
}

// results makes one result of the ports of which the same is known.
func (l *listenCheck) results(all []heard) []result.Result {
	slices.SortFunc(all, func(a, b heard) int { return int(a.port) - int(b.port) })
	type key struct {
		code result.Code
		note string
	}
	var keys []key
	members := map[key][]uint16{}
	for _, h := range all {
		k := key{h.code, h.note}
		if members[k] == nil {
			keys = append(keys, k)
		}
		members[k] = append(members[k], h.port)
	}
	var rs []result.Result
	for _, k := range keys {
		r := result.Result{Proto: l.proto(), Ports: portList(members[k]), State: result.Open, Note: k.note}
		if k.code == result.ListenNothing {
			r.State = result.Closed
		}
		if k.code != "" {
			r.Failure = result.FailExpectation
		}
		rs = append(rs, r)
	}
	return rs
}
