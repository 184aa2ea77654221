package main

import (
	"cmp"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"netcheck/checks"
	"netcheck/checks/standin"
	"netcheck/profiles"
	"netcheck/report/result"
)

func contact(proto string, port uint16, from string, what standin.What) standin.Contact {
	return standin.Contact{
		Proto: proto, At: netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), port),
		From: netip.AddrPortFrom(netip.MustParseAddr(from), 50000), What: what,
	}
}

func standLogOf(ports ...*standPort) *standLog {
	return newStandLog(&standing{a: &standingIn{}, Ports: ports, Started: time.Now()})
}

// Another machine reaches a port; this one itself proves nothing.
func TestStandLogTellsWhoCame(t *testing.T) {
	a := &standPort{Proto: "tcp", Port: 80, State: portWaiting}
	b := &standPort{Proto: "udp", Port: 80, State: portWaiting}
	l := standLogOf(a, b)
	l.note(contact("tcp", 80, "127.0.0.1", standin.ByConnect))
	l.note(contact("tcp", 80, "192.0.2.1", standin.ByConnect)) // the address that it came to
	if a.State != portSelf || l.met(untilAny) {
		t.Errorf("this machine itself: %s", a.State)
	}
	l.note(contact("tcp", 80, "192.0.2.7", standin.ByConnect))
	l.note(contact("tcp", 80, "192.0.2.7", standin.ByQuestion))
	l.note(contact("tcp", 80, "192.0.2.7", standin.ByConnect))
	if a.State != portReached || !l.met(untilAny) || l.met(untilAll) || b.State != portWaiting {
		t.Errorf("another: %s and %s", a.State, b.State)
	}
	if v := a.Visitors[2]; v.Times != 2 || !v.Netcheck || v.Address != "192.0.2.7" {
		t.Errorf("the visitor is %+v", v)
	}
	told := ""
	l.say = func(_ *standPort, who visitor) { told = (&streams{}).visitorText(who) }
	l.note(contact("udp", 80, "192.0.2.7", standin.ByChallenge))
	if told != "192.0.2.7 (netcheck)" {
		t.Errorf("the line says %q", told)
	}
	l.note(contact("udp", 80, "192.0.2.7", standin.ByConnect))
	if v := b.Visitors[0]; v.Times != 2 || !v.Netcheck || !l.met(untilAll) {
		t.Errorf("over UDP each is one: %+v", v)
	}
	l.note(contact("tcp", 81, "192.0.2.7", standin.ByConnect)) // none of its ports
}

// Whoever has reached it may have more to ask: it ends once nobody has come for
// a while, or its time is over.
func TestStandinLingers(t *testing.T) {
	for name, test := range map[string]struct {
		limit, want time.Duration
	}{
		"nobody comes any more": {0, 3*time.Second + lingers},
		"its time is over":      {4 * time.Second, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := standLogOf(&standPort{Proto: "tcp", Port: 80, State: portWaiting})
				start := time.Now()
				for _, at := range []time.Duration{time.Second, 3 * time.Second} {
					time.AfterFunc(at, func() { l.note(contact("tcp", 80, "192.0.2.7", standin.ByConnect)) })
				}
				l.wait(t.Context(), &standingIn{until: untilAll, limit: test.limit})
				if took := time.Since(start); took != test.want {
					t.Errorf("it ended after %s, not %s", took, test.want)
				}
			})
		})
	}
}

// Whoever floods it takes no more room than a few visitors.
func TestStandLogIsBounded(t *testing.T) {
	q := &standPort{Proto: "udp", Port: 80, State: portWaiting}
	l := standLogOf(q)
	said := 0
	l.say = func(*standPort, visitor) { said++ }
	addr := netip.MustParseAddr("198.51.100.0")
	for range 1000 {
		addr = addr.Next()
		l.note(contact("udp", 80, addr.String(), standin.ByConnect))
	}
	if len(q.Visitors) != maxVisitors || said != maxVisitors || q.More != 1000-maxVisitors {
		t.Errorf("%d visitors, %d lines, %d more", len(q.Visitors), said, q.More)
	}
	if !strings.HasSuffix((&streams{}).portText(q), "and by others") {
		t.Error((&streams{}).portText(q))
	}
}

func TestWhyNot(t *testing.T) {
	for name, test := range map[string]struct {
		failure result.Failure
		taken   bool
		want    portState
	}{
		"somebody listens":                           {result.FailAddressInUse, true, portInUse},
		"somebody listens, says Windows by 10013":    {result.FailPermission, true, portInUse},
		"nobody listens":                             {result.FailAddressInUse, false, portInUse},
		"forbidden":                                  {result.FailPermission, false, portNotPermitted},
		"no descriptors":                             {result.FailNoSockets, false, portNotOpened},
		"an address that this machine does not have": {result.FailOther, false, portNotOpened},
	} {
		if got, _ := whyNot("en", test.failure, standKey{"tcp", 443}, test.taken); got != test.want {
			t.Errorf("%s: %s, not %s", name, got, test.want)
		}
	}
}

