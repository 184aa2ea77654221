package checks

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

const (
	// controlTakes is how long a proxy may take for what it can't do. One that
	// takes whatever it is asked for says so at once.
	controlTakes = time.Second
	// takesAllNote is what is known of a port that such a proxy gave a way to.
	takesAllNote = "the proxy says so of every host"
)

// nobody is a name that nobody has (RFC 6761, 6.4), and no cache knows.
func nobody() value.Host {
	return value.Host("netcheck-" + strings.ToLower(rand.Text()[:12]) + ".invalid")
}

// takesAll tells whether a proxy gives a way to that port of a host which does
// not exist, as those do that look into connections: its word on a bare connect
// is then worth nothing. It is asked once for a port.
func takesAll(ctx context.Context, t *engine.Trace, p *dial.Proxy, port uint16) bool {
	v, _, err := t.Env.Memo.Do(ctx, fmt.Sprintf("%s takes all on %d", p, port), func(ctx context.Context) (any, error) {
		limit, cancel := context.WithTimeout(ctx, min(controlTakes, cmp.Or(t.Env.Timeout, controlTakes)))
		defer cancel()
		conn, _, err := tunnel(limit, engine.NewTrace(t.Env, time.Now()), p, nobody(), port)
		if err != nil {
			return false, nil // whatever else it said
		}
		return true, conn.Close()
	})
	took, _ := v.(bool)
	return err == nil && took
}
