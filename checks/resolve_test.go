package checks

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/checktest"
	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

func addrs(t *testing.T, texts ...string) []netip.Addr {
	t.Helper()
	as := make([]netip.Addr, len(texts))
	for i, s := range texts {
		a, err := netip.ParseAddr(s)
		if err != nil {
			t.Fatal(err)
		}
		as[i] = a
	}
	return as
}

func TestInOrder(t *testing.T) {
	for name, c := range map[string]struct{ in, want []string }{
		"none":             {nil, []string{}},
		"one":              {[]string{"192.0.2.1"}, []string{"192.0.2.1"}},
		"IPv6 first":       {[]string{"192.0.2.1", "2001:db8::1"}, []string{"2001:db8::1", "192.0.2.1"}},
		"in turns":         {[]string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::3"}, []string{"2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"}},
		"each once":        {[]string{"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"}, []string{"192.0.2.1"}},
		"their own orders": {[]string{"192.0.2.9", "192.0.2.1"}, []string{"192.0.2.9", "192.0.2.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, texts(inOrder(addrs(t, c.in...)))); d != "" {
				t.Error(d)
			}
		})
	}
}

func trace(env *engine.Env) *engine.Trace {
	env.Network = dial.New(dial.Options{})
	return &engine.Trace{Env: env}
}

// The system's way is only gone to a name that needs no resolver: tests contact
// nobody else.
func TestResolveBySystem(t *testing.T) {
	tr := trace(&engine.Env{})
	for range 2 {
		as, err := resolve(t.Context(), tr, "localhost")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range as {
			if !a.IsLoopback() {
				t.Errorf("localhost is %s", a)
			}
		}
	}
	steps := tr.Steps()
	if len(steps) != 2 || steps[0].Op != result.OpResolve || steps[0].Facts["shared"] != nil || steps[1].Facts["shared"] != true {
		t.Errorf("wanted a look-up and a shared answer: %+v", steps)
	}
}

func TestResolveAddress(t *testing.T) {
	tr := trace(&engine.Env{})
	for _, h := range []string{"127.0.0.1", "::1", "fe80::1%eth0"} {
		if as, err := resolve(t.Context(), tr, value.Host(h)); err != nil || len(as) != 1 || as[0].String() != h {
			t.Errorf("%s: %v (%v)", h, as, err)
		}
	}
	if steps := tr.Steps(); len(steps) > 0 {
		t.Errorf("an address was looked up: %+v", steps)
	}
}

// When the system's way fails, the resolvers' own words decide.
func TestInPlace(t *testing.T) {
	const alive = "dns $dns\nresolver $dns\n"
	for name, c := range map[string]struct {
		world string
		want  result.Failure
	}{
		"nobody is configured":   {"", result.FailNoResolver},
		"it does not exist":      {alive, result.FailNXDomain},
		"it has no address":      {alive + `record $dns "shop.test. TXT x"`, result.FailNoData},
		"the resolver fails":     {alive + "rcode $dns * SERVFAIL", result.FailServFail},
		"the resolver refuses":   {alive + "rcode $dns * REFUSED", result.FailDNSRefused},
		"another word":           {alive + "rcode $dns * NOTIMP", result.FailRCode},
		"the resolver is silent": {"timeout 300ms\nudp-silent $dns\nresolver $dns", result.FailDNSTimeout},
		"the resolver is off":    {"udp-closed $dns\nresolver $dns", result.FailRefused},
		"it is blocked":          {alive + `record $dns "shop.test. A 0.0.0.0"`, result.FailNullAddress},
	} {
		t.Run(name, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(c.world)
			var configured []machine.Resolver
			for _, a := range w.Env.Resolvers {
				configured = append(configured, machine.Resolver{Addr: a})
			}
			_, err := inPlace(t.Context(), trace(w.Env), configured, "shop.test")
			if got := engine.Classify(err); got != c.want {
				t.Errorf("%s, wanted %s (%v)", got, c.want, err)
			}
		})
	}
}

func TestStateOf(t *testing.T) {
	icmp := func(from string) result.Evidence {
		return result.Evidence{Local: "192.0.2.7", ICMP: &result.ICMP{From: from}}
	}
	for name, c := range map[string]struct {
		failure  result.Failure
		evidence result.Evidence
		want     result.State
	}{
		"connected":                      {"", result.Evidence{}, result.Open},
		"a reset answers":                {result.FailRefused, result.Evidence{Errno: "ECONNREFUSED"}, result.Closed},
		"a router refuses":               {result.FailRefused, icmp("192.0.2.1"), result.Rejected},
		"prohibited":                     {result.FailProhibited, icmp("192.0.2.1"), result.Rejected},
		"unreachable, a router's word":   {result.FailHostUnreachable, icmp("192.0.2.1"), result.Rejected},
		"unreachable, no answer to ARP":  {result.FailHostUnreachable, icmp("192.0.2.7"), result.Filtered},
		"unreachable, the system's word": {result.FailHostUnreachable, result.Evidence{}, result.Rejected},
		"silence":                        {result.FailConnectTimeout, result.Evidence{}, result.Filtered},
		"no datagram back":               {result.FailNoReply, result.Evidence{}, result.Filtered},
		"reset afterwards":               {result.FailReset, result.Evidence{}, result.Reset},
		"no route":                       {result.FailNoRoute, result.Evidence{}, result.Unknown},
		"this machine forbids":           {result.FailPermission, result.Evidence{}, result.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			if got := stateOf(c.failure, c.evidence); got != c.want {
				t.Errorf("%s, wanted %s", got, c.want)
			}
		})
	}
}
