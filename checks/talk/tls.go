package talk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"reflect"
	"time"

	"netcheck/report/result"
)

// HelloOptions steer a TLS handshake. The zero value offers all that this
// program can speak, TLS 1.0 and weak ciphers included, so that an old server
// is seen for what it is and not as a failure without a reason.
type HelloOptions struct {
	ServerName string        // sent as SNI; an address is not sent
	ALPN       []string      // protocols offered
	MinVersion uint16        // 0: TLS 1.0
	Curves     []tls.CurveID // nil: Go's, which make a ClientHello of two segments
	Sessions   *Sessions     // of earlier handshakes, to go on with; nil: none

	Certificate *tls.Certificate // of the client, for a server that asks for one; nil: none
}

// Hello is what a handshake showed. Nothing of it is verified: see Verify.
type Hello struct {
	Conn     *tls.Conn           // goes on from here
	Tap      *Tap                // below that
	Version  uint16              // such as tls.VersionTLS13
	Cipher   uint16              // suite
	Group    tls.CurveID         // of the key exchange
	ALPN     string              // agreed on
	Chain    []*x509.Certificate // as sent, the server's own first
	Wanted   bool                // the server asked for a client certificate
	Resumed  bool                // it goes on with an earlier session
	Given    bool                // and it was given one
	Unfit    bool                // which is not of the kind, or by an issuer, that it asked for
	Duration time.Duration
}

// TLSError is a handshake that did not come to its end.
type TLSError struct {
	Code  result.Failure
	Alert int    // that the server sent; -1: none
	First string // what it said in place of TLS, made harmless
	Raw   []byte // the first bytes of that
	Got   int64  // bytes that came before the end
	Err   error
	Since time.Duration // the handshake's begin
}

func (e *TLSError) Error() string {
	text := fmt.Sprintf("tls handshake: %v", e.Err)
	if e.First != "" {
		text += fmt.Sprintf(": %q", e.First)
	}
	return Clean(text, 400)
}
func (e *TLSError) Unwrap() error           { return e.Err }
func (e *TLSError) Failure() result.Failure { return e.Code }

// Handshake speaks TLS with whoever is at the other end of conn, until the
// handshake is done or ctx is over. It captures and verifies nothing. Its error
// is a *TLSError; conn is then of no more use, but still the caller's to close.
func Handshake(ctx context.Context, conn net.Conn, o HelloOptions) (*Hello, error) {
	start := time.Now()
	tap := &Tap{Conn: conn}
	h := &Hello{Tap: tap}
	config := &tls.Config{
		ServerName: sni(o.ServerName), NextProtos: o.ALPN,
		MinVersion: max(o.MinVersion, tls.VersionTLS10), CurvePreferences: o.Curves, CipherSuites: everySuite,
		InsecureSkipVerify: true, // verified afterwards, more than once, and with better words
		GetClientCertificate: func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			h.Wanted = true
			if o.Certificate == nil {
				return &tls.Certificate{}, nil
			}
			h.Given, h.Unfit = true, asked.SupportsCertificate(o.Certificate) != nil
			return o.Certificate, nil
		},
	}
	if o.Sessions != nil {
		config.ClientSessionCache = o.Sessions
	}
	c := tls.Client(tap, config)
	release := bound(ctx, conn)
	err := c.Handshake() // ends with ctx by the deadlines that bound sets
	h.Duration = time.Since(start)
	if err != nil {
		return nil, tap.explain(ctx, err, h)
	}
	release()
	s := c.ConnectionState()
	h.Conn, h.Version, h.Cipher, h.Group, h.ALPN, h.Chain = c, s.Version, s.CipherSuite, s.CurveID, s.NegotiatedProtocol, s.PeerCertificates
	h.Resumed = s.DidResume
	return h, nil
}

// everySuite is all that this program can speak.
var everySuite = func() []uint16 {
	var ids []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
}()

// sni is the name to send: RFC 6066 has no addresses, and no last dot. Where
// there is none, crypto/tls is given a name that it does not send.
func sni(name string) string {
	if _, err := netip.ParseAddr(name); err == nil || name == "" {
		return ""
	}
	if n := len(name) - 1; name[n] == '.' {
		return name[:n]
	}
	return name
}

// AwaitAlert listens a moment for the server's opinion of the client
// certificate that it asked for, and was given or not: in TLS 1.3 the handshake
// is over for the client before the server has looked. Silence, or any data, is
// consent; the data is lost, so this is for who asks nothing further.
func (h *Hello) AwaitAlert(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer bound(ctx, h.Conn)()
	var b [1]byte
	_, err := h.Conn.Read(b[:])
	if n, ok := Alert(err); ok {
		return &TLSError{Code: h.AlertFailure(n), Alert: n, Err: err}
	}
	if hungUp(err) || failureOf(err) == result.FailReset {
		return h.certificateMissed(err)
	}
	return nil
}

// Ended returns the error by which the other side or the way ended the
// connection, or nil: an alert, a goodbye (io.EOF), a reset. Libraries above it
// may have lost it. The connection is of no use afterwards.
func (h *Hello) Ended() error {
	_ = h.Conn.SetReadDeadline(longAgo)
	var b [1]byte
	_, err := h.Conn.Read(b[:]) // says again what it said last
	_, isAlert := Alert(err)
	if isAlert || errors.Is(err, io.EOF) {
		return err
	}
	return h.Tap.Ended()
}

// Alert returns the number of the TLS alert that the other side sent, if err
// is one. crypto/tls gives it as an unexported integer type within a
// *net.OpError, so that only its kind can be asked for.
func Alert(err error) (int, bool) {
	if a, ok := errors.AsType[tls.AlertError](err); ok {
		return int(a), true
	}
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Err == nil {
		return 0, false
	}
	v := reflect.ValueOf(op.Err)
	if v.Kind() != reflect.Uint8 || v.Type().PkgPath() != "crypto/tls" {
		return 0, false
	}
	return int(v.Uint()), true
}

// Alert numbers of RFC 8446, section 6, that have a failure of their own.
const (
	alertHandshakeFailure    = 40
	alertBadCertificate      = 42
	alertUnsupportedCert     = 43
	alertCertificateRevoked  = 44
	alertCertificateExpired  = 45
	alertCertificateUnknown  = 46
	alertUnknownCA           = 48
	alertAccessDenied        = 49
	alertDecryptError        = 51 // the key does not belong to the certificate
	alertProtocolVersion     = 70
	alertCertificateRequired = 116
	alertNoProtocol          = 120 // RFC 7301
)

// AlertFailure names an alert. A server that asked for a certificate objects by
// different numbers: to one that it got, or to having got none.
func (h *Hello) AlertFailure(n int) result.Failure {
	switch n {
	case alertProtocolVersion:
		return result.FailTLSVersion
	case alertNoProtocol:
		return result.FailALPN
	case alertCertificateRequired:
		return result.FailTLSClientCert
	case alertHandshakeFailure, alertBadCertificate, alertUnsupportedCert, alertUnknownCA, alertAccessDenied:
		if h.Wanted && !h.Given {
			return result.FailTLSClientCert
		}
	}
	switch n {
	case alertHandshakeFailure, alertBadCertificate, alertUnsupportedCert, alertCertificateRevoked, alertCertificateExpired,
		alertCertificateUnknown, alertUnknownCA, alertAccessDenied, alertDecryptError:
		if h.Given {
			return result.FailTLSClientRefused
		}
	}
	return result.FailTLSAlert
}
