package followup

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/checktest"
	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// told are a trace's steps, a line each, without what differs from run to run.
func told(t *engine.Trace) string {
	var lines []string
	for _, s := range t.Steps() {
		line := string(s.Op)
		for _, key := range []string{"dns.question.type", "network.transport", "dns.reference", "dns.checking_disabled", "dns.random_name", "dns.answers", "dns.hosts_file", "tls.trusted", "http.response.status_code", "socks.reply", "proxy.login", "proxy.authenticate", "proxy.page"} {
			if v, ok := s.Facts[key]; ok {
				line += fmt.Sprintf(" %s=%v", key[strings.LastIndexByte(key, '.')+1:], v)
			}
		}
		if s.Failure != "" {
			line += " " + string(s.Failure)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func local(w *checktest.World, variable string) netip.AddrPort {
	return netip.MustParseAddrPort("127.0.0.1:" + w.Expand(variable))
}

func trace(w *checktest.World) *engine.Trace {
	w.Env.Network = dial.New(dial.Options{})
	return engine.NewTrace(w.Env, time.Now())
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, world, want string }{
		{
			"a filter, and a resolver that knows the name",
			`
			dns $here
			dns $there
			record $there "shop.test. A 198.51.100.7"`,
			`inspect
query type=A transport=tcp dns-nxdomain
query type=A transport=tcp reference=true answers=[198.51.100.7]
query type=A transport=udp dns-nxdomain
query type=A transport=udp reference=true answers=[198.51.100.7]
query type=AAAA transport=udp dns-nxdomain
query type=AAAA transport=udp reference=true dns-no-data`,
		},
		{
			"a failure that may be DNSSEC's, and an address that is nobody's",
			`
			dns $here
			dns $there
			rcode $here shop.test SERVFAIL
			record $there "shop.test. A 0.0.0.0"
			record $there "shop.test. AAAA ::"`,
			`inspect
query type=A transport=tcp dns-servfail
query type=A transport=tcp reference=true answers=[0.0.0.0] dns-null-address
query type=A transport=udp checking_disabled=true dns-servfail
query type=A transport=udp dns-servfail
query type=A transport=udp reference=true answers=[0.0.0.0] dns-null-address
query type=AAAA transport=udp checking_disabled=true dns-servfail
query type=AAAA transport=udp dns-servfail
query type=AAAA transport=udp reference=true answers=[::] dns-null-address`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(c.world)
			w.Env.Resolvers, w.Env.Reference = []netip.AddrPort{local(w, "$here")}, []netip.AddrPort{local(w, "$there")}
			tr := trace(w)
			if err := names.Look(t.Context(), tr, result.Subject{Host: "shop.test"}); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(c.want, told(tr)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestResolver(t *testing.T) {
	w := checktest.NewWorld(t)
	w.Build("dns $here")
	tr := trace(w)
	here := local(w, "$here")
	if err := resolver.Look(t.Context(), tr, result.Subject{Address: here.Addr().String(), Port: int(here.Port()), Proto: "udp"}); err != nil {
		t.Error(err)
	}
	asked := map[string]bool{}
	for _, s := range tr.Steps() {
		name, _ := s.Facts["dns.question.name"].(string)
		label, top, _ := strings.Cut(name, ".")
		if len(label) < 16 {
			t.Errorf("%q may well exist", name)
		}
		asked[top] = true
	}
	if !asked["com"] || !asked["invalid"] {
		t.Errorf("asked below %v", asked)
	}
	if want := "query type=A transport=udp random_name=true dns-nxdomain\nquery type=A transport=udp random_name=true dns-nxdomain"; told(tr) != want {
		t.Errorf("got %s", told(tr))
	}
}

// Whether a name is looked at again follows from what its check saw.
func TestDoubtful(t *testing.T) {
	lookup := func(f result.Failure, took time.Duration) result.Step {
		return result.Step{Op: result.OpResolve, Failure: f, Duration: result.Duration(took), Facts: result.Facts{"dns.question.name": "a.test"}}
	}
	query := func(f result.Failure) result.Step {
		return result.Step{Op: result.OpQuery, Failure: f, Facts: result.Facts{"dns.question.name": "a.test"}}
	}
	a := []result.Subject{{Host: "a.test"}}
	for _, c := range []struct {
		name  string
		check result.Check
		want  []result.Subject
	}{
		{"a pass", result.Check{Verdict: result.Pass, Steps: []result.Step{lookup("", time.Millisecond)}}, nil},
		{"a pass after a long while", result.Check{Verdict: result.Pass, Steps: []result.Step{lookup("", 3*time.Second)}}, a},
		{"a pass though one resolver is dead", result.Check{Verdict: result.Pass, Steps: []result.Step{lookup("", time.Millisecond), query(result.FailDNSTimeout)}}, a},
		{"a failure of the name", result.Check{Verdict: result.Fail, Steps: []result.Step{lookup(result.FailNXDomain, 0), query(result.FailNXDomain)}}, a},
		{"a failure of its host", result.Check{Verdict: result.Fail, Steps: []result.Step{lookup("", 0), {Op: result.OpVerify, Failure: result.FailNameMismatch}}}, a},
		{"an address", result.Check{Verdict: result.Fail, Steps: []result.Step{{Op: result.OpConnect, Failure: result.FailConnectTimeout}}}, nil},
		{"not run", result.Check{Verdict: result.Skip}, nil},
		{
			"a resolver of its own",
			result.Check{Kind: "dns", Verdict: result.Fail, Spec: result.Spec{Fields: map[string]any{"resolver": "[2001:db8::53]:5353"}}, Steps: []result.Step{query(result.FailNXDomain)}},
			[]result.Subject{{Host: "a.test", Address: "2001:db8::53", Port: 5353, Proto: "udp"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, doubtfulNames(&c.check)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestElsewhere(t *testing.T) {
	w := checktest.NewWorld(t)
	w.Build(`
		dns $here
		dns $there
		record $here "shop.test. A 127.0.0.9"
		record $there "shop.test. A 127.0.0.1"
		record $here "same.test. A 127.0.0.1"
		record $there "same.test. A 127.0.0.1"
		serve $port`)
	w.Env.Resolvers, w.Env.Reference = []netip.AddrPort{local(w, "$here")}, []netip.AddrPort{local(w, "$there")}
	for host, want := range map[string]string{"shop.test": "connect", "same.test": ""} {
		tr := trace(w)
		if err := elsewhere.Look(t.Context(), tr, result.Subject{Host: host, Port: int(local(w, "$port").Port()), Proto: "tcp"}); err != nil {
			t.Error(err)
		}
		if got := told(tr); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

// Routers answer only so many packets: the way to a resolver is looked at
// where the name failed or led astray, and routers lie in between.
func TestResolverWayIsWanted(t *testing.T) {
	far := netip.MustParseAddrPort("9.9.9.9:53")
	s := &Seen{
		Report: &result.Report{Machines: []result.Machine{{Addresses: []string{"192.168.1.10/24"}}}},
		Env:    &engine.Env{Resolvers: []netip.AddrPort{far, netip.MustParseAddrPort("192.168.1.1:53")}},
	}
	lookup := result.Step{Op: result.OpResolve, Facts: result.Facts{"dns.question.name": "a.test"}}
	failed := lookup
	failed.Failure = result.FailNXDomain
	connect := result.Step{Op: result.OpConnect, Failure: result.FailConnectTimeout}
	for _, c := range []struct {
		name  string
		steps []result.Step
		want  []result.Subject
	}{
		{"the name failed", []result.Step{failed}, []result.Subject{{Address: "9.9.9.9", Port: 53, Proto: "udp"}}},
		{"its host failed", []result.Step{lookup, connect}, nil},
		{"another answered", []result.Step{lookup, {Op: result.OpVerify, Failure: result.FailNameMismatch}}, []result.Subject{{Address: "9.9.9.9", Port: 53, Proto: "udp"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, resolverWay.Wants(s, &result.Check{Verdict: result.Fail, Steps: c.steps})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
