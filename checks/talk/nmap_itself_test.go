package talk

import (
	"net"
	"slices"
	"strings"
	"testing"

	"netcheck/report/result"
)

// The real program, as any user and, where this one may, by its own packets.
func TestNmapItself(t *testing.T) {
	n := found(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := func(l net.Listener) uint16 { return uint16(l.Addr().(*net.TCPAddr).Port) }
	shut := port(closed)
	closed.Close()
	for _, raw := range []bool{false, true} {
		if raw && !n.Raw {
			continue
		}
		me := &Nmap{Path: n.Path, Version: n.Version, Raw: raw, slots: n.slots}
		a, err := me.Ask(t.Context(), NmapQuestion{Host: here, TCP: []uint16{port(l), shut}}, nil)
		if err != nil || len(a.Ports) != 2 || a.Raw != raw {
			t.Fatalf("raw %v: %+v, %v", raw, a, err)
		}
		slices.SortFunc(a.Ports, func(x, y NmapPort) int { return strings.Compare(y.State, x.State) })
		for i, want := range []result.State{result.Open, result.Closed} {
			state, _, ev := a.Ports[i].Seen()
			if state != want || raw != (ev.AnswerTTL == 64) {
				t.Errorf("raw %v: %s, %+v", raw, state, ev)
			}
		}
	}
}

// It says how far it is while it waits for what is silent: not so if it thinks
// that nobody is there to see it.
func TestNmapItselfTells(t *testing.T) {
	n := found(t)
	if !n.Raw {
		t.Skip("takes a right to make packets")
	}
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	told := 0
	port := uint16(silent.LocalAddr().(*net.UDPAddr).Port)
	if _, err := n.Ask(t.Context(), NmapQuestion{Host: here, UDP: []uint16{port}}, func(float64) { told++ }); err != nil || told == 0 {
		t.Errorf("told %d times, %v", told, err)
	}
}
