// Package talk asks one question in one protocol and returns what was said: a
// DNS query, a ClientHello, a greeting. Kinds and follow-ups share it. It knows
// no profile and no verdict, never speaks to anyone but the address it is
// given, and treats every byte that comes back as hostile: reads are bounded,
// lengths are not believed, and text is made harmless before it is returned.
package talk

import (
	"context"
	"net"
	"sync"
	"time"
)

// longAgo is a deadline that ends every read and write under way.
var longAgo = time.Unix(1, 0)

// bound makes conn's reads and writes end with ctx: at its deadline, and at
// once when it is cancelled. The caller calls release when it is done with
// conn, or hands conn on.
func bound(ctx context.Context, conn net.Conn) (release func()) {
	if d, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(d)
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = conn.SetDeadline(longAgo)
	})
	return sync.OnceFunc(func() {
		if !stop() {
			<-done // or it would end what conn is used for next
		}
		_ = conn.SetDeadline(time.Time{})
	})
}
