package talk

import (
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"netcheck/report/result"
)

// speechless is a server's side of a connection that keeps alerts to itself.
type speechless struct{ net.Conn }

func (c speechless) Write(b []byte) (int, error) {
	const alert = 21
	if len(b) > 0 && b[0] == alert {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func TestHandshakeWithoutTheCertificateAskedFor(t *testing.T) {
	for _, c := range []struct {
		name    string
		version uint16
		demand  tls.ClientAuthType
	}{
		{"TLS 1.2", tls.VersionTLS12, tls.RequireAnyClientCert},
		{"TLS 1.3, where the client is done before", tls.VersionTLS13, tls.RequestClientCert},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			own := (*authority)(nil).issue(t, "shop.test", nil)
			certificate := tls.Certificate{Certificate: [][]byte{own.cert.Raw}, PrivateKey: own.key}
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				_ = tls.Server(speechless{conn}, &tls.Config{Certificates: []tls.Certificate{certificate}, MaxVersion: c.version, ClientAuth: c.demand}).Handshake()
			}()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			h, err := Handshake(t.Context(), conn, HelloOptions{ServerName: "shop.test"})
			if err == nil {
				err = h.AwaitAlert(t.Context(), time.Minute)
			}
			if e, ok := errors.AsType[*TLSError](err); !ok || e.Code != result.FailTLSClientCert || e.Alert != -1 {
				t.Errorf("got %v", err)
			}
		})
	}
}
