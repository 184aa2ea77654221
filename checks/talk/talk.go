// Package talk asks one question in one protocol and returns what was said: a
// DNS query, a ClientHello, a greeting. Kinds and follow-ups share it. It knows
// no profile and no verdict, never speaks to anyone but the address it is
// given, and treats every byte that comes back as hostile: reads are bounded,
// lengths are not believed, and text is made harmless before it is returned.
package talk

import (
	"context"
	"net"
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
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(longAgo) })
	return func() {
		if stop() {
			_ = conn.SetDeadline(time.Time{})
		}
	}
}
