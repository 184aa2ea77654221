package firewall

import (
	"fmt"
	"strings"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"netcheck/report"
	"netcheck/report/result"
)

// line is a rule in short.
func line(s *Sheet, r *Rule) string {
	w := newWords(&s.Profile, report.Options{Lang: "en", Unicode: true})
	text := fmt.Sprintf("%s: %s -> %s %s", w.direction(r), w.from(s, r), w.to(s, r), w.service(r))
	if r.Level != result.Required {
		text += " " + string(r.Level)
	}
	if inside := w.inside(s, r); inside != "" {
		text += " " + inside
	}
	return text
}

func TestNew(t *testing.T) {
	roles := []result.Role{{ID: "till"}, {ID: "server"}, {ID: "outside"}}
	out := func(host, ports string) Flow {
		return Flow{Check: host, From: []string{"till"}, Hosts: []string{host}, Proto: "tcp", Ports: ports, Level: result.Required}
	}
	with := func(f Flow, change func(*Flow)) Flow {
		change(&f)
		return f
	}
	listen := func(role, ports string) Flow {
		return Flow{Check: "listen", From: []string{role}, Into: true, Proto: "tcp", Ports: ports, Level: result.Required}
	}
	inbound := Flow{Check: "in", From: []string{"server"}, Into: true, Proto: "tcp", Ports: "6767", Public: "shop.example", PublicPort: "8080", Level: result.Required}
	from := func(role string) func(*Flow) { return func(f *Flow) { f.From = []string{role} } }
	to := func(role string) func(*Flow) { return func(f *Flow) { f.To = []string{role} } }

	for name, test := range map[string]struct {
		flows []Flow
		want  []string
	}{
		"adjacent ports of a host are one range": {
			[]Flow{out("192.0.2.1", "80"), out("192.0.2.1", "81-90"), out("192.0.2.1", "443")},
			[]string{"out: till -> 192.0.2.1 TCP 80-90, 443"},
		},
		"hosts of the same ports are one rule": {
			[]Flow{out("192.0.2.1", "443"), out("192.0.2.2", "443"), out("192.0.2.3", "80")},
			[]string{"out: till -> 192.0.2.1, 192.0.2.2 TCP 443", "out: till -> 192.0.2.3 TCP 80"},
		},
		"what can be done without stays apart": {
			[]Flow{out("192.0.2.1", "443"), with(out("192.0.2.1", "80"), func(f *Flow) { f.Level = result.Optional })},
			[]string{"out: till -> 192.0.2.1 TCP 443", "out: till -> 192.0.2.1 TCP 80 optional"},
		},
		"what a graver rule lets through needs none": {
			[]Flow{with(out("192.0.2.1", "443"), func(f *Flow) { f.Level = result.Optional }), out("192.0.2.1", "400-500")},
			[]string{"out: till -> 192.0.2.1 TCP 400-500"},
		},
		"a port that is not known is named": {
			[]Flow{out("192.0.2.1", "<port>"), out("192.0.2.1", "80")},
			[]string{"out: till -> 192.0.2.1 TCP 80, <port>"},
		},
		"the vendor's names stand in place of what is probed": {
			[]Flow{with(out("a1.example", "443"), func(f *Flow) { f.Rule = &result.Firewall{Hosts: []string{"*.example"}} })},
			[]string{"out: till -> *.example TCP 443", "out: till -> the DNS servers that it is set up with TCP/UDP 53"},
		},
		"data connections on ports that one check knows": {
			[]Flow{with(out("192.0.2.1", ""), func(f *Flow) { f.Data = true }), with(out("192.0.2.1", "7000-7010"), func(f *Flow) { f.Data = true })},
			[]string{"out: till -> 192.0.2.1 TCP 7000-7010"},
		},
		"data connections on ports that nobody knows": {
			[]Flow{with(out("192.0.2.1", ""), func(f *Flow) { f.Data = true })},
			[]string{"out: till -> 192.0.2.1 TCP ports that the server names"},
		},
		"inside the shop the machine is named": {
			[]Flow{with(out("192.168.1.10", "80"), to("server"))},
			[]string{"in, within the shop: till -> server (192.168.1.10) TCP 80"},
		},
		"a machine listens for those who are said to call": {
			[]Flow{with(out("192.168.1.10", "80"), to("server")), listen("server", "80-82")},
			[]string{"in, within the shop: till -> server (192.168.1.10) TCP 80", "in, within the shop: machines of the shop (which, the vendor does not say) -> server (192.168.1.10) TCP 81-82"},
		},
		"calls from the internet end where somebody listens": {
			[]Flow{inbound, listen("server", "6767")},
			[]string{"in, from the internet: the internet -> shop.example TCP 8080 Forward to server, TCP 6767."},
		},
		"a test from outside is the internet's call": {
			[]Flow{inbound, with(out("shop.example", "8080"), from("outside")), with(out("else.example", "443"), from("outside"))},
			[]string{"in, from the internet: the internet -> shop.example TCP 8080 Forward to server, TCP 6767."},
		},
		"strangers stay out": {
			[]Flow{inbound, with(out("shop.example", "8080"), func(f *Flow) { f.From, f.Closed = []string{"outside"}, true })},
			[]string{"in, from the internet: the internet -> shop.example TCP 8080 Forward to server, TCP 6767.", "stays closed: in, from the internet: everybody else on the internet -> shop.example TCP 8080"},
		},
		"the proxy has a rule of its own": {
			[]Flow{with(out("192.0.2.1", "443"), func(f *Flow) { f.Policy, f.Proxy = "required", "192.168.1.3:3128" })},
			[]string{"out: till -> 192.0.2.1 TCP 443", "out, within the shop: till -> 192.168.1.3 TCP 3128"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(result.Profile{ID: "shop", Roles: roles}, test.flows, "")
			var got []string
			for i := range s.Rules {
				got = append(got, line(s, &s.Rules[i]))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Without roles there is one machine, and every rule is its.
func TestNewOfOneMachine(t *testing.T) {
	s := New(result.Profile{ID: "shop"}, []Flow{
		{Check: "a", Hosts: []string{"a.example"}, Proto: "tcp", Ports: "443", Level: result.Required},
		{Check: "b", Into: true, Proto: "tcp", Ports: "80", PublicPort: "8080", Level: result.Required},
	}, "")
	var got []string
	for i := range s.Rules {
		got = append(got, line(s, &s.Rules[i]))
	}
	want := []string{
		"out: the machine -> a.example TCP 443", "out: the machine -> the DNS servers that it is set up with TCP/UDP 53",
		"in, from the internet: the internet -> the shop's public address TCP 8080 Forward to the machine, TCP 80.",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPortsWithout(t *testing.T) {
	for _, test := range []struct{ all, taken, want string }{
		{"1-10", "3-4,7", "1-2, 5-6, 8-10"},
		{"1-10", "1-10", ""},
		{"80,<x>", "80", "<x>"},
		{"80,<x>", "<x>", "80"},
		{"65530-65535", "65535", "65530-65534"},
		{"1-3", "2-9", "1"},
	} {
		if got := parsePorts(test.all).without(parsePorts(test.taken)).String(); got != test.want {
			t.Errorf("%s without %s is %q, not %q", test.all, test.taken, got, test.want)
		}
	}
}

// Of whatever text only signs remain that no shell and no firewall heeds.
func TestHarmless(t *testing.T) {
	const heeded = "`$%!^&|\\\"<>\n\r\t#@~"
	if err := quick.Check(func(s string) bool { return !strings.ContainsAny(harmless(s), heeded) }, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
	if got := harmless(heeded + "\x1b[2J\u2028é\u202e"); strings.ContainsAny(got, heeded) {
		t.Errorf("%q", got)
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", " @x": "' @x", "-1": "'-1", "+49 30": "'+49 30", "\t=1": "' =1", "a=1": "a=1", "": "", "\x1b[2J=1": "'=1",
	} {
		if got := cell(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	var flows []Flow
	for i := range 5000 {
		flows = append(flows, Flow{
			Check: "a", From: []string{"till"}, To: []string{"server"}, Hosts: []string{fmt.Sprintf("10.0.%d.%d", i/250, i%250)}, Proto: "tcp", Ports: "443", Level: result.Required,
		})
	}
	p := result.Profile{Roles: []result.Role{{ID: "till"}, {ID: "server"}}}
	for b.Loop() {
		New(p, flows, "")
	}
}
