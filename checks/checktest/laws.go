package checktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// stopsWithin is how long a probe may go on after its context has ended.
const stopsWithin = 100 * time.Millisecond

// sentinel stands for every secret that a kind is given.
const sentinel = "s3ntinel-4711"

// Laws holds each kind, unseen, to what the engine and the reports rely on.
// dir is where the kinds' cases are. It must not run beside other tests: it
// counts goroutines and descriptors.
func Laws(t *testing.T, kinds []engine.Kind, dir string) {
	for _, k := range kinds {
		t.Run(k.Name, func(t *testing.T) {
			t.Run("says what it is for", func(t *testing.T) { report(t, undocumented(k)) })
			t.Run("has cases", func(t *testing.T) {
				files, err := filepath.Glob(filepath.Join(dir, k.Name, "*.txtar"))
				if err != nil || len(files) == 0 {
					t.Errorf("no case in %s/%s (%v)", dir, k.Name, err)
				}
			})
			t.Run("its example compiles", func(t *testing.T) {
				if _, err := compileExample(kinds, k.Example); err != nil {
					t.Errorf("%v\n%s", err, k.Example)
				}
			})
			for _, p := range pathsOf(k) {
				for _, f := range faults {
					t.Run(f.name+p.name, func(t *testing.T) { report(t, twice(func() []string { return fallsTo(t, kinds, k, f, p) })) })
				}
				for _, f := range []string{"silent", "dropped"} {
					i := slices.IndexFunc(faults, func(x fault) bool { return x.name == f })
					t.Run("stops while "+f+p.name, func(t *testing.T) { report(t, twice(func() []string { return goesOn(t, kinds, k, faults[i], p) })) })
				}
			}
		})
	}
}

// path is a way onto the network by which a kind must keep the laws.
type path struct {
	name  string
	build []string
}

// paths are all there are. That a proxy itself misbehaves, too, is a fault as
// any other: the last ones lead to the fault in place of a proxy.
var paths = []path{
	{"", nil},
	{" by CONNECT", []string{"proxy $proxy auth=Basic user=till:" + sentinel, "way http://till:" + sentinel + "@127.0.0.1:$proxy"}},
	{" by SOCKS", []string{"socks $socks user=till:" + sentinel, "way socks5h://till:" + sentinel + "@127.0.0.1:$socks"}},
	{" as a proxy", []string{"way http://till:" + sentinel + "@127.0.0.1:$port"}},
	{" as a SOCKS server", []string{"way socks5://till:" + sentinel + "@127.0.0.1:$port"}},
}

// pathsOf are those that a kind may take: the direct one alone where it connects
// to nobody.
func pathsOf(k engine.Kind) []path {
	if _, ok := k.New().(interface{ Endpoints() []engine.Endpoint }); ok {
		return paths
	}
	return paths[:1]
}

func report(t *testing.T, wrong []string) {
	t.Helper()
	for _, w := range wrong {
		t.Error(w)
	}
}

// twice looks once more where something is wrong: the laws have times in them, and
// a machine that is busy with other packages' tests has others.
func twice(look func() []string) []string {
	if len(look()) == 0 {
		return nil
	}
	return look()
}

// undocumented says what a user would not be told of the kind.
func undocumented(k engine.Kind) (wrong []string) {
	if k.Doc == "" || k.Example == "" {
		wrong = append(wrong, "a kind needs a doc and an example")
	}
	if !strings.Contains(k.Example, k.Name+":") {
		wrong = append(wrong, fmt.Sprintf("the example does not show %s:\n%s", k.Name, k.Example))
	}
	for _, f := range value.Fields(reflect.TypeOf(k.New())) {
		if f.Doc == "" {
			wrong = append(wrong, fmt.Sprintf("the field %s has no doc", f.Name))
		}
	}
	if _, ok := k.New().(fmt.Stringer); !ok {
		wrong = append(wrong, "it does not name its target: no String method")
	}
	return wrong
}

var (
	reference  = regexp.MustCompile(`\$\{([a-z][a-z0-9_]*)`)
	paramField = regexp.MustCompile(`\bparam: *([a-z][a-z0-9_]*)`)
)

// compileExample gives the example's parameters the type string, and those of
// a param field too.
func compileExample(kinds []engine.Kind, example string) (*engine.Plan, error) {
	params := ""
	for _, m := range slices.Concat(reference.FindAllStringSubmatch(example, -1), paramField.FindAllStringSubmatch(example, -1)) {
		if !strings.Contains(params, m[1]+":") {
			params += m[1] + ": {type: string, default: \"1\"}\n"
		}
	}
	return compile(kinds, params, example, nil)
}

