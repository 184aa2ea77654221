package servers

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/proxy"
)

func TestSquid(t *testing.T) {
	to := listener(t)
	login := "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("shop:sesame"))
	for _, c := range []struct {
		name     string
		words    []string
		dialogue []string
	}{
		{"open", nil, []string{"CONNECT " + to + " HTTP/1.1", "", "<HTTP/1.1 200", "<\r\n", "here", "<here"}},
		{"names", []string{"host=till.test:127.0.0.1"}, []string{"CONNECT till.test:" + strings.Split(to, ":")[1] + " HTTP/1.1", "", "<HTTP/1.1 200"}},
		{"nobody there", nil, []string{"CONNECT 127.0.0.1:9 HTTP/1.1", "", "<HTTP/1.1 503"}},
		{"login", []string{"auth=basic,ntlm,negotiate"}, []string{
			"CONNECT " + to + " HTTP/1.1", "", "<HTTP/1.1 407", "<Proxy-Authenticate: Basic", "<Proxy-Authenticate: NTLM", "<Proxy-Authenticate: Negotiate",
		}},
		{"logged in", []string{"auth=basic"}, []string{"CONNECT " + to + " HTTP/1.1", login, "", "<HTTP/1.1 200"}},
		{"another password", []string{"auth=basic", "user=shop:other"}, []string{"CONNECT " + to + " HTTP/1.1", login, "", "<HTTP/1.1 407"}},
		{"denied host", []string{"deny=a.example"}, []string{"CONNECT a.example:443 HTTP/1.1", "", "<HTTP/1.1 403", "<X-Squid-Error: ERR_ACCESS_DENIED"}},
		{"denied port", []string{"allow=443,80"}, []string{"CONNECT " + to + " HTTP/1.1", "", "<HTTP/1.1 403"}},
		{"port of a host", []string{"deny=127.0.0.1:9"}, []string{"CONNECT " + to + " HTTP/1.1", "", "<HTTP/1.1 200"}},
		{"dead parent", []string{"parent=127.0.0.1:9"}, []string{"CONNECT " + to + " HTTP/1.1", "", "<HTTP/1.1 5", "<X-Squid-Error: ERR_CANNOT_FORWARD"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hold(t, begin(t, "squid", c.words...), c.dialogue...)
		})
	}
	t.Run("only TLS", func(t *testing.T) {
		t.Parallel()
		at := begin(t, "squid", "only-tls")
		c := hold(t, at, "CONNECT "+to+" HTTP/1.1", "", "<HTTP/1.1 200", "<\r\n", "SSH-2.0-Go")
		if b, err := io.ReadAll(c); err == nil && strings.Contains(string(b), "SSH-2.0-Go") {
			t.Errorf("what is no TLS got through: %q", b)
		}
		c = hold(t, at, "CONNECT "+to+" HTTP/1.1", "", "<HTTP/1.1 200", "<\r\n")
		hello := make(chan struct{})
		go func() { // the other side says the hello back
			defer close(hello)
			_ = tls.Client(c, &tls.Config{ServerName: "a.example"}).Handshake()
		}()
		<-hello
	})
}

func TestDante(t *testing.T) {
	to := listener(t)
	_, port, _ := net.SplitHostPort(to)
	for _, c := range []struct {
		name  string
		words []string
		auth  *proxy.Auth
		to    string
		fails string
	}{
		{"open", nil, nil, to, ""},
		{"names", []string{"host=till.test:127.0.0.1"}, nil, "till.test:" + port, ""},
		{"login", []string{"login"}, &proxy.Auth{User: "shop", Password: "sesame"}, to, ""},
		{"no login", []string{"login"}, nil, to, "no acceptable authentication"},
		{"another password", []string{"login", "user=shop:other"}, &proxy.Auth{User: "shop", Password: "sesame"}, to, "authentication failed"},
		{"denied", []string{"deny=127.0.0.1/32:" + port}, nil, to, "not allowed"},
		{"nobody there", nil, nil, "127.0.0.1:9", "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := begin(t, "dante", c.words...)
			d, err := proxy.SOCKS5("tcp", at.String(), c.auth, nil)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			conn, err := d.(proxy.ContextDialer).DialContext(ctx, "tcp", c.to)
			if err == nil {
				conn.Close()
			}
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v, want %q", err, c.fails)
			}
		})
	}
}
