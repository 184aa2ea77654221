package talk

import (
	"context"
	"net"
	"testing"
	"time"
)

// A connection whose time was over is as good as new for what comes next: the
// end of one exchange must not reach into the other.
func TestBoundLetsGo(t *testing.T) {
	for range 2000 {
		a, b := net.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		release := bound(ctx, a)
		cancel()
		release()
		go b.Write([]byte("x"))
		if err := a.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Read(make([]byte, 1)); err != nil {
			t.Fatalf("after its bound was released: %v", err)
		}
		a.Close()
		b.Close()
	}
}
