package talk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"netcheck/report/result"
)

// SSHOptions steer a handshake.
type SSHOptions struct {
	User     string
	Proofs   []SSHProof // in the order in which they are tried; none: nobody logs in
	HostKeys []string   // the algorithms of host keys to offer; empty: the usual ones
	Secrets  []string   // that no error may show, should the server say them back
}

// SSHProof is a way of proving who logs in.
type SSHProof struct {
	Method string // as in RFC 4252: publickey, password, keyboard-interactive
	Auth   ssh.AuthMethod
	Unless string // this method was tried, which says the same again: servers count attempts
}

// SSHSession is a connection to an SSH server, step by step: the key exchange,
// the login, what comes after it. Each step ends with its ctx, which ends the
// session.
type SSHSession struct {
	Methods []string // of logging in that the server takes, made harmless; after the login
	Partial []string // of the proofs given those that it took, and wanted more
	Wanted  []string // what it takes then
	Tried   []string // the proofs that were given, in turn
	Notice  string   // what it said before the login, made harmless

	wire   *wire
	o      SSHOptions
	key    chan ssh.PublicKey // the server's, proven
	accept chan struct{}      // closed when it is accepted
	quit   chan struct{}      // closed when it is not
	giveUp func()
	ready  chan struct{} // closed when the handshake is over
	client *ssh.Client
	err    error
}

var (
	errNotAccepted = errors.New("the host key is not accepted")
	errRefused     = errors.New("the server refuses the login")
)

// Handshake begins a session with a server that has greeted. Close ends it,
// and with it the connection.
func (p *SSHPeer) Handshake(o SSHOptions) *SSHSession {
	s := &SSHSession{
		wire: p.wire, o: o,
		key: make(chan ssh.PublicKey, 1), accept: make(chan struct{}), quit: make(chan struct{}), ready: make(chan struct{}),
	}
	s.giveUp = sync.OnceFunc(func() {
		close(s.quit)
		s.wire.Close()
	})
	go s.shake()
	return s
}

// shake runs the library's handshake, which stops at the host key until that
// is accepted.
func (s *SSHSession) shake() {
	defer close(s.ready)
	var first ssh.PublicKey
	conn, channels, requests, err := ssh.NewClientConn(s.wire, s.wire.RemoteAddr().String(), &ssh.ClientConfig{
		User: s.o.User, ClientVersion: identification, HostKeyAlgorithms: s.o.HostKeys,
		AuthCallback:   s.prove,
		BannerCallback: func(text string) error { s.Notice = s.clean(text); return nil },
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if first == nil {
				first = key
				s.key <- key
			} else if !bytes.Equal(first.Marshal(), key.Marshal()) {
				return errNotAccepted // a later exchange of keys, by another
			}
			select {
			case <-s.accept:
				return nil
			case <-s.quit:
				return errNotAccepted
			}
		},
	})
	if err != nil {
		s.err = err
		return
	}
	s.client = ssh.NewClient(conn, channels, requests)
}

// prove chooses the next proof: the first that the server takes and that was
// not tried.
func (s *SSHSession) prove(c *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	if s.Methods == nil {
		s.Methods = cleanAll(c.AllowedMethods)
	}
	if s.Partial = c.PartialSuccessMethods; len(s.Partial) > 0 {
		s.Wanted = cleanAll(c.AllowedMethods)
	}
	for _, p := range s.o.Proofs {
		if p.Unless != "" && slices.Contains(c.TriedMethods, p.Unless) {
			continue
		}
		if slices.Contains(c.AllowedMethods, p.Method) && !slices.Contains(c.TriedMethods, p.Method) && !slices.Contains(c.PartialSuccessMethods, p.Method) {
			s.Tried = append(s.Tried, p.Method) // a server that has enough says no word on the last
			return p.Auth, nil
		}
	}
	return nil, errRefused
}

// cleanAll makes a server's list of methods harmless.
func cleanAll(methods []string) []string {
	var all []string
	for _, m := range methods[:min(len(methods), 16)] {
		all = append(all, Clean(m, 40))
	}
	return all
}

// Exchange waits for the key exchange and returns the server's key, which it
// has proven to have.
func (s *SSHSession) Exchange(ctx context.Context) (ssh.PublicKey, error) {
	select {
	case key := <-s.key:
		return key, nil
	case <-s.ready:
		return nil, s.wrong(ctx)
	case <-ctx.Done():
		return nil, s.end(ctx)
	}
}

// Login accepts the host key, which sends the proofs there, and waits for the
// server's word on them.
func (s *SSHSession) Login(ctx context.Context) error {
	close(s.accept)
	select {
	case <-s.ready:
		if s.err == nil {
			return nil
		}
		return s.wrong(ctx)
	case <-ctx.Done():
		return s.end(ctx)
	}
}

// end gives the session up, as its time is over.
func (s *SSHSession) end(ctx context.Context) error {
	s.giveUp()
	<-s.ready
	return ctx.Err()
}

// wrong names the error with which the handshake ended.
func (s *SSHSession) wrong(ctx context.Context) error {
	err := s.err
	no, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case ok:
		return &SSHError{result.FailAlgorithms, fmt.Errorf("no common method of %s: the server has %s, and netcheck, as current programs do, %s", what(no.What), s.cleanList(no.RequestedAlgorithms), s.cleanList(no.SupportedAlgorithms))}
	case errors.Is(err, errFlood):
		return errFlood
	case errors.Is(err, errRefused):
		return &SSHError{result.FailSSHAuth, err}
	}
	broke := s.wire.broken()
	if len(s.Tried) > 0 && errors.Is(broke, io.EOF) {
		return &SSHError{result.FailSSHAuth, errors.New("the server answers the login by closing the connection")}
	}
	if broke != nil {
		return &SSHError{failureOf(broke), broke}
	}
	if s.Methods != nil || s.accepted() { // it said goodbye, in its own words
		return &SSHError{result.FailSSHAuth, errors.New(s.clean(err.Error()))}
	}
	return &SSHError{result.FailSSHFormat, errors.New(s.clean(err.Error()))}
}

// what is a step of the negotiation, for a reader.
func what(step string) string {
	switch {
	case strings.Contains(step, "host key"):
		return "proving the host key"
	case strings.Contains(step, "cipher"):
		return "encryption"
	case strings.Contains(step, "MAC"):
		return "protection against changes"
	}
	return "key exchange"
}

// clean makes what a server said harmless, and free of what it was told.
func (s *SSHSession) clean(text string) string {
	for _, secret := range s.o.Secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "<secret>")
		}
	}
	return Clean(text, 300)
}

func (s *SSHSession) cleanList(names []string) string {
	return s.clean(strings.Join(names[:min(len(names), maxAlgorithms)], ", "))
}

func (s *SSHSession) accepted() bool {
	select {
	case <-s.accept:
		return true
	default:
		return false
	}
}

// Offer is what the server offers of algorithms; nil if that was not seen.
func (s *SSHSession) Offer() *SSHOffer {
	s.wire.mu.Lock()
	defer s.wire.mu.Unlock()
	return parseOffer(s.wire.offer)
}

// Chosen is what both sides agreed on; only after the login.
func (s *SSHSession) Chosen() ssh.NegotiatedAlgorithms {
	if c, ok := s.client.Conn.(ssh.AlgorithmsConnMetadata); ok {
		return c.Algorithms()
	}
	return ssh.NegotiatedAlgorithms{}
}

// Close ends the session and its connection.
func (s *SSHSession) Close() {
	s.giveUp()
	<-s.ready
	if s.client != nil {
		_ = s.client.Wait() // its goroutines
	}
	_ = s.wire.Conn.Close()
}
