package servers

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

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
