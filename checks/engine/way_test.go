package engine

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// reaching is a fake that connects to a host; with commas, to several.
type reaching struct {
	fake
	host string
}

func (r reaching) Endpoints() (all []Endpoint) {
	for host := range strings.SplitSeq(r.host, ",") {
		all = append(all, Endpoint{Host: host, Port: 443})
	}
	return all
}

// by returns how the probe goes: "direct" or the proxy.
func by(t *Trace, host string) string {
	if p := t.Proxy(host, 443); p != nil {
		return p.String()
	}
	return direct
}

// TestWays: by which ways a check goes, and what it comes to.
func TestWays(t *testing.T) {
	personal := &dial.Proxy{URL: &url.URL{Scheme: "http", Host: "p.test:3128", User: url.UserPassword("me", "secret")}, Source: "https_proxy", Personal: true}
	given := &dial.Proxy{URL: &url.URL{Scheme: "socks5", Host: "s.test:1080"}, Source: "--proxy"}
	settings := func(p *dial.Proxy) func(*dial.Proxy, string, uint16) dial.Route {
		return func(_ *dial.Proxy, host string, _ uint16) dial.Route {
			if host == "exempt.test" {
				return dial.Route{Exempt: ".test", Source: "no_proxy"}
			}
			if host == "own.test" {
				return dial.Route{Proxy: personal}
			}
			return dial.Route{Proxy: p}
		}
	}
	for _, c := range []struct {
		name, policy, host string
		route              *dial.Proxy // nil: no setting at all
		works              string      // the way that passes
		verdict            string      // with its reason and code
		via                string
		ways               []string
	}{
		{"no setting", "allowed", "a.test", nil, "direct", "pass", "direct", nil},
		{"both are tried", "allowed", "a.test", given, "direct socks5://s.test:1080", "pass", "direct", []string{"direct pass used", "socks5://s.test:1080 pass"}},
		{"the direct way passes", "allowed", "a.test", given, "direct", "pass", "direct", []string{"direct pass used", "socks5://s.test:1080 fail"}},
		{"the proxy passes", "allowed", "a.test", given, "socks5://s.test:1080", "pass proxy.required", "socks5://s.test:1080", []string{"direct fail", "socks5://s.test:1080 pass used"}},
		{"a personal proxy passes", "allowed", "a.test", personal, "http://p.test:3128", "warn proxy.required", "http://p.test:3128", []string{"direct fail", "http://p.test:3128 pass used personal"}},
		{"none passes", "allowed", "a.test", given, "", "fail", "direct", []string{"direct fail used", "socks5://s.test:1080 fail"}},
		{"an exempt host", "allowed", "exempt.test", given, "direct", "pass", "direct", []string{"direct .test pass used"}},
		{"required", "required", "a.test", given, "direct socks5://s.test:1080", "pass", "socks5://s.test:1080", []string{"socks5://s.test:1080 pass used"}},
		{"required, and personal", "required", "a.test", personal, "http://p.test:3128", "warn", "http://p.test:3128", []string{"http://p.test:3128 pass used personal"}},
		{"required, and none is set up", "required", "a.test", nil, "direct", "skip no-proxy", "", nil},
		{"required, and exempt", "required", "exempt.test", given, "direct", "skip no-proxy", "", nil},
		{"required, and one of them exempt", "required", "a.test,exempt.test", given, "socks5://s.test:1080", "skip no-proxy", "", nil},
		{"one of them by a personal proxy", "allowed", "a.test,own.test", given, "socks5://s.test:1080", "warn proxy.required", "http://p.test:3128", []string{"direct fail", "http://p.test:3128 pass used personal"}},
		{"unsupported", "unsupported", "a.test", given, "socks5://s.test:1080", "fail", "direct", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			planned := check("c", nil)
			planned.Proxy = c.policy
			planned.Body = reaching{func(ctx context.Context, tr *Trace) (Outcome, error) {
				host, _, _ := strings.Cut(c.host, ",")
				way := by(tr, host)
				return Outcome{Results: []result.Result{{Host: host, Note: way}}}, tr.Step(Via(ctx, tr.Proxy(host, 443)), result.OpConnect, func(ctx context.Context, _ *Step) error {
					return tr.Step(ctx, result.OpGreeting, func(context.Context, *Step) error {
						if c.works == "" || !strings.Contains(c.works, way) {
							return Failed(result.FailRefused, errors.New("no"))
						}
						return nil
					})
				})
			}, c.host}
			o := options()
			if c.route != nil {
				o.Env.Route = settings(c.route)
			}
			r := Run(t.Context(), planOf(t, planned), o)
			got := &r.Checks[0]
			verdict := strings.Join(strings.Fields(string(got.Verdict)+" "+string(got.Reason)+" "+string(got.Code)), " ")
			if verdict != c.verdict || got.Via != c.via {
				t.Errorf("%s via %q (%s), want %s via %q", verdict, got.Via, got.Detail, c.verdict, c.via)
			}
			var ways []string
			for _, w := range got.Ways {
				text := w.Via + " " + w.Exempt + " " + string(w.Verdict)
				if w.Used {
					text += " used"
				}
				if w.Personal {
					text += " personal"
				}
				ways = append(ways, strings.Join(strings.Fields(text), " "))
			}
			if d := cmp.Diff(c.ways, ways); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			for i, s := range got.Steps {
				if p := s.Parent; p != nil && (*p != i-1 || got.Steps[*p].Via != s.Via) {
					t.Errorf("step %d lies in step %d, of another way", i, *p)
				}
			}
			if strings.Contains(got.Detail, "secret") {
				t.Errorf("a secret is in %q", got.Detail)
			}
		})
	}
}

