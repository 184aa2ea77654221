package dial

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"netcheck/report/result"
)

func TestGlance(t *testing.T) {
	open := server(t, func(c *net.TCPConn) { c.Close() })
	closed := closedPort(t)
	n := New(Options{})
	g := n.Glance(open.Addr(), Ask{Port: open.Port(), TTL: 1}, Ask{Port: open.Port()}, Ask{Port: closed.Port()})
	if g == nil {
		t.Fatal("no room for three connects")
	}
	all := func() bool { return len(g.pending) == 0 }
	g.Wait(5*time.Second, all)
	g.Ask(Ask{Port: closed.Port(), TTL: 1})
	g.Wait(5*time.Second, all)
	for _, c := range []struct {
		ask  Ask
		want result.State
	}{
		{Ask{open.Port(), 1}, result.Open},
		{Ask{open.Port(), 0}, result.Open},
		{Ask{closed.Port(), 0}, result.Closed},
		{Ask{closed.Port(), 1}, result.Closed},
	} {
		if h, ok := g.Seen(c.ask); !ok || h.State != c.want || h.TTL != c.ask.TTL {
			t.Errorf("%+v: %+v, %v, want %s", c.ask, h, ok, c.want)
		}
	}
	if _, ok := g.Seen(Ask{Port: 1}); ok {
		t.Error("it has seen what was not asked")
	}
	g.Close()
	if !n.limits.files.try(n.limits.files.size) {
		t.Error("it keeps places of the run's")
	}
}

// TestGlanceWantsNoOthersRoom looks while the run has no descriptors left.
func TestGlanceWantsNoOthersRoom(t *testing.T) {
	n := New(Options{Descriptors: glanceMost - 1})
	if g := n.Glance(netip.MustParseAddr("127.0.0.1"), Ask{Port: 1}); g != nil {
		g.Close()
		t.Error("it took room that is not there")
	}
}
