package servers

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/net/proxy"
)

// begin starts a daemon on a free port of loopback, with these words.
func begin(t *testing.T, name string, words ...string) netip.AddrPort {
	t.Helper()
	at := vacant(t)
	i := slices.IndexFunc(Daemons(), func(k DaemonKind) bool { return k.Name == name })
	d, err := Daemons()[i].New(at, signer(t), words...)
	if err != nil {
		t.Fatal(err)
	}
	stop, err := d.Start(Loopback)
	if missing, ok := errors.AsType[Missing](err); ok && os.Getenv("NETCHECK_LAB") != "require" {
		t.Skip(missing)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if _, err := dialTo(at); err == nil {
			t.Errorf("%s still serves when it has been stopped", name)
		}
	})
	return at
}

func vacant(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

func signer(t *testing.T) Signer {
	t.Helper()
	ca, err := NewAuthority("Shop Lab", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return func(variant string) (tls.Certificate, *Authority, error) {
		c, err := ca.Issue(variant, "localhost", "127.0.0.1")
		return c, ca, err
	}
}

func dialTo(at netip.AddrPort) (net.Conn, error) {
	c, err := net.DialTimeout("tcp", at.String(), time.Second)
	if err == nil {
		err = c.SetDeadline(time.Now().Add(10 * time.Second))
	}
	return c, err
}

// hold has a dialogue: a line that begins with < is what a line from the server
// must begin with sooner or later, and others are said.
func hold(t *testing.T, at netip.AddrPort, dialogue ...string) net.Conn {
	t.Helper()
	c, err := dialTo(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := bufio.NewReader(c)
	for _, line := range dialogue {
		want, hears := strings.CutPrefix(line, "<")
		if !hears {
			if _, err := io.WriteString(c, line+"\r\n"); err != nil {
				t.Fatal(err)
			}
			continue
		}
		heard := ""
		for {
			got, err := r.ReadString('\n')
			if err != nil {
				t.Fatalf("%v: no line %q in\n%s", err, want, heard)
			}
			if heard += got; strings.HasPrefix(got, want) {
				break
			}
		}
	}
	return c
}

// listener is a server that says what it hears.
func listener(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(Connections(l, func(c net.Conn) { _, _ = io.Copy(struct{ io.Writer }{c}, c) }))
	return l.Addr().String()
}

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

func TestVsftpd(t *testing.T) {
	in := []string{"<220", "USER shop", "<331", "PASS sesame", "<230"}
	for _, c := range []struct {
		name     string
		words    []string
		dialogue []string
	}{
		{"login", []string{"file=export/a.csv@3h"}, append(in, "CWD /export", "<250", "MDTM a.csv", "<213 "+time.Now().Add(-3*time.Hour).UTC().Format("20060102"))},
		{"wrong password", nil, []string{"<220", "USER shop", "<331", "PASS other", "<530"}},
		{"no folder", nil, append(in, "CWD /gone", "<550")},
		{"address", []string{"says=10.9.8.7", "passive=30100-30100"}, append(in, "PASV", "<227 Entering Passive Mode (10,9,8,7,117,148)")},
		{"ports", []string{"passive=30200-30200"}, append(in, "EPSV", "<229 Entering Extended Passive Mode (|||30200|)")},
		{"EPSV denied", []string{"no-epsv"}, append(in, "EPSV", "<550")},
		{"TLS offered", []string{"tls"}, []string{"<220", "AUTH TLS", "<234"}},
		{"TLS required", []string{"tls-required"}, []string{"<220", "USER shop", "<530 Non-anonymous sessions must use encryption."}},
		{"no TLS", nil, []string{"<220", "AUTH TLS", "<530"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hold(t, begin(t, "vsftpd", c.words...), c.dialogue...)
		})
	}
	t.Run("implicit", func(t *testing.T) {
		t.Parallel()
		at := begin(t, "vsftpd", "implicit")
		c, err := tls.Dial("tcp", at.String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if line, err := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(line, "220") {
			t.Error(line, err)
		}
	})
}

func TestSshd(t *testing.T) {
	key := func(of string) ssh.AuthMethod {
		k, err := NewKey(of)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ssh.ParsePrivateKey([]byte(k.Private))
		if err != nil {
			t.Fatal(err)
		}
		return ssh.PublicKeys(s)
	}
	for _, c := range []struct {
		name  string
		words []string
		auth  ssh.AuthMethod
		fails string
	}{
		{"key", []string{"authorized=a"}, key("a"), ""},
		{"RSA key", []string{"authorized=a:rsa"}, key("a:rsa"), ""},
		{"wrong key", []string{"authorized=a"}, key("b"), "unable to authenticate"},
		{"password", nil, ssh.Password("sesame"), ""},
		{"wrong password", []string{"user=shop:other"}, ssh.Password("sesame"), "unable to authenticate"},
		{"no password", []string{"no-password"}, ssh.Password("sesame"), "unable to authenticate"},
		{"ECDSA host key", []string{"host-key=h:ecdsa"}, ssh.Password("sesame"), ""},
		{"old algorithms", []string{"old=diffie-hellman-group1-sha1"}, ssh.Password("sesame"), "no common algorithm"},
		{"no SFTP", []string{"no-sftp"}, ssh.Password("sesame"), "subsystem"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := begin(t, "sshd", c.words...)
			err := func() error {
				var seen string
				client, err := ssh.Dial("tcp", at.String(), &ssh.ClientConfig{
					User: "shop", Auth: []ssh.AuthMethod{c.auth}, Timeout: 10 * time.Second,
					HostKeyCallback: func(_ string, _ net.Addr, k ssh.PublicKey) error { seen = ssh.FingerprintSHA256(k); return nil },
				})
				if err != nil {
					return err
				}
				defer client.Close()
				of := "host"
				if i := slices.IndexFunc(c.words, func(w string) bool { return strings.HasPrefix(w, "host-key=") }); i >= 0 {
					of = strings.TrimPrefix(c.words[i], "host-key=")
				}
				if k, err := NewKey(of); err != nil || k.Fingerprint != seen {
					return fmt.Errorf("host key %s, want %s (%w)", seen, k.Fingerprint, err)
				}
				s, err := client.NewSession()
				if err != nil {
					return err
				}
				return s.RequestSubsystem("sftp")
			}()
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v, want %q", err, c.fails)
			}
		})
	}
}

func TestNginx(t *testing.T) {
	till := vacant(t)
	site := NewSite(0)
	if err := site.Page("/a/x", "200", "body=till 1"); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", till.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(site.Serve(t.Context(), l))
	for _, c := range []struct {
		name  string
		words []string
		path  string
		want  string
	}{
		{"body", []string{"body=hello there"}, "/", "200 hello there"},
		{"file", []string{"file=a/b.txt"}, "/a/b.txt", "200 a/b.txt"},
		{"login", []string{"body=hello", "login"}, "/", "401"},
		{"login below a path", []string{"login=/a"}, "/a", "401"},
		{"till", []string{"to=/a/=" + till.String()}, "/a/x", "200 till 1"},
		{"till of a name", []string{"body=none", "to=localhost/a/=" + till.String()}, "/a/x", "200 till 1"},
		{"no till", []string{"to=/=127.0.0.1:9"}, "/a/x", "502"},
		{"TLS", []string{"tls", "body=hello"}, "/", "200 hello"},
		{"client certificate", []string{"client-cert", "body=hello"}, "/", "400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := begin(t, "nginx", c.words...)
			scheme := "http"
			if slices.ContainsFunc(c.words, func(w string) bool { return w == "tls" || w == "client-cert" }) {
				scheme = "https"
			}
			client := &http.Client{
				Timeout:   10 * time.Second,
				Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
			}
			r, err := client.Get(fmt.Sprintf("%s://localhost:%d%s", scheme, at.Port(), c.path))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			body, _ := io.ReadAll(r.Body)
			if got := fmt.Sprint(r.StatusCode, " ", strings.TrimSpace(string(body))); !strings.HasPrefix(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