// A name that is not found here keeps nobody from a way through a proxy, which
// looks it up by itself.
func TestNeedsNameOfProxied(t *testing.T) {
	p := &dial.Proxy{URL: &url.URL{Scheme: "http", Host: "p.test:3128"}}
	for _, c := range []struct {
		name, needed, policy string
		route                *dial.Proxy
		want                 string
	}{
		{"by a proxy", "A.test", "allowed", p, "y pass"},
		{"no proxy", "a.test", "allowed", nil, "y skip needs"},
		{"another name", "b.test", "allowed", p, "y skip needs"},
		{"directly alone", "a.test", "unsupported", p, "y skip needs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			name, y := check("name", refused), check("y", nil, "name")
			name.Kind, name.Fields = "dns", map[string]any{"name": c.needed}
			y.Proxy, y.Body = c.policy, reaching{pass, "a.test"}
			o := options()
			o.Env.Route = func(*dial.Proxy, string, uint16) dial.Route { return dial.Route{Proxy: c.route} }
			if got := verdicts(Run(t.Context(), planOf(t, name, y), o))[1]; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestWaysBesideEachOther: a check takes as long as its slowest way, and is cut
// short with what all of them saw.
func TestWaysBesideEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := check("c", nil)
		c.Body = reaching{func(ctx context.Context, tr *Trace) (Outcome, error) {
			return Outcome{}, tr.Step(ctx, result.OpConnect, func(ctx context.Context, _ *Step) error {
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
				return ctx.Err()
			})
		}, "a.test"}
		p := &dial.Proxy{URL: &url.URL{Scheme: "http", Host: "p.test:3128"}}
		o := options()
		o.Env.Route = func(*dial.Proxy, string, uint16) dial.Route { return dial.Route{Proxy: p} }
		r := Run(t.Context(), planOf(t, c), o)
		if d := time.Duration(r.Duration); d != time.Second || r.Verdict == result.Fail {
			t.Errorf("two ways of a second each took %v", d)
		}
		// Once it passes by one way, the other is not waited for without end, and
		// ends as by a time limit.
		slow := check("c", nil)
		slow.Body = reaching{func(ctx context.Context, tr *Trace) (Outcome, error) {
			return Outcome{}, tr.Step(ctx, result.OpConnect, func(ctx context.Context, _ *Step) error {
				if tr.Proxy("a.test", 443) == nil {
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			})
		}, "a.test"}
		r = Run(t.Context(), planOf(t, slow), o)
		if d, last := time.Duration(r.Duration), r.Checks[0].Steps[1]; d != moment || r.Checks[0].Verdict != result.Pass || last.Failure != result.FailTimeout {
			t.Errorf("%s after %v, the other way: %s", r.Verdict, d, last.Failure)
		}
		o.Deadline = 500 * time.Millisecond
		r = Run(t.Context(), planOf(t, c), o)
		if got := r.Checks[0]; got.Verdict != result.Skip || got.Reason != result.BecauseDeadline || len(got.Steps) != 2 {
			t.Errorf("cut short: %s %s with %d steps", got.Verdict, got.Reason, len(got.Steps))
		}
	})
}
