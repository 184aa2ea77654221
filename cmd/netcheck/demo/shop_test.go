package demo

import (
	"fmt"
	"net"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A shop opens where the ports that it likes best are taken, too, and closes
// so that nothing of it is left.
func TestTwoShops(t *testing.T) {
	first, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	second, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, param := range []string{"cloud_port", "stock_port", "server_port", "live_ports"} {
		if a, b := first.Values()[param], second.Values()[param]; a == b {
			t.Errorf("both shops have %s for %s", a, param)
		}
	}
	cloud := second.Values()["cloud_port"]
	for _, s := range []*Shop{first, second} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%s", loopback, cloud))
	if err != nil {
		t.Fatalf("the port is still taken: %v", err)
	}
	l.Close()
}
