package followup

import (
	"context"
	"slices"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// greetingSSH finds out whether it is SSH that is not let through, or no SSH
// server that is there.
var greetingSSH = Followup{
	Name:  "ssh",
	Doc:   "Where an SSH server's greeting never came, or the connection was cut off at it: the same port once more, with the first word of SSH at once, and with nothing said.",
	Wants: wantsSSH,
	Look:  lookSSH,
}

// wantsSSH is where SSH was spoken and no greeting came, or where it came and
// the connection was cut at our own.
func wantsSSH(_ *Seen, c *result.Check) []result.Subject {
	if !failing(c) || c.Kind != "ssh" && c.Kind != "fresh" {
		return nil
	}
	var subjects []result.Subject
	for i := range c.Steps {
		st := &c.Steps[i]
		_, spoke := st.Facts["ssh.identified_first"]
		if st.Op == result.OpKeyExchange {
			spoke = st.Failure != result.FailTimeout
		}
		if !spoke || !slices.Contains([]result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}, st.Failure) {
			continue
		}
		if s := peer(st); s.Port > 0 && !slices.Contains(subjects, s) {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// silence is how long nothing is said: longer than whoever cuts off a
// connection at its first word takes for it, and than a server that waits for
// its client's word.
const silence = 3 * time.Second

func lookSSH(ctx context.Context, t *engine.Trace, s result.Subject) error {
	to, ok := endpoint(s)
	if !ok {
		return nil
	}
	greeted := func(variant string, quiet time.Duration) {
		ctx, cancel := context.WithTimeout(ctx, silence)
		defer cancel()
		conn, err := connectWith(ctx, t, to, dial.ConnectOptions{})
		_ = t.Span(ctx, result.OpGreeting, func(ctx context.Context, st *engine.Step) error {
			about(st, to, variant)
			st.Set("server.address", s.Host)
			if err != nil {
				return err
			}
			defer conn.Close()
			p, err := talk.GreetSSH(ctx, conn, quiet)
			st.Set("ssh.connect_ms", millis(conn.RTT))
			if p.Said {
				st.Set("ssh.after_identification_ms", millis(p.After))
			}
			if p.First != "" {
				st.Set("ssh.first_bytes", p.First)
			}
			if err != nil {
				return broken(st, conn, err)
			}
			st.Set("ssh.identification", talk.Clean(p.Version, 255))
			if err := p.Linger(ctx); err != nil {
				return broken(st, conn, err)
			}
			return nil
		})
	}
	var both sync.WaitGroup
	both.Go(func() { greeted("ssh", 0) })
	both.Go(func() { greeted("silent", 2*silence) })
	both.Wait()
	return nil
}

// millis is a time for a fact: to the microsecond.
func millis(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }
