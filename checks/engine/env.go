package engine

import (
	"context"
	"crypto/x509"
	"net/netip"
	"sync"
	"time"

	"netcheck/checks/dial"
)

// Env is what all checks of a run share.
type Env struct {
	Network   *dial.Network
	Timeout   time.Duration    // of one exchange: a connect, a handshake, a question
	Ranges    Ranges           // whether port ranges are sampled
	Roots     *x509.CertPool   // from --ca-file, trusted beside the system's; nil: none
	Public    *x509.CertPool   // the public authorities' roots; nil: those that netcheck brings along
	Resolvers []netip.AddrPort // asked in place of the system's; empty: the system's
	Reference []netip.AddrPort // a second resolver to compare answers with; empty: none
	Vantage   string           // the helper outside, from the profile or a flag; "": none
	Token     string           // for that helper, if it wants one; never shown
	Profile   string           // the product's id, for that helper's log and list of ports
	Gateways  []netip.Addr     // the next hops of this machine's default routes; empty: none is asked for anything
	Params    map[string]any   // the parameters that have a value, typed
	Answers   map[string]bool  // a person's answers to attest checks, by check id
	// Route is what the settings say of a host and port, given the proxy that
	// the check's declaration names, if any; nil: nothing.
	Route func(declared *dial.Proxy, host string, port uint16) dial.Route
	Memo  Memo // what was found once need not be asked again
}

// Ranges says how port ranges are probed.
type Ranges string

const (
	RangesAsDeclared Ranges = ""      // as the profile says
	RangesQuick      Ranges = "quick" // sampled
	RangesFull       Ranges = "full"  // whole
)

// Memo remembers the answers to questions that several checks of a run ask.
// The zero Memo is ready to use.
type Memo struct {
	mu sync.Mutex
	m  map[string]*answer
}

type answer struct {
	done  chan struct{}
	value any
	err   error
}

// Do returns f's answer to the question named by key, and whether it had been
// given before. f runs once; whoever asks meanwhile waits for it or for its
// own ctx. An answer that was cut short by its asker's ctx is not kept.
func (m *Memo) Do(ctx context.Context, key string, f func(context.Context) (any, error)) (v any, shared bool, err error) {
	for {
		m.mu.Lock()
		if m.m == nil {
			m.m = make(map[string]*answer)
		}
		a, ok := m.m[key]
		if !ok {
			a = &answer{done: make(chan struct{})}
			m.m[key] = a
			m.mu.Unlock()
			return m.ask(ctx, key, a, f)
		}
		m.mu.Unlock()
		select {
		case <-a.done:
			if a.err == errCutShort {
				continue // its asker gave up: ask ourselves
			}
			return a.value, true, a.err
		case <-ctx.Done():
			return nil, true, ctx.Err()
		}
	}
}
