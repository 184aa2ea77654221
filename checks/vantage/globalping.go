package vantage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// globalping asks the public service of that name (github.com/jsdelivr/globalping)
// for a "TCP ping": machines of volunteers and hosters connect to the address and
// port that they are told. It sees nobody's address, so it must be told whom to
// call, and only an address that is this line's own may be named.
type globalping struct {
	at    Server
	o     Options
	every time.Duration // between two looks for the result, as its documentation asks
}

const (
	// GlobalpingToken is where its token is looked for, if one is to raise its
	// limits: never where another helper's is, which is not for its eyes.
	GlobalpingToken = "NETCHECK_GLOBALPING_TOKEN"

	globalpingHost = "api.globalping.io"
	// globalpingProbes is how many machines try: one may be behind a filter of
	// its own, and of three two that say the same outvote it.
	globalpingProbes = 3
	// globalpingLooks bounds the waiting: 30 seconds and what the answers take.
	globalpingLooks = 60
)

func openGlobalping(u *url.URL, o Options) (Helper, error) {
	g := &globalping{at: Server{Host: globalpingHost, Port: 443, Secure: true}, o: o, every: 500 * time.Millisecond}
	if u.Scheme == "globalping" {
		if u.Opaque != "" || u.Host != "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return nil, errors.New("globalping: stands alone; another address of its API is written globalping+https://HOST")
		}
		return g, nil
	}
	var err error
	g.at, err = serviceOf(u, "globalping+")
	return g, err
}

func (g *globalping) Discloses() string { return "vantage.discloses.globalping" }

// ErrNoAddress says that a service does not tell whom it sees.
var ErrNoAddress = &RefusedError{Refusal: Refusal{Code: RefusedRequest, Message: "it does not tell the address that it sees"}}

func (g *globalping) Where(context.Context) (Reply, error) { return Reply{}, ErrNoAddress }

// measurement is what Globalping is asked.
type measurement struct {
	Type    string             `json:"type"`
	Target  string             `json:"target"`
	Limit   int                `json:"limit"`
	Options measurementOptions `json:"measurementOptions"`
}

type measurementOptions struct {
	Protocol string `json:"protocol"`
	Port     uint16 `json:"port"`
	Packets  int    `json:"packets"` // connects by each machine, whose system repeats what is lost
}

// Call has the request's target called. The caller in the reply is nobody:
// Globalping does not say whom it sees.
func (g *globalping) Call(ctx context.Context, r Request) (Reply, error) {
	reply, err := g.measure(ctx, r)
	return withhold(g.o.Token, reply, err)
}

func (g *globalping) measure(ctx context.Context, r Request) (Reply, error) {
	if err := tcpAlone(r); err != nil {
		return Reply{}, err
	}
	if !plain(r.Target) {
		return Reply{}, &RefusedError{Refusal: Refusal{Code: RefusedCaller, Message: "it must be told whom to call, and this line's public address is not known"}}
	}
	var reply Reply
	for _, port := range r.Ports {
		id, err := g.order(ctx, measurement{
			Type: "ping", Target: r.Target.Unmap().String(), Limit: globalpingProbes,
			Options: measurementOptions{Protocol: "TCP", Port: port, Packets: 1},
		})
		if err != nil {
			return Reply{}, err
		}
		p, at, err := g.await(ctx, id, r.Target.Unmap())
		if err != nil {
			return Reply{}, err
		}
		p.Port = port
		reply.Time, reply.Ports = at, append(reply.Ports, p)
	}
	return reply, nil
}

func (g *globalping) header() http.Header {
	h := http.Header{}
	if g.o.Token != "" {
		h.Set(HeaderToken, "Bearer "+g.o.Token)
	}
	return h
}

// measurementID is what an id looks like: it becomes a part of a path.
var measurementID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// order starts a measurement and returns its id.
func (g *globalping) order(ctx context.Context, m measurement) (string, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	h := g.header()
	h.Set("Content-Type", "application/json")
	a, err := g.o.fetch(ctx, g.at, http.MethodPost, "/v1/measurements", h, body)
	if err != nil {
		return "", err
	}
	if a.status != http.StatusAccepted {
		return "", a.declined(globalpingError(a.body))
	}
	var said struct {
		ID string `json:"id"`
	}
	if err := decode(a.body, &said); err != nil || !measurementID.MatchString(said.ID) {
		return "", a.foreign(errors.New("it does not say under what id it measures"))
	}
	return said.ID, nil
}

// globalpingError is what it says of a request that it does not take.
func globalpingError(body []byte) string {
	var said struct {
		Error struct {
			Message string            `json:"message"`
			Params  map[string]string `json:"params"`
		} `json:"error"`
	}
	if err := decode(body, &said); err != nil {
		return ""
	}
	if why, ok := said.Error.Params["target"]; ok {
		return why
	}
	return said.Error.Message
}

// await looks for the result until it is whole.
func (g *globalping) await(ctx context.Context, id string, target netip.Addr) (Port, time.Time, error) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	for range globalpingLooks {
		pause.Reset(g.every)
		select {
		case <-ctx.Done():
			return Port{}, time.Time{}, ctx.Err()
		case <-pause.C:
		}
		a, err := g.o.fetch(ctx, g.at, http.MethodGet, "/v1/measurements/"+id, g.header(), nil)
		if err != nil {
			return Port{}, time.Time{}, err
		}
		if a.status != http.StatusOK {
			return Port{}, time.Time{}, a.declined(globalpingError(a.body))
		}
		p, done, err := parseMeasurement(a.body, target)
		if err != nil {
			return Port{}, time.Time{}, a.foreign(err)
		}
		if done {
			return p, a.date(), nil
		}
	}
	return Port{}, time.Time{}, &RefusedError{Refusal: Refusal{Code: RefusedBusy, Message: "it did not come to an end with the measurement"}}
}

// TokenVariableOf is where the token for the helper at an address is looked for;
// "" where none is ever sent.
func TokenVariableOf(address string) string {
	scheme, _, _ := strings.Cut(strings.ToLower(address), ":")
	switch name, _, _ := strings.Cut(scheme, "+"); name {
	case "globalping":
		return GlobalpingToken
	case "echoip":
		return ""
	}
	return TokenVariable
}
