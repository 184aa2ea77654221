package checks

import (
	"net/netip"
	"testing"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// TestOriginTurns: a run's controls are few, and go where they tell most.
func TestOriginTurns(t *testing.T) {
	to := func(host byte, port uint16) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, host}), port)
	}
	all := &origins{ways: map[netip.AddrPort]bool{}, ports: map[uint16]bool{}, others: map[netip.Addr]bool{}}
	for _, c := range []struct {
		name       string
		to         netip.AddrPort
		way, other bool
	}{
		{"first", to(1, 443), true, true},
		{"again", to(1, 443), false, false},
		{"another host", to(2, 443), true, true},
		{"a third of the same port", to(3, 443), false, true},
		{"another port", to(3, 25), true, false},
		{"and another", to(1, 8080), true, false},
		{"enough", to(1, 8081), false, false},
	} {
		if way, other := all.turn(c.to); way != c.way || other != c.other {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, way, other, c.way, c.other)
		}
	}
	all.giveBack(to(1, 8080), true, false)
	if way, _ := all.turn(to(1, 8080)); !way {
		t.Error("what was given back is not to be had again")
	}
	all.refused()
	if _, other := all.turn(to(9, 443)); other {
		t.Error("random ports are asked of a network that refuses them all")
	}
}

func TestOpenIn(t *testing.T) {
	ports := []dial.Port{{Port: 1, State: result.Open, RTT: 5}, {Port: 2, State: result.Closed}}
	for port, want := range map[uint16]bool{1: true, 2: false, 3: false} {
		if open := openIn(ports, port); open != want {
			t.Errorf("port %d: %v", port, open)
		}
	}
}
