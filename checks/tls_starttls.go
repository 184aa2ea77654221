package checks

import (
	"context"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// askTLS waits for the server's greeting, where the protocol has one, and asks
// for TLS, a step each: a server that is silent, one that has no TLS and a
// device that takes the wish out look different.
func (o *opening) askTLS(ctx context.Context, t *engine.Trace, a *arrival) error {
	protocol, _ := talk.StartTLSProtocol(o.first)
	wish := protocol.Wish(a.conn)
	if protocol.Greets {
		err := t.Span(ctx, result.OpGreeting, func(ctx context.Context, s *engine.Step) error {
			ctx, cancel := context.WithTimeout(ctx, patienceFor(t.Env.Timeout)) // mail servers let clients wait, to see who is rude
			defer cancel()
			o.note(s, a)
			said, err := wish.Greeting(ctx)
			if said != "" {
				s.Set("greeting", said)
			}
			if err != nil {
				return noteBroken(s, a, err)
			}
			s.Set("network.protocol.name", protocol.Name)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return t.Step(ctx, result.OpStartTLS, func(ctx context.Context, s *engine.Step) error {
		o.note(s, a)
		s.Set("starttls.protocol", protocol.Name)
		offer, err := wish.Ask(ctx)
		s.Set("starttls.listed", offer.Listed)
		if offer.Masked {
			s.Set("starttls.masked", true)
		}
		if offer.Said != "" {
			s.Set("starttls.answer", offer.Said)
		}
		if err != nil {
			return noteBroken(s, a, err)
		}
		return nil
	})
}

// noteBroken records what the system knows of a connection that ended in words.
func noteBroken(s *engine.Step, a *arrival, err error) error {
	if ev := brokenOff(a.conn, engine.Classify(err), err); ev != nil {
		s.Evidence(*ev)
		a.result.Evidence = ev
	}
	return err
}
