package vantage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// client asks a netcheck vantage.
type client struct {
	at Server
	o  Options
}

func open(u *url.URL, o Options) (Helper, error) {
	at, err := serverOf(u)
	if err != nil {
		return nil, err
	}
	return &client{at, o}, nil
}

func (c *client) Discloses() string {
	if c.at.clear() {
		return "vantage.discloses.clear"
	}
	return "vantage.discloses"
}

func (c *client) Where(ctx context.Context) (Reply, error) {
	return c.ask(ctx, http.MethodGet, Address, Request{})
}

func (c *client) Call(ctx context.Context, r Request) (Reply, error) {
	return c.ask(ctx, http.MethodPost, Reach, r)
}

// ask is one exchange with the helper.
func (c *client) ask(ctx context.Context, method, path string, r Request) (Reply, error) {
	reply, err := c.exchange(ctx, method, path, r)
	return withhold(c.o.Token, reply, err)
}

func (c *client) exchange(ctx context.Context, method, path string, r Request) (Reply, error) {
	header := http.Header{Header: {Version}}
	if c.o.Token != "" {
		if c.at.clear() {
			return Reply{}, errClearToken
		}
		header.Set(HeaderToken, "Bearer "+c.o.Token)
	}
	var body []byte
	if method == http.MethodPost {
		var err error
		if body, err = json.Marshal(r); err != nil {
			return Reply{}, err
		}
		header.Set("Content-Type", "application/json")
	}
	a, err := c.o.fetch(ctx, c.at, method, path, header, body)
	if err != nil {
		return Reply{}, err
	}
	if a.status != http.StatusOK {
		return Reply{}, a.refusal()
	}
	reply, err := parseReply(a.body, r)
	if err != nil {
		return Reply{}, a.foreign(err)
	}
	if !reply.Time.IsZero() {
		reply.Ahead = reply.Time.Add(a.took / 2).Sub(a.came)
	}
	return reply, nil
}

// Server is where it is asked.
func (c *client) Server() Server { return c.at }

// errClearToken says that a token stays here.
var errClearToken = &RefusedError{Refusal: Refusal{Code: RefusedClear, Message: "a token is set, and not sent by http://, where it could be read on the way"}}

// decode reads one value, and nothing after it.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more follows")
	}
	return nil
}
