package checktest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/internal/servers"
	"netcheck/report/result"
)

// World is what a case runs in: servers on loopback, and the run's settings.
// It ends with its test.
type World struct {
	T       testing.TB
	Env     *engine.Env
	Values  map[string]string // of the profile's parameters
	Retries int
	vars    map[string]string
	files   map[string][]byte
	answers []bool
	zones   map[uint16]*servers.Zone // DNS servers by port
	sites   map[uint16]*servers.Site // web servers by port
	ftps    map[uint16]*servers.FTP  // FTP servers by port

	wg    sync.WaitGroup
	mu    sync.Mutex
	close []func()
}

// NewWorld returns an empty world.
func NewWorld(t testing.TB) *World {
	const timeout = 2 * time.Second // enough on a busy machine; cases that wait for its end set their own
	w := &World{
		T:      t,
		Env:    &engine.Env{Timeout: timeout, Params: map[string]any{}, Answers: map[string]bool{}},
		Values: map[string]string{},
		vars:   map[string]string{},
		files:  map[string][]byte{},
		zones:  map[uint16]*servers.Zone{},
		sites:  map[uint16]*servers.Site{},
		ftps:   map[uint16]*servers.FTP{},
	}
	t.Cleanup(w.End)
	return w
}

// End closes every server and waits for the last of their goroutines.
func (w *World) End() {
	w.mu.Lock()
	closers := w.close
	w.close = nil
	w.mu.Unlock()
	for _, c := range closers {
		c()
	}
	w.wg.Wait()
}

// AtEnd has f called when the world ends.
func (w *World) AtEnd(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.close = append(w.close, f)
}

// Go runs f in a goroutine that the world's end waits for.
func (w *World) Go(f func()) { w.wg.Go(f) }

// AddFile gives the case a file that its verbs may name.
func (w *World) AddFile(name string, data []byte) { w.files[name] = data }

// Build runs a script: a verb and its arguments on each line.
func (w *World) Build(script string) {
	w.T.Helper()
	for n, line := range strings.Split(script, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := w.do(line); err != nil {
			if skip, ok := errors.AsType[unavailable](err); ok {
				w.T.Skipf("line %d: %s: %v", n+1, line, skip)
			}
			w.T.Fatalf("line %d: %s: %v", n+1, line, err)
		}
	}
}

func (w *World) do(line string) error {
	words, err := fields(w.Expand(line))
	if err != nil {
		return err
	}
	for _, v := range Verbs() {
		if v.Name == words[0] {
			return v.Do(w, words[1:])
		}
	}
	return errors.New("no such verb")
}

// unavailable is something that this system can't build: the case is skipped.
type unavailable string

func (u unavailable) Error() string { return string(u) + " is not available here" }

var variable = regexp.MustCompile(`\$[a-z][a-z0-9_]*`)

// Expand fills in the variables that are defined. A profile's own ${name} is
// left alone.
func (w *World) Expand(s string) string {
	return variable.ReplaceAllStringFunc(s, func(name string) string {
		if v, ok := w.vars[name]; ok {
			return v
		}
		return name
	})
}

// Define gives a variable, written with its $, its value.
func (w *World) Define(name, value string) error {
	if !variable.MatchString(name) {
		return fmt.Errorf("%q is no variable", name)
	}
	w.vars[name] = value
	return nil
}

// port reads an argument that is a port, or a new variable for one: then 0.
func port(arg string) (uint16, error) {
	if strings.HasPrefix(arg, "$") {
		return 0, nil
	}
	p, err := strconv.ParseUint(arg, 10, 16)
	return uint16(p), err
}

// Listen opens a TCP listener on the port that arg names or is to name. The
// address is 127.0.0.1 unless on says otherwise.
func (w *World) Listen(arg, on string) (net.Listener, error) {
	p, err := port(arg)
	if err != nil {
		return nil, err
	}
	l, err := listenOn(on, p)
	if err != nil {
		return nil, err
	}
	w.AtEnd(func() { l.Close() })
	return l, w.name(arg, portOf(l.Addr()))
}

// name defines arg as the port if it is a variable.
func (w *World) name(arg string, p uint16) error {
	if !strings.HasPrefix(arg, "$") {
		return nil
	}
	return w.Define(arg, strconv.Itoa(int(p)))
}

func listenOn(on string, p uint16) (net.Listener, error) {
	if on == "" {
		on = "127.0.0.1"
	}
	return net.Listen("tcp", net.JoinHostPort(on, strconv.Itoa(int(p))))
}

func portOf(a net.Addr) uint16 {
	return netip.MustParseAddrPort(a.String()).Port()
}

// Serve answers each connection by handle, which need not close it.
func (w *World) Serve(l net.Listener, handle func(net.Conn)) {
	w.AtEnd(servers.Connections(l, handle))
}

// run runs the plan, whose first check is the one that matters.
func (w *World) run(ctx context.Context, plan *engine.Plan) result.Check {
	if w.Env.Network == nil {
		w.Env.Network = dial.New(dial.Options{Timeout: w.Env.Timeout})
	}
	w.Env.Params = plan.Bound.Values
	for _, yes := range w.answers {
		w.Env.Answers[plan.Checks[0].Check.ID] = yes
	}
	report := engine.Run(ctx, plan, engine.Options{Env: w.Env, Retries: w.Retries, Lang: "en"})
	return report.Checks[0]
}
