package checks

import (
	"net"
	"net/netip"
	"testing"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
)

// A run's own stand-in is nobody's service: who lists sockets does not see it,
// who connects waits until it has left, and its port is free at once.
func TestStandinIsNoService(t *testing.T) {
	tr := trace(&engine.Env{})
	s := standinsOf(t.Context(), tr)
	on := netip.MustParseAddr("127.0.0.1")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := netip.MustParseAddrPort(l.Addr().String()).Port()
	always := func([]machine.Socket, error) bool { return true }
	if _, _, p, err := s.look(t.Context(), "tcp", port, on, always); p != nil || err == nil {
		t.Fatal("a port that is taken was taken over")
	}
	l.Close()
	_, _, first, err := s.look(t.Context(), "tcp", port, on, always)
	if err != nil {
		t.Fatal(err)
	}
	found, _, second, err := s.look(t.Context(), "tcp", port, on, always)
	if err != nil || second != first || len(found) > 0 {
		t.Fatalf("the second user got %v and saw %v (%v)", second, found, err)
	}
	if found, err := s.sockets("tcp", []uint16{port}); err != nil || len(found) > 0 {
		t.Errorf("%v (%v) is taken for a service", found, err)
	}
	s.leave(first)
	waited := make(chan struct{})
	go func() {
		s.await(t.Context(), "tcp", on, []uint16{port})
		close(waited)
	}()
	select {
	case <-waited:
		t.Error("who connects did not wait while it is in use")
	default:
	}
	s.leave(second)
	<-waited
	l, err = net.Listen("tcp", l.Addr().String())
	if err != nil {
		t.Fatalf("the port is not free at once: %v", err)
	}
	l.Close()
}