// fallsTo runs the kind against a fault, and says where it does not give the
// failure a name, record a step, keep a secret, or tidy up.
func fallsTo(t testing.TB, kinds []engine.Kind, k engine.Kind, f fault, p path) (wrong []string) {
	t.Helper()
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	before := goleak.IgnoreCurrent()
	sockets := descriptors(t)
	w, plan := against(t, kinds, k, f, p)
	w.Env.Timeout = 300 * time.Millisecond
	c := w.run(t.Context(), plan)
	w.End()

	if c.Verdict == result.Error {
		fail("a fault out there is no error of netcheck: %s", c.Detail)
	}
	if len(c.Steps) == 0 {
		fail("no step is recorded")
	}
	for _, s := range c.Steps {
		if s.Failure == result.FailOther {
			fail("step %s failed without a name: %s", s.Op, s.Err)
		}
	}
	for _, r := range c.Results {
		if r.Failure == result.FailOther {
			fail("result %s failed without a name", r.Ports)
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatalf("the check can't be written: %v", err)
	}
	if strings.Contains(string(text), sentinel) {
		fail("a secret is in the report:\n%s", render(c))
	}
	if strings.ContainsFunc(words(c), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
		fail("what a terminal obeys is in the report:\n%s", render(c))
	}
	if err := goleak.Find(before); err != nil {
		fail("left behind: %v", err)
	}
	if n := descriptors(t); n > sockets {
		fail("%d descriptors left open", n-sockets)
	}
	return wrong
}

// words is all text of a check that may have come from outside.
func words(c result.Check) string {
	var b strings.Builder
	b.WriteString(c.Detail)
	for _, r := range c.Results {
		b.WriteString(r.Note)
	}
	for _, s := range c.Steps {
		b.WriteString(s.Err)
		for _, v := range s.Facts {
			fmt.Fprint(&b, v)
		}
	}
	return b.String()
}

// against builds a fault and aims the kind's example at it, every secret set
// to the sentinel.
func against(t testing.TB, kinds []engine.Kind, k engine.Kind, f fault, p path) (*World, *engine.Plan) {
	t.Helper()
	w := NewWorld(t)
	w.buildFault(f)
	port := w.Expand("$port")
	w.Env.Resolvers = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:" + port)}
	plan, err := compileExample(kinds, aim(k.Example, port))
	if err != nil {
		t.Fatal(err)
	}
	fillSecrets(reflect.ValueOf(plan.Checks[0].Prober))
	w.Build(strings.Join(p.build, "\n"))
	return w, plan
}

// buildFault tries until both protocols get the same port.
func (w *World) buildFault(f fault) {
	w.T.Helper()
	var err error
	for range 20 {
		delete(w.vars, "$port")
		for _, line := range f.build {
			if err = w.do(line); err != nil {
				break
			}
		}
		if err == nil {
			return
		}
		if skip, ok := errors.AsType[unavailable](err); ok {
			w.T.Skip(skip)
		}
	}
	w.T.Fatalf("%s: %v", f.name, err)
}

var secretType = reflect.TypeFor[value.Secret]()

func fillSecrets(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() && v.CanSet() && v.Type().Elem().Kind() == reflect.Struct && holdsSecret(v.Type().Elem()) {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if !v.IsNil() {
			fillSecrets(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillSecrets(v.Field(i))
			}
		}
	default:
		if v.Type() == secretType && v.CanSet() {
			v.SetString(sentinel)
		}
	}
}

// holdsSecret looks one level deep, which is as deep as a kind's blocks go.
func holdsSecret(t reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).Type == secretType {
			return true
		}
	}
	return false
}

// watched notes when a probe has begun, and when it has come back, which the
// engine does not wait for once its grace is over.
type watched struct {
	engine.Prober
	begun func()
	back  chan time.Time
}

func (w watched) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	w.begun()
	out, err := w.Prober.Probe(ctx, t)
	w.back <- time.Now()
	return out, err
}

// Endpoints are the prober's own, by which the engine finds its ways.
func (w watched) Endpoints() []engine.Endpoint {
	if p, ok := w.Prober.(interface{ Endpoints() []engine.Endpoint }); ok {
		return p.Endpoints()
	}
	return nil
}

// goesOn cancels the run while the probe waits for an answer, and says if it
// does not stop.
func goesOn(t testing.TB, kinds []engine.Kind, k engine.Kind, f fault, p path) (wrong []string) {
	t.Helper()
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	before := goleak.IgnoreCurrent()
	w, plan := against(t, kinds, k, f, p)
	w.Env.Timeout = time.Minute
	back := make(chan time.Time, 2) // it may go by two ways at once
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var once sync.Once
	var timer *time.Timer // of the cancel, from when the first way is tried
	ways := 0
	var mu sync.Mutex
	cancelled := make(chan time.Time, 1)
	plan.Checks[0].Prober = watched{plan.Checks[0].Prober, func() {
		mu.Lock()
		defer mu.Unlock()
		ways++
		once.Do(func() {
			timer = time.AfterFunc(80*time.Millisecond, func() { cancelled <- time.Now(); cancel() })
		})
	}, back}
	w.run(ctx, plan)
	mu.Lock()
	begun := ways
	mu.Unlock()
	if begun == 0 {
		return append(wrong, "it was never begun")
	}
	var end time.Time // of the last way
	for range begun {
		select {
		case end = <-back:
		case <-time.After(5 * time.Second):
			fail("still running 5 s after the cancel")
		}
	}
	if !timer.Stop() { // else it had its answer before
		if late := end.Sub(<-cancelled); late > stopsWithin {
			fail("went on for %v after the cancel", late)
		}
	}
	w.End()
	if err := goleak.Find(before); err != nil {
		fail("left behind: %v", err)
	}
	return wrong
}

// descriptors counts this process' open files where the system shows them.
func descriptors(t testing.TB) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
