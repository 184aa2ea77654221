package server

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"netcheck/checks/vantage"
)

const (
	mostBody = 4 << 10
	// mostListed is how many ports one request may name where the helper has a
	// list: all of a product's.
	mostListed = 16
	// mostName bounds the name of a product, which goes into the log.
	mostName = 64
)

// forwarded are the headers by which a proxy says that the request is somebody
// else's: who asks is then not who is called.
var forwarded = []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip"}

// direct refuses a request that came through a proxy: whatever the header
// says, nobody but the connection's other end is ever called, and that is the
// proxy.
func direct(h http.Header) *refusal {
	for _, name := range forwarded {
		if _, ok := h[name]; ok {
			return refuse(vantage.RefusedCaller, "the request came through a proxy (it has a header %q): the helper would call the proxy", name)
		}
	}
	return nil
}

// mayAsk says whether a request can be netcheck's, and no page's in
// somebody's browser: those send an Origin, and can't send our header without
// asking before, which is never granted.
func mayAsk(r *http.Request) *refusal {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Header.Get(vantage.Header) != vantage.Version:
		return refuse(vantage.RefusedRequest, "the header %s: %s is missing", vantage.Header, vantage.Version)
	case r.Header["Origin"] != nil:
		return refuse(vantage.RefusedRequest, "a web page asks, which may not")
	case err != nil || kind != "application/json":
		return refuse(vantage.RefusedRequest, "the body must be application/json").as(http.StatusUnsupportedMediaType)
	case r.ContentLength > mostBody:
		return refuse(vantage.RefusedRequest, "the body has more than %d bytes", mostBody).as(http.StatusRequestEntityTooLarge)
	}
	return nil
}

// known says whether who asks has the helper's token, if it has one.
func (s *Server) known(h http.Header) *refusal {
	if s.o.Token == "" {
		return nil
	}
	scheme, token, _ := strings.Cut(h.Get(vantage.HeaderToken), " ")
	sum := sha256.Sum256([]byte(token)) // of one length, whatever was sent
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sum[:], s.token[:]) != 1 {
		return refuse(vantage.RefusedToken, "the helper wants a token, and this is not it")
	}
	return nil
}

// read takes the request off the connection.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (vantage.Request, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return vantage.Request{}, refuse(vantage.RefusedRequest, "the body has more than %d bytes", mostBody).as(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return vantage.Request{}, refuse(vantage.RefusedRequest, "the body could not be read").as(http.StatusRequestTimeout)
	}
	q, err := decode(body)
	if err != nil {
		return vantage.Request{}, refuse(vantage.RefusedRequest, "%v", err)
	}
	return q, s.allowed(q)
}

// decode reads a request and knows nothing else: a field of a newer netcheck
// may change what is asked.
func decode(body []byte) (vantage.Request, error) {
	var q vantage.Request
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		return vantage.Request{}, errors.New("the body is no request of this version")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return vantage.Request{}, errors.New("something follows the request")
	}
	switch q.Proto {
	case "":
		q.Proto = "tcp"
	case "tcp", "udp":
	default:
		return vantage.Request{}, errors.New("proto is neither tcp nor udp")
	}
	if len(q.Ports) == 0 {
		return vantage.Request{}, errors.New("no port is named")
	}
	for i, p := range q.Ports {
		if p == 0 || slices.Contains(q.Ports[:i], p) {
			return vantage.Request{}, errors.New("a port is 0, or named twice")
		}
	}
	if len(q.Profile) > mostName || strings.ContainsFunc(q.Profile, func(c rune) bool { return !strings.ContainsRune(nameLetters, c) }) {
		return vantage.Request{}, errors.New("the profile is not named by its id")
	}
	return q, nil
}

// nameLetters are those of a profile's id.
const nameLetters = "abcdefghijklmnopqrstuvwxyz0123456789-"

// allowed holds the ports against the helper's list.
func (s *Server) allowed(q vantage.Request) *refusal {
	most := vantage.MaxPorts
	if len(s.ports) > 0 {
		most = mostListed
		for _, p := range q.Ports {
			if _, ok := slices.BinarySearch(s.ports, p); !ok {
				return refuse(vantage.RefusedPorts, "port %d is not on the helper's list", p)
			}
		}
	}
	if len(q.Ports) > most {
		return refuse(vantage.RefusedPorts, "%d ports are asked for, and the helper calls no more than %d a request", len(q.Ports), most)
	}
	return nil
}

// reachable refuses the helper's own ports at its own addresses, which only a
// laboratory's helper calls: it would talk to itself.
func (s *Server) reachable(p *peer, q vantage.Request) *refusal {
	if a := p.caller.Address; a != p.local.Addr() && !s.own.has(a) {
		return nil
	}
	for _, port := range q.Ports {
		if s.own.port(port) {
			return refuse(vantage.RefusedPorts, "port %d is the helper's own", port)
		}
	}
	return nil
}
