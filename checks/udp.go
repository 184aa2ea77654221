package checks

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/standin"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

var udpKind = engine.Kind{
	Name: "udp",
	Doc:  "a datagram has an answer; silence proves nothing and is inconclusive",
	Example: `- id: time-service
  title: Time service
  udp: {host: time.example.com, port: 123, payload: "base64:IwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
	New: func() engine.Prober { return new(udpCheck) },
}

type udpCheck struct {
	hosts   `yaml:",inline"`
	ports   `yaml:",inline"`
	Payload string `yaml:"payload" doc:"what to send: a text, or bytes as hex:… or base64:…; left out, an empty datagram, which hardly a service answers"`
	Standin bool   `yaml:"standin" default:"false" doc:"ask netcheck's own stand-in, which runs there in place of the service"`
	Reply   string `yaml:"reply" default:"any" doc:"any, or a pattern that the answer must match: /regexp/"`
}

const (
	// maxPayload stays below what every path carries in one piece.
	maxPayload = 1200
	// maxUDPPorts bounds one check: a range of silent ports says nothing.
	maxUDPPorts = 100
	// maxReply bounds what is read of an answer.
	maxReply = 4096
)

func (u *udpCheck) String() string { return targetName(u.hosts.list(), u.ports.list()) }

func (u *udpCheck) Targets() int { return len(u.ports.list().All()) * len(u.hosts.list()) }

func (u *udpCheck) Validate() error {
	errs := []error{u.hosts.validate(), u.ports.validate()}
	if n := u.ports.list().Count(); n > maxUDPPorts {
		errs = append(errs, &engine.FieldError{Field: "port", Message: fmt.Sprintf("%d ports, at most %d", n, maxUDPPorts)})
	}
	b, err := payload(u.Payload)
	switch {
	case err != nil:
		errs = append(errs, &engine.FieldError{Field: "payload", Message: err.Error()})
	case len(b) > maxPayload:
		errs = append(errs, &engine.FieldError{Field: "payload", Message: fmt.Sprintf("%d bytes, at most %d, so that it travels in one piece", len(b), maxPayload)})
	case len(b) > 0 && u.Standin:
		errs = append(errs, &engine.FieldError{Field: "payload", Message: "given beside standin, which has its own"})
	}
	if _, err := u.pattern(); err != nil {
		errs = append(errs, &engine.FieldError{Field: "reply", Message: err.Error(), Hint: "any, or /regexp/"})
	}
	return errors.Join(errs...)
}

func payload(s string) ([]byte, error) {
	if h, ok := strings.CutPrefix(s, "hex:"); ok {
		b, err := hex.DecodeString(strings.ReplaceAll(h, " ", ""))
		if err != nil {
			return nil, errors.New("not hexadecimal: two digits a byte")
		}
		return b, nil
	}
	if b64, ok := strings.CutPrefix(s, "base64:"); ok {
		b, err := base64.StdEncoding.DecodeString(b64)
		if err != nil {
			return nil, errors.New("not base64")
		}
		return b, nil
	}
	return []byte(s), nil
}

// pattern is what the answer must match; nil: anything will do.
func (u *udpCheck) pattern() (*regexp.Regexp, error) {
	switch {
	case u.Standin:
		return regexp.MustCompile("^" + regexp.QuoteMeta(standin.Answer)), nil
	case u.Reply == "" || u.Reply == "any":
		return nil, nil
	}
	if len(u.Reply) < 2 || u.Reply[0] != '/' || u.Reply[len(u.Reply)-1] != '/' {
		return nil, errors.New("neither any nor an expression between slashes")
	}
	return value.ParseRegexp(u.Reply[1 : len(u.Reply)-1])
}

func (u *udpCheck) question() []byte {
	if u.Standin {
		return []byte(standin.Question)
	}
	b, _ := payload(u.Payload) // Validate has seen it
	return b
}

// Probe asks every port of every address of every host at once.
func (u *udpCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	hs := u.hosts.list()
	found := make([][]judged, len(hs))
	shown := make([][]result.Result, len(hs))
	inTurn(len(hs), func(i int, begun func()) {
		found[i], shown[i] = u.probeHost(ctx, t, hs[i], begun)
	})
	out := engine.Outcome{}
	var all []judged
	for i := range hs {
		all = append(all, found[i]...)
		out.Results = append(out.Results, shown[i]...)
	}
	total := combine(all, false)
	if err := ctx.Err(); err != nil && total.met != yes {
		return out, err
	}
	if total.met == unknown {
		out.Verdict, out.Detail = result.Inconclusive, total.detail
	}
	return out, total.err
}

// probeHost asks a host and judges each port by the address that serves it
// best.
func (u *udpCheck) probeHost(ctx context.Context, t *engine.Trace, host value.Host, begun func()) ([]judged, []result.Result) {
	addresses, err := resolve(ctx, t, host)
	begun()
	if err != nil {
		return []judged{{met: no, err: err}}, []result.Result{{
			Host: string(host), Proto: "udp", Ports: u.ports.list().String(), State: result.Unknown, Failure: engine.Classify(err),
		}}
	}
	name := string(host)
	if _, literal := host.Addr(); literal {
		name = ""
	}
	ports := u.ports.list().All()
	n := len(ports) * len(addresses)
	parts, shown := make([]judged, n), make([]result.Result, n)
	inTurn(n, func(i int, begun func()) {
		to := netip.AddrPortFrom(addresses[i%len(addresses)], ports[i/len(addresses)])
		parts[i], shown[i] = u.exchange(ctx, t, to, begun)
		shown[i].Host = name
	})
	var byPort []judged
	for i := range ports {
		byPort = append(byPort, combine(parts[i*len(addresses):(i+1)*len(addresses)], true))
	}
	return byPort, shown
}

// exchange asks one port and waits for its answer.
func (u *udpCheck) exchange(ctx context.Context, t *engine.Trace, to netip.AddrPort, begun func()) (judged, result.Result) {
	r := result.Result{Address: to.Addr().String(), Proto: "udp", Ports: strconv.Itoa(int(to.Port()))}
	err := t.Step(ctx, result.OpExchange, func(ctx context.Context, s *engine.Step) error {
		begun()
		s.Set("network.peer.address", r.Address)
		s.Set("network.peer.port", int(to.Port()))
		start := time.Now()
		reply, asked, err := u.ask(ctx, t, to)
		s.Set("asked", asked)
		if err != nil {
			return err
		}
		r.RTT = result.Duration(time.Since(start))
		r.State, r.Note = result.Open, talk.Clean(string(reply), 120)
		s.Set("reply.size", len(reply))
		s.Set("reply", r.Note)
		if p, _ := u.pattern(); p != nil && !p.Match(reply) {
			return engine.Failed(result.FailReply, fmt.Errorf("%s answered, but not as expected: %q", to, r.Note))
		}
		return nil
	})
	if err == nil {
		return judged{met: yes}, r
	}
	r.Failure = engine.Classify(err)
	if r.State == "" {
		var ev result.Evidence
		if e := evidenceOf(err); e != nil {
			ev, r.Evidence = *e, e
		}
		r.State = stateOf(r.Failure, ev)
		if r.Failure == result.FailRefused && (ev.ICMP == nil || ev.ICMP.From == r.Address) {
			r.State = result.Closed // over UDP a host has no other way to say so
		}
	}
	if r.Failure == result.FailNoReply {
		return judged{met: unknown, detail: fmt.Sprintf("no answer from %s: nobody there, a lost or a forbidden datagram look the same", to), err: err}, r
	}
	return judged{met: no, err: err}, r
}

// asks is how often a question is sent within its time: a lost datagram must
// not decide.
const asks = 3

// ask sends the question, again after a while, and returns the first answer.
func (u *udpCheck) ask(ctx context.Context, t *engine.Trace, to netip.AddrPort) (reply []byte, asked int, err error) {
	conn, err := t.Network().Datagram(ctx, to)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	patience := 3 * time.Second
	if d, ok := ctx.Deadline(); ok {
		patience = time.Until(d)
	}
	buf := make([]byte, maxReply)
	for asked < asks && ctx.Err() == nil {
		if _, err := conn.Write(u.question()); err != nil && ctx.Err() == nil {
			return nil, asked, err
		}
		asked++
		// Most of the time is left to the last one: its answer may be slow.
		wait := patience / 5
		if asked == asks {
			wait = patience - 2*wait
		}
		if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return nil, asked, err
		}
		if ctx.Err() != nil {
			break // its end may have been written over
		}
		n, err := conn.Read(buf)
		if err == nil {
			return buf[:n], asked, nil
		}
		if f := engine.Classify(err); f != result.FailTimeout && f != result.FailConnectTimeout {
			return nil, asked, err
		}
	}
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return nil, asked, err
	}
	return nil, asked, engine.Failed(result.FailNoReply, fmt.Errorf("no answer from %s", to))
}
