package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/checktest"
	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

func span(first, last int) []uint16 {
	var ps []uint16
	for p := first; p <= last; p++ {
		ps = append(ps, uint16(p))
	}
	return ps
}

func TestSampleOf(t *testing.T) {
	for name, c := range map[string]struct {
		ports, prefer []uint16
		n             int
		want          []uint16
	}{
		"all":                         {span(1, 4), nil, 9, []uint16{1, 2, 3, 4}},
		"as many as there are":        {span(1, 4), nil, 4, []uint16{1, 2, 3, 4}},
		"both ends":                   {span(9000, 9999), nil, 2, []uint16{9000, 9999}},
		"an even spread":              {span(9000, 9999), nil, 4, []uint16{9000, 9333, 9666, 9999}},
		"the preferred in it":         {span(9000, 9999), []uint16{9123}, 4, []uint16{9000, 9123, 9499, 9999}},
		"more preferred than asked":   {span(1, 100), []uint16{10, 20, 30}, 2, []uint16{1, 10, 20, 30, 100}},
		"preferred, not of the ports": {span(1, 100), []uint16{500}, 2, []uint16{1, 100}},
		"in another order":            {[]uint16{9, 1, 5}, nil, 2, []uint16{1, 9}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, sampleOf(c.ports, c.prefer, c.n)); d != "" {
				t.Error(d)
			}
		})
	}
	t.Run("of a thousand, 32", func(t *testing.T) {
		if got := sampleOf(span(9000, 9999), []uint16{9321}, 32); len(got) != 32 {
			t.Errorf("%d ports: %v", len(got), got)
		}
	})
}

// Halving finds every border of a range with a few questions.
func TestBorders(t *testing.T) {
	all := span(9000, 9999)
	state := func(p uint16) result.State {
		if p < 9417 || p >= 9800 {
			return result.Open
		}
		return result.Filtered
	}
	ask := func(ports []uint16) (got []dial.Port) {
		for _, p := range ports {
			got = append(got, dial.Port{Port: p, State: state(p)})
		}
		return got
	}
	asked := ask(sampleOf(all, nil, 32))
	rounds := 0
	for next := borders(all, asked); len(next) > 0; next = borders(all, asked) {
		asked = append(asked, ask(next)...)
		slices.SortFunc(asked, func(a, b dial.Port) int { return int(a.Port) - int(b.Port) })
		if rounds++; rounds > 10 {
			t.Fatal("no end")
		}
	}
	for _, border := range []uint16{9417, 9800} {
		for _, p := range []uint16{border - 1, border} {
			if !slices.ContainsFunc(asked, func(q dial.Port) bool { return q.Port == p }) {
				t.Errorf("%d, at a border, was not asked", p)
			}
		}
	}
	if len(asked) > 32+2*5 {
		t.Errorf("%d ports asked", len(asked))
	}
}

