package machine

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
)

// A connection that stands is seen by its other end's address and port.
func TestConnections(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := netip.MustParseAddrPort(l.Addr().String())
	before, err := Connections()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system does not show its connections")
	}
	if err != nil || slices.ContainsFunc(before, func(c Connection) bool { return c.Local == at }) {
		t.Fatalf("%v %v before anybody called", before, err)
	}
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	from := netip.MustParseAddrPort(c.LocalAddr().String())
	got, err := Connections()
	if err != nil || !slices.Contains(got, Connection{Local: at, Remote: from}) {
		t.Errorf("%v %v, wanted one from %s", got, err, from)
	}
}
