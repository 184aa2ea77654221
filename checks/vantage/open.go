package vantage

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Helper is one that looks from outside.
type Helper interface {
	// Where says whom it sees asking.
	Where(ctx context.Context) (Reply, error)
	// Call has the asker called back on the request's ports.
	Call(ctx context.Context, r Request) (Reply, error)
	// Discloses is the key, in the catalogue of words, of what a run tells
	// whom by asking it.
	Discloses() string
}

// Server is where a helper is asked.
type Server struct {
	Host   string
	Port   uint16
	Secure bool   // by TLS
	Pin    string // sha256:… of its public key; "": whoever this system trusts
}

func (s Server) hostPort() string { return net.JoinHostPort(s.Host, strconv.Itoa(int(s.Port))) }

// Options are what a helper's client is given.
type Options struct {
	// Dial opens a connection to a server. Where TLS is wanted it has shaken
	// hands, offering HTTP/1.1 alone, and looked at the certificate and the
	// pin. It never goes through a proxy: whoever connects is called back.
	Dial  func(ctx context.Context, to Server) (net.Conn, error)
	Token string // for a helper that wants one; never shown
}

// schemes are the kinds of helpers by how their address begins.
var schemes = map[string]func(u *url.URL, o Options) (Helper, error){
	"https": open,
	"http":  open,

	"echoip+https":     openEchoip,
	"echoip+http":      openEchoip,
	"globalping":       openGlobalping,
	"globalping+https": openGlobalping,
	"globalping+http":  openGlobalping,
}

// Open makes a client of the helper at an address. It contacts nobody.
func Open(address string, o Options) (Helper, error) {
	const form = "such as https://vantage.example.com, or https://vantage.example.com:8443#sha256:PIN"
	u, err := url.Parse(address)
	switch {
	case len(address) > maxAddress:
		return nil, fmt.Errorf("the address of a helper outside has at most %d bytes", maxAddress)
	case u != nil && u.User != nil, err != nil && strings.Contains(address, "@"):
		return nil, errors.New("the address of a helper outside must not hold a user or password: it would be shown; a token is given as " + TokenVariable + " in the environment")
	case err != nil:
		return nil, errors.New("this is not the address of a helper outside, " + form)
	}
	make, ok := schemes[strings.ToLower(u.Scheme)]
	if !ok {
		return nil, errors.New("the address of a helper outside begins with https://, " + form)
	}
	return make(u, o)
}

// TokenVariable is where a token is looked for: one that came by flag would be
// shown by the list of processes.
const TokenVariable = "NETCHECK_VANTAGE_TOKEN"

// maxAddress bounds the address of a helper: a name and a digest.
const maxAddress = 1000

// serverOf reads a plain URL: a host, perhaps a port, and for TLS perhaps a pin.
func serverOf(u *url.URL) (Server, error) {
	s := Server{Host: u.Hostname(), Port: 80, Secure: strings.EqualFold(u.Scheme, "https")}
	if s.Secure {
		s.Port = 443
	}
	switch {
	case s.Host == "" || u.Opaque != "":
		return s, errors.New("the address of a helper outside has no host")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery:
		return s, errors.New("the address of a helper outside is a host and perhaps a port, without a path")
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return s, fmt.Errorf("%q is not a port", p)
		}
		s.Port = uint16(n)
	}
	if u.Fragment == "" {
		return s, nil
	}
	if !s.Secure {
		return s, errors.New("a pin is of use only with https://")
	}
	sum, err := ParsePin(u.Fragment)
	if err != nil {
		return s, err
	}
	s.Pin = "sha256:" + hex.EncodeToString(sum[:])
	return s, nil
}

// ParsePin reads sha256: and the digest of a public key, in hex or base64.
func ParsePin(pin string) (sum [sha256.Size]byte, err error) {
	digest, ok := strings.CutPrefix(pin, "sha256:")
	b, err := hex.DecodeString(strings.ReplaceAll(digest, ":", ""))
	for _, words := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if err != nil {
			b, err = words.DecodeString(strings.TrimRight(digest, "="))
		}
	}
	if !ok || err != nil || len(b) != len(sum) {
		return sum, errors.New("a pin is sha256: and the digest of a public key, 64 hex digits or 44 characters of base64")
	}
	return [sha256.Size]byte(b), nil
}

// clear tells whether words to a server could be read on the way to it: without
// TLS, beyond this machine's own network.
func (s Server) clear() bool {
	if s.Secure {
		return false
	}
	a, err := netip.ParseAddr(s.Host)
	return s.Host != "localhost" && (err != nil || !Near(a))
}

// Near tells whether what is sent to an address without TLS stays on this
// machine or in its own network. A helper's token is sent so to no other.
func Near(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}
