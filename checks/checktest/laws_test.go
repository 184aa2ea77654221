package checktest

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// outlaw is a kind that breaks a law in the way that its case says.
type outlaw struct {
	Host  value.Host   `yaml:"host" doc:"host"`
	Port  value.Ports  `yaml:"port" doc:"port"`
	Token value.Secret `yaml:"token" doc:"token"`
	probe func(ctx context.Context, o *outlaw, t *engine.Trace) (engine.Outcome, error)
}

func (o *outlaw) String() string  { return string(o.Host) }
func (o *outlaw) Validate() error { return nil }
func (o *outlaw) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	return o.probe(ctx, o, t)
}

func kindOf(probe func(ctx context.Context, o *outlaw, t *engine.Trace) (engine.Outcome, error)) engine.Kind {
	return engine.Kind{
		Name: "outlaw", Doc: "breaks a law", Example: "- id: outlaw\n  outlaw: {host: out.example, port: 80}",
		New: func() engine.Prober { return &outlaw{probe: probe} },
	}
}

// step is what a law-abiding probe does at least.
func step(ctx context.Context, t *engine.Trace, f func(s *engine.Step) error) error {
	return t.Step(ctx, result.OpConnect, func(_ context.Context, s *engine.Step) error { return f(s) })
}

func fine(s *engine.Step) error { return nil }

// Each law must be able to fail.
func TestLawsCatch(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	var kept net.Listener
	defer func() {
		if kept != nil {
			kept.Close()
		}
	}()
	for name, c := range map[string]struct {
		probe func(ctx context.Context, o *outlaw, t *engine.Trace) (engine.Outcome, error)
		want  string // "" is nothing wrong
	}{
		"law-abiding": {func(ctx context.Context, _ *outlaw, t *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{}, step(ctx, t, fine)
		}, ""},
		"no step": {func(context.Context, *outlaw, *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{}, nil
		}, "no step"},
		"an error of its own": {func(ctx context.Context, _ *outlaw, t *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{}, errors.Join(errors.New("bug"), errors.Unwrap(step(ctx, t, fine)))
		}, "no error of netcheck"},
		"a failure without a name": {func(ctx context.Context, _ *outlaw, t *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{}, step(ctx, t, func(*engine.Step) error { return errors.New("what?") })
		}, "without a name"},
		"a secret told": {func(ctx context.Context, o *outlaw, t *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{Detail: "password " + o.Token.Reveal()}, step(ctx, t, fine)
		}, "a secret"},
		"an escape sequence": {func(ctx context.Context, _ *outlaw, t *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{}, step(ctx, t, func(s *engine.Step) error { s.Set("banner", "\x1b[2J"); return nil })
		}, "what a terminal obeys"},
		"a goroutine": {func(ctx context.Context, _ *outlaw, t *engine.Trace) (engine.Outcome, error) {
			go func() { <-over }()
			return engine.Outcome{}, step(ctx, t, fine)
		}, "left behind"},
		"a socket": {func(ctx context.Context, _ *outlaw, t *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{}, step(ctx, t, func(*engine.Step) (err error) {
				kept, err = net.Listen("tcp", "127.0.0.1:0")
				return err
			})
		}, "descriptors left open"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == "descriptors left open" && descriptors(t) == 0 {
				t.Skip("this system does not show open files")
			}
			k := kindOf(c.probe)
			expect(t, fallsTo(t, []engine.Kind{k}, k, faults[0], paths[0]), c.want)
		})
	}
	t.Run("deaf to a cancel", func(t *testing.T) {
		k := kindOf(func(ctx context.Context, _ *outlaw, t *engine.Trace) (engine.Outcome, error) {
			return engine.Outcome{}, t.Span(ctx, result.OpConnect, func(context.Context, *engine.Step) error {
				<-time.After(400 * time.Millisecond)
				return nil
			})
		})
		expect(t, goesOn(t, []engine.Kind{k}, k, faults[0], paths[0]), "after the cancel")
	})
	t.Run("undocumented", func(t *testing.T) {
		expect(t, undocumented(engine.Kind{Name: "x", New: func() engine.Prober { return new(outlaw) }}), "needs a doc")
	})
}

func expect(t *testing.T, wrong []string, want string) {
	t.Helper()
	all := strings.Join(wrong, "\n")
	if want == "" && all != "" || want != "" && !strings.Contains(all, want) {
		t.Errorf("found %q, wanted %q", all, want)
	}
}

func TestAim(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"host and port":     {"tcp: {host: a.example, port: 443}", "tcp: {host: 127.0.0.1, port: 7}"},
		"lists":             {"tcp: {hosts: [a.example, b.example], ports: [80, \"8000-8005\"], sample: 3}", "tcp: {hosts: 127.0.0.1, ports: 7, sample: 3}"},
		"a range in quotes": {`tcp: {host: a.example, ports: "80,443"}`, "tcp: {host: 127.0.0.1, ports: 7}"},
		"a URL":             {`http: {url: "https://a.example/x?y"}`, `http: {url: "https://127.0.0.1:7/x?y"}`},
		"a resolver":        {"dns: {name: a.example, resolver: 192.0.2.1}", `dns: {name: a.example, resolver: "127.0.0.1:7"}`},
		"on lines":          {"tcp:\n  host: a.example\n  port: 443\n", "tcp:\n  host: 127.0.0.1\n  port: 7\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := aim(c.in, "7"); got != c.want {
				t.Errorf("%s, wanted %s", got, c.want)
			}
		})
	}
}

func TestWant(t *testing.T) {
	check := result.Check{
		Verdict: result.Fail, Code: result.TCPOpen, Detail: "no answer at all", Target: "a:1",
		Results: []result.Result{{Address: "127.0.0.1", State: result.Open}},
		Steps:   []result.Step{{Op: result.OpConnect, Failure: result.FailRefused, Facts: result.Facts{"n": 1, "l": []string{"a", "b"}}}},
	}
	const right = "verdict fail\ncode tcp.open\ndetail ~ answer\nresult state=open address~127\nstep connect refused n=1 l=a,b\n"
	for name, c := range map[string]struct{ want, diff string }{
		"as it is":              {right, ""},
		"another verdict":       {strings.Replace(right, "fail", "pass", 1), "verdict is"},
		"no code":               {strings.Replace(right, "code tcp.open\n", "", 1), "code is"},
		"no detail":             {strings.Replace(right, "detail ~ answer\n", "", 1), "detail is"},
		"another part":          {strings.Replace(right, "~ answer", "~ silence", 1), "detail is"},
		"another state":         {strings.Replace(right, "state=open", "state=closed", 1), "state is"},
		"one result more":       {right + "result state=open\n", "1 results, wanted 2"},
		"an unwanted failure":   {strings.Replace(right, "step connect refused n=1 l=a,b\n", "", 1), "was not wanted"},
		"another fact":          {strings.Replace(right, "n=1", "n=2", 1), "no step"},
		"a step that is to not": {right + "no-step connect\n", "there is a step"},
		"one step twice":        {right + "step connect refused\n", "no step"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := parseWant(c.want)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, []string{w.compare(check)}, c.diff)
		})
	}
	for _, bad := range []string{"", "code tcp.open", "verdict fail\nstate open", "verdict fail\nresult open", "verdict fail\nstep", "verdict fail\nresult note=\"x"} {
		if _, err := parseWant(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
