package vantage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"netcheck/checks/talk"
	"netcheck/report/result"
)

// echoip asks a service that speaks as github.com/mpolden/echoip does, which
// is somebody else's: GET /json for the address that it sees, and GET /port/N
// to be called back. It says of a port whether it connected and no more: not
// why it did not, and nothing of who answered. Only whoever asks is called.
type echoip struct {
	at Server
	o  Options
}

func openEchoip(u *url.URL, o Options) (Helper, error) {
	at, err := serviceOf(u, "echoip+")
	if err != nil {
		return nil, err
	}
	o.Token = "" // which is another helper's
	return &echoip{at, o}, nil
}

// serviceOf reads the address of somebody else's service behind the prefix of
// its scheme. What it says has no proof in it, so it is asked where nobody on
// the way can say it instead.
func serviceOf(u *url.URL, prefix string) (Server, error) {
	inner := *u
	inner.Scheme = strings.TrimPrefix(strings.ToLower(u.Scheme), prefix)
	at, err := serverOf(&inner)
	if err == nil && at.clear() {
		return at, fmt.Errorf("%shttp:// is for this machine's own network: on the way to %s the answer could be changed; write %[1]shttps://", prefix, talk.Clean(at.Host, 100))
	}
	return at, err
}

func (e *echoip) Discloses() string { return "vantage.discloses.echoip" }

func (e *echoip) Where(ctx context.Context) (Reply, error) {
	var said struct {
		IP netip.Addr `json:"ip"`
	}
	a, err := e.o.fetch(ctx, e.at, http.MethodGet, "/json", http.Header{}, nil)
	if err != nil {
		return Reply{}, err
	}
	if a.status != http.StatusOK {
		return Reply{}, a.declined("")
	}
	if err := decode(a.body, &said); err != nil {
		return Reply{}, a.foreign(fmt.Errorf("what it says can't be read: %w", err))
	}
	if !plain(said.IP) {
		return Reply{}, a.foreign(errors.New("it does not say whom it sees asking"))
	}
	return Reply{Caller: Caller{Address: said.IP.Unmap()}, Time: a.date()}, nil
}

// Call asks port by port: it knows no other way. What the request wants beyond
// a connect is beyond this service.
func (e *echoip) Call(ctx context.Context, r Request) (Reply, error) {
	if err := tcpAlone(r); err != nil {
		return Reply{}, err
	}
	var reply Reply
	for _, port := range r.Ports {
		a, err := e.o.fetch(ctx, e.at, http.MethodGet, "/port/"+strconv.Itoa(int(port)), http.Header{}, nil)
		if err != nil {
			return Reply{}, err
		}
		if a.status == http.StatusNotFound {
			return Reply{}, a.declined("it tells addresses, and tests no ports")
		}
		if a.status != http.StatusOK {
			return Reply{}, a.declined("")
		}
		caller, state, err := parseEchoip(a.body, port)
		if err != nil {
			return Reply{}, a.foreign(err)
		}
		if seen := reply.Caller.Address; seen.IsValid() && seen != caller {
			return Reply{}, a.foreign(fmt.Errorf("it called %s, and then %s", seen, caller))
		}
		reply.Caller.Address, reply.Time = caller, a.date()
		reply.Ports = append(reply.Ports, Port{Port: port, State: state, Unreached: state == result.Unknown})
	}
	return reply, nil
}

// parseEchoip reads what it says of one port, and whom it called.
func parseEchoip(body []byte, port uint16) (netip.Addr, result.State, error) {
	var said struct {
		IP        netip.Addr `json:"ip"`
		Port      uint16     `json:"port"`
		Reachable *bool      `json:"reachable"`
	}
	if err := decode(body, &said); err != nil {
		return netip.Addr{}, "", fmt.Errorf("what it says can't be read: %w", err)
	}
	switch {
	case !plain(said.IP):
		return netip.Addr{}, "", errors.New("it does not say whom it called")
	case said.Port != port:
		return netip.Addr{}, "", errors.New("it tells of a port that it was not asked about")
	case said.Reachable == nil:
		return netip.Addr{}, "", errors.New("it does not say whether it connected")
	case *said.Reachable:
		return said.IP.Unmap(), result.Open, nil
	}
	return said.IP.Unmap(), result.Unknown, nil // a refusal and silence are one to it
}

// plain tells whether an address is one that the internet knows by itself.
func plain(a netip.Addr) bool { return a.IsValid() && a.Zone() == "" }

// tcpAlone refuses in the name of a service what it has no words for.
func tcpAlone(r Request) error {
	switch {
	case r.Proto == "udp":
		return &RefusedError{Refusal: Refusal{Code: RefusedRequest, Message: "it calls by TCP alone"}}
	case len(r.Ports) == 0 || len(r.Ports) > MaxPorts:
		return &RefusedError{Refusal: Refusal{Code: RefusedPorts, Message: fmt.Sprintf("it is asked about 1 to %d ports at once", MaxPorts)}}
	}
	return nil
}
