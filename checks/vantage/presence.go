package vantage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"

	"netcheck/checks/standin"
	"netcheck/checks/talk"
)

// Presence is what whoever answers in the helper's name shows of itself.
type Presence struct {
	Genuine  bool          // it is the helper: it answered the challenge
	Status   int           // of its answer
	Location string        // where it sends, without what may be secret in it
	Ahead    time.Duration // of its clock before ours, to the second
	Dated    bool          // it said what time it is
}

// Present asks the helper to show that it is there: a login page that answers
// in everybody's name does not know what to say to a challenge.
func (c *client) Present(ctx context.Context) (Presence, error) {
	challenge := standin.NewNonce()
	a, err := c.o.fetch(ctx, c.at, http.MethodGet, Portal, http.Header{Header: {Version}, HeaderChallenge: {challenge}}, nil)
	if err != nil {
		return Presence{}, err
	}
	sum := sha256.Sum256([]byte(challenge))
	p := Presence{Status: a.status}
	p.Genuine = a.status == http.StatusNoContent && a.header.Get(HeaderResponse) == hex.EncodeToString(sum[:])
	if to, err := url.Parse(a.header.Get("Location")); err == nil && to.Host != "" {
		p.Location = talk.Clean((&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String(), 300)
	}
	if date := a.date(); !date.IsZero() {
		// The header has whole seconds.
		p.Ahead, p.Dated = date.Add(500*time.Millisecond+a.took/2).Sub(a.came).Round(time.Second), true
	}
	return p, nil
}