// Each system has its own way to let a user have a port.
func TestHowToPermit(t *testing.T) {
	for _, test := range []struct{ system, want string }{
		{"windows", "netsh int ipv4 show excludedportrange protocol=udp"},
		{"linux", "net.ipv4.ip_unprivileged_port_start=443"},
		{"darwin", "sudo"},
	} {
		if got := howToPermit("en", test.system, standKey{"udp", 443}); !strings.Contains(got, test.want) {
			t.Errorf("%s: %s", test.system, got)
		}
	}
	if got := howToPermit("en", "linux", standKey{"tcp", 8080}); strings.Contains(got, "1024") {
		t.Errorf("a port that needs no right: %s", got)
	}
}

// What a rule lets in for one program it lets in for no other, which matters
// where rules are made so.
func TestStandNotes(t *testing.T) {
	seen := &standing{a: &standingIn{}, Ports: []*standPort{{State: portReached}}}
	if got := strings.Join((&streams{}).notes(seen, "windows"), " "); !strings.Contains(got, "the service's own rule is not proven") {
		t.Error(got)
	}
	if got := strings.Join((&streams{}).notes(seen, "linux"), " "); strings.Contains(got, "rule") {
		t.Error(got)
	}
}

// Every role of the products that netcheck knows has its ports, whatever is
// chosen and whatever is not known yet of the shop.
func TestStandinOfEveryRole(t *testing.T) {
	want := map[string]string{
		"local-server store-server":                "tcp 80,8000-8005 udp 57854",
		"local-server device":                      "tcp 8081 udp 57854",
		"pos-firewall pos-client direct":           "tcp 8080",
		"pos-firewall pos-client reverse-proxy":    "tcp 8080",
		"pos-firewall pos-client tunnel":           "tcp 8080",
		"pos-firewall reverse-proxy reverse-proxy": "tcp 8443",
		"passcom mx-server":                        "tcp 9000",
	}
	for _, id := range profiles.Builtin() {
		p, err := profiles.OpenBuiltin(id, kinds())
		if err != nil {
			t.Fatal(err)
		}
		methods := []string{""}
		if id == "pos-firewall" {
			methods = []string{"direct", "reverse-proxy", "tunnel"}
		}
		for _, r := range p.Roles {
			for _, m := range methods {
				name := strings.TrimSpace(id + " " + r.ID + " " + m)
				if got := portsOf(t, p, r.ID, m); got != want[name] {
					t.Errorf("%s: %q, not %q", name, got, want[name])
				}
			}
		}
	}
}

// portsOf are the ports of a role with the examples of what must be given.
func portsOf(t *testing.T, p *profiles.Profile, role, method string) string {
	values := profiles.Values{}
	give := func(name, v string) { values[name] = profiles.Given{Value: v, From: profiles.FromFlag} }
	if method != "" {
		give("method", method)
	}
	for {
		b, err := p.BindPorts(values, role, profiles.Serving{Kinds: checks.LocalKinds(), Fields: checks.PortFields()})
		missing, ok := errors.AsType[*profiles.MissingError](err)
		if !ok && err != nil {
			t.Fatal(err)
		}
		if !ok {
			found := served{}
			for _, c := range b.Checks {
				if c.Applies {
					proto, ports := checks.Served(c.Body)
					found.add(proto, ports, c.ID)
				}
			}
			var rows []string
			for _, r := range (&streams{}).rowsOf(found.list()) {
				rows = append(rows, r.name())
			}
			return strings.Join(rows, " ")
		}
		for _, q := range missing.Params {
			give(q.Name, cmp.Or(q.Example, "yes"))
		}
	}
}

func TestRowsFold(t *testing.T) {
	var ports []*standPort
	for n := range uint16(5) {
		ports = append(ports, &standPort{Proto: "tcp", Port: 8000 + n, State: portWaiting})
	}
	ports[2].State, ports[2].Holders = portInUse, []holder{
		{PID: 4, Name: "System"},
		{PID: 4120, Name: "Service.exe", URLs: []string{"HTTP://+:8002/TILL/"}},
	}
	var got []string
	for _, r := range (&streams{}).rowsOf(ports) {
		got = append(got, r.name()+": "+r.text)
	}
	want := "tcp 8000-8001,8003-8004: not reached yet\n" +
		"tcp 8002: in use by System (process 4), Service.exe (process 4120), which serves HTTP://+:8002/TILL/"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
}