func TestFold(t *testing.T) {
	icmp := &result.ICMP{From: "192.0.2.1", Type: 3, Code: 13}
	ports := []dial.Port{
		{Port: 9003, State: result.Open, RTT: 7},
		{Port: 9001, State: result.Open, RTT: 9},
		{Port: 9000, State: result.Open},
		{Port: 9005, State: result.Filtered, Code: result.FailConnectTimeout, Evidence: result.Evidence{Attempts: 5}},
		{Port: 9004, State: result.Filtered, Code: result.FailConnectTimeout, Evidence: result.Evidence{Attempts: 6}},
		{Port: 9006, State: result.Rejected, Code: result.FailProhibited, Evidence: result.Evidence{ICMP: icmp}},
		{Port: 9007, State: result.Rejected, Code: result.FailProhibited, Inferred: true},
	}
	var got []string
	for _, r := range fold("shop.test", "192.0.2.9", ports) {
		got = append(got, fmt.Sprintf("%s %s %s %v %d", r.Ports, r.State, r.Failure, r.Inferred, r.RTT))
		if r.Host != "shop.test" || r.Address != "192.0.2.9" || r.Proto != "tcp" {
			t.Errorf("%+v", r)
		}
	}
	want := []string{
		"9000-9001,9003 open  false 7",
		"9004-9005 filtered connect-timeout false 0",
		"9006 rejected prohibited false 0",
		"9007 rejected prohibited true 0",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A range of every port folds into few results of bounded length.
func TestFoldMany(t *testing.T) {
	ports := make([]dial.Port, 0, 65535)
	for p := 65535; p > 0; p-- {
		state := result.Open
		if p%2 == 0 {
			state = result.Closed
		}
		ports = append(ports, dial.Port{Port: uint16(p), State: state})
	}
	rs := fold("", "127.0.0.1", ports)
	if len(rs) != 2 || len(rs[0].Ports) > 6*65535 {
		t.Errorf("%d results, the first %d bytes long", len(rs), len(rs[0].Ports))
	}
}

// String is for what a failed test says.
func (m met) String() string { return [...]string{"no", "unknown", "yes"}[m] }

func TestJudgePort(t *testing.T) {
	const here = "192.0.2.9"
	from := func(a string) result.Evidence { return result.Evidence{ICMP: &result.ICMP{From: a}} }
	for name, c := range map[string]struct {
		port                  dial.Port
		near                  bool
		open, allowed, closed met // closed: where the host was not heard of otherwise
	}{
		"open":                        {dial.Port{State: result.Open}, false, yes, yes, no},
		"reset from afar":             {dial.Port{State: result.Closed, Code: result.FailRefused}, false, no, unknown, yes},
		"reset from next door":        {dial.Port{State: result.Closed, Code: result.FailRefused}, true, no, yes, yes},
		"the host's own word":         {dial.Port{State: result.Rejected, Code: result.FailRefused, Evidence: from(here)}, false, no, yes, yes},
		"a router's word":             {dial.Port{State: result.Rejected, Code: result.FailRefused, Evidence: from("192.0.2.1")}, false, no, no, yes},
		"forbidden by a router":       {dial.Port{State: result.Rejected, Code: result.FailProhibited, Evidence: from("192.0.2.1")}, false, no, no, yes},
		"forbidden by the host":       {dial.Port{State: result.Rejected, Code: result.FailProhibited, Evidence: from(here)}, false, no, no, yes},
		"silence":                     {dial.Port{State: result.Filtered, Code: result.FailConnectTimeout}, false, no, no, unknown},
		"silence next door":           {dial.Port{State: result.Filtered, Code: result.FailConnectTimeout}, true, no, no, unknown},
		"could not be asked":          {dial.Port{State: result.Unknown, Code: result.FailNoRoute}, false, no, no, unknown},
		"reset after the connect":     {dial.Port{State: result.Reset, Code: result.FailReset}, false, no, no, yes},
		"rejected, by whom is unsaid": {dial.Port{State: result.Rejected, Code: result.FailHostUnreachable}, false, no, no, unknown},
		"a router can't reach it":     {dial.Port{State: result.Rejected, Code: result.FailNetUnreachable, Evidence: from("192.0.2.1")}, false, no, no, unknown},
		"no answer to ARP":            {dial.Port{State: result.Filtered, Code: result.FailHostUnreachable, Evidence: from("192.0.2.77")}, true, no, no, unknown},
		"its own firewall refuses":    {dial.Port{State: result.Filtered, Code: result.FailProhibited, Evidence: from("192.0.2.77")}, false, no, no, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			for expect, want := range map[string]met{"open": c.open, "": c.open, "allowed": c.allowed, "closed": c.closed} {
				check := &tcpCheck{Expect: expect}
				if got := check.judgePort(c.port, addressSeen{address: netip.MustParseAddr(here), near: c.near}).met; got != want {
					t.Errorf("expect %q: %v, wanted %v", expect, got, want)
				}
			}
		})
	}
}

func TestJudge(t *testing.T) {
	port := func(n uint16, s result.State) dial.Port { return dial.Port{Port: n, State: s} }
	at := func(a string, ps ...dial.Port) addressSeen {
		return addressSeen{address: netip.MustParseAddr(a), ports: ps, err: errors.New(a)}
	}
	host := func(as ...addressSeen) hostSeen { return hostSeen{addresses: as} }
	const first, second = "192.0.2.1", "192.0.2.2"
	heard := func(a addressSeen) addressSeen { a.heard = true; return a }
	open80, closed80, silent80 := port(80, result.Open), port(80, result.Closed), port(80, result.Filtered)
	open81, closed81, silent81 := port(81, result.Open), port(81, result.Closed), port(81, result.Filtered)
	for name, c := range map[string]struct {
		expect, match string
		seen          []hostSeen
		want          met
		detail        string
	}{
		"all open":                                {"", "", []hostSeen{host(at(first, open80, open81))}, yes, ""},
		"one closed":                              {"", "", []hostSeen{host(at(first, open80, closed81))}, no, ""},
		"one closed, any will do":                 {"", "any", []hostSeen{host(at(first, open80, closed81))}, yes, ""},
		"a second address makes up for it":        {"", "", []hostSeen{host(at(first, closed80, closed81), at(second, open80, open81))}, yes, ""},
		"the addresses share the ports":           {"", "", []hostSeen{host(at(first, closed80, open81), at(second, open80, closed81))}, yes, ""},
		"no address has one of them":              {"", "", []hostSeen{host(at(first, open80, closed81), at(second, open80, closed81))}, no, ""},
		"closed is to be closed everywhere":       {"closed", "", []hostSeen{host(at(first, closed80, closed81), at(second, open80, closed81))}, no, ""},
		"closed everywhere":                       {"closed", "", []hostSeen{host(at(first, closed80, closed81))}, yes, ""},
		"silent, of a host that was heard":        {"closed", "", []hostSeen{host(heard(at(first, closed80, silent81)))}, yes, ""},
		"silent, of a host that may be off":       {"closed", "", []hostSeen{host(at(first, silent80, silent81))}, unknown, "silence: the port may be closed, or the host may be off"},
		"allowed, but refused from afar":          {"allowed", "", []hostSeen{host(at(first, open80, closed81))}, unknown, "refused, by the destination or on the way"},
		"allowed, any will do":                    {"allowed", "any", []hostSeen{host(at(first, open80, silent81))}, yes, ""},
		"allowed, all refused":                    {"allowed", "any", []hostSeen{host(at(first, closed80, silent81))}, unknown, "refused, by the destination or on the way"},
		"a silent one is worse than a doubt":      {"allowed", "", []hostSeen{host(at(first, closed80, silent81))}, no, ""},
		"a sample says so":                        {"", "", []hostSeen{host(at(first, open80))}, yes, "1 of 2 ports asked"},
		"a sample with a doubt":                   {"allowed", "", []hostSeen{host(at(first, closed80))}, unknown, "refused, by the destination or on the way; 1 of 2 ports asked"},
		"a host without address":                  {"", "", []hostSeen{host(at(first, open80, open81)), {err: errors.New("nxdomain")}}, no, ""},
		"a host without address, any will do":     {"", "any", []hostSeen{{err: errors.New("nxdomain")}, host(at(first, open80, open81))}, yes, ""},
		"a host without address, expected closed": {"closed", "", []hostSeen{{err: errors.New("nxdomain")}}, unknown, "the host has no address that could be asked"},
	} {
		t.Run(name, func(t *testing.T) {
			check := &tcpCheck{Expect: c.expect, Match: c.match, ports: ports{Port: value.Ports{{First: 80, Last: 81}}}}
			got := check.judge(c.seen)
			if got.met != c.want || got.detail != c.detail {
				t.Errorf("%v %q, wanted %v %q", got.met, got.detail, c.want, c.detail)
			}
			if got.met == no && got.err == nil {
				t.Error("a failure without its error")
			}
		})
	}
}

func TestDominant(t *testing.T) {
	ports := func(fs ...result.Failure) (ps []dial.Port) {
		for _, f := range fs {
			ps = append(ps, dial.Port{Code: f})
		}
		return ps
	}
	for name, c := range map[string]struct {
		ports []dial.Port
		want  result.Failure
	}{
		"none":     {ports("", ""), result.FailExpectation},
		"the most": {ports("", result.FailRefused, result.FailConnectTimeout, result.FailRefused), result.FailRefused},
		"even":     {ports(result.FailRefused, result.FailConnectTimeout), result.FailConnectTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dominant(c.ports); got != c.want {
				t.Errorf("%s, wanted %s", got, c.want)
			}
		})
	}
}

// A check that had its answer when the run ended passes; one that had not hands
// in what it has.
func TestRunsEnd(t *testing.T) {
	for match, wanted := range map[string]error{"any": nil, "all": context.Canceled} {
		t.Run(match, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build("serve $open\ndrop $silent")
			w.Env.Network = dial.New(dial.Options{})
			check := &tcpCheck{Match: match, hosts: hosts{Host: []value.Host{"127.0.0.1"}}}
			for _, name := range []string{"$open", "$silent"} {
				p, err := value.ParsePorts(w.Expand(name))
				if err != nil {
					t.Fatal(err)
				}
				check.Port = append(check.Port, p...)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer time.AfterFunc(300*time.Millisecond, cancel).Stop() // long after the open one answered, long before silence is believed
			out, err := check.Probe(ctx, &engine.Trace{Env: w.Env})
			if !errors.Is(err, wanted) {
				t.Errorf("%v, wanted %v", err, wanted)
			}
			var got []string
			for _, r := range out.Results {
				got = append(got, fmt.Sprintf("%s %s", r.State, r.Failure))
			}
			slices.Sort(got)
			if d := cmp.Diff([]string{"open ", "unknown canceled"}, got); d != "" {
				t.Error(d)
			}
		})
	}
}
