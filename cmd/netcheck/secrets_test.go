package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"netcheck/internal/servers"
	"netcheck/report"
	"netcheck/report/firewall"
)

// Every secret that netcheck is given, and some that strangers tell it, is a word
// that nothing else has. The servers of this test are the worst that there are:
// they say back, in each way they have, whatever they are told.
var secrets = []string{
	"hEader/7k+q", "cOokie/7k+q", "bOdy/7k+q", "aPikey/7k+q", "wEbpass/7k+q", "fTppass/7k+q", "sShpass/7k+q", "pHrase/7k+q", "pRoxypass/7k+q", "eNvproxy/7k+q", "tOken/7k+q",
	"sErvercookie/7k+q", "rEdirect/7k+q",
}

const secretProfile = `netcheck: 1
id: secrets
title: Secrets
vantage: "http://127.0.0.1:%[1]d"
params:
  header: {type: secret, required: true}
  webpass: {type: secret, required: true}
  ftppass: {type: secret, required: true}
  sshpass: {type: secret, required: true}
  phrase: {type: secret, required: true}
checks:
  - id: header
    proxy: unsupported
    http: {url: "http://127.0.0.1:%[1]d/x", status: 200, send: {header: {Authorization: "${header}", Cookie: "id=cOokie/7k+q", X-Api-Key: "aPikey/7k+q"}, body: "bOdy/7k+q", }, method: POST}
  - id: login
    proxy: unsupported
    http: {url: "http://127.0.0.1:%[1]d/login", auth: {user: joe, password: "${webpass}", in_clear: true}}
  - id: redirect
    proxy: unsupported
    http: {url: "http://127.0.0.1:%[1]d/redirect", follow: 3, status: 200}
  - id: ftp
    ftp: {host: 127.0.0.1, port: %[2]d, user: joe, password: "${ftppass}", security: plain}
  - id: ssh
    ssh: {host: 127.0.0.1, port: %[3]d, user: joe, password: "${sshpass}"}
  - id: key
    ssh: {host: 127.0.0.1, port: %[3]d, user: joe, key: %[4]q, passphrase: "${phrase}"}
  - id: kept
    key: {file: %[4]q, passphrase: "${phrase}"}
  - id: proxied
    proxy: required
    http: {url: "http://vendor.invalid/x", status: 200}
  - id: tunnelled
    proxy: required
    tcp: {host: vendor.invalid, port: 443}
  - id: called
    inbound: {public_host: 127.0.0.1, public_port: %[3]d, local_port: %[3]d}
`

// parrot answers every request with all that is in it. It asks for each login that
// there is, and takes none.
type parrot struct {
	mu    sync.Mutex
	heard strings.Builder
}

func (p *parrot) hear(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard.WriteString(s + "\n")
}

func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
	w.Header().Set("Proxy-Authenticate", `Basic realm="x"`)
	var said strings.Builder
	for name, values := range r.Header {
		fmt.Fprintf(&said, "%s: %s\n", name, strings.Join(values, " "))
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		if _, coded, ok := strings.Cut(r.Header.Get(name), " "); ok {
			plain, _ := base64.StdEncoding.DecodeString(coded)
			fmt.Fprintf(&said, "%s: %s\n", name, plain)
			w.Header().Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q", plain))
			w.Header().Set("Proxy-Authenticate", fmt.Sprintf("Basic realm=%q", plain))
		}
	}
	body := make([]byte, 4096)
	n, _ := r.Body.Read(body)
	said.Write(body[:n])
	p.hear(said.String())
	flat := strings.NewReplacer("\n", " ", "\r", "").Replace(said.String())
	w.Header().Set("Server", flat)
	w.Header().Set("Via", flat)
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: url.QueryEscape("sErvercookie/7k+q")})
	w.Header().Add("Set-Cookie", "raw=sErvercookie/7k+q; Path=/")
	if r.URL.Path == "/redirect" {
		w.Header().Set("Location", "http://joe:"+url.QueryEscape("rEdirect/7k+q")+"@"+r.Host+"/end")
		w.WriteHeader(http.StatusFound)
		return
	}
	status := http.StatusForbidden
	switch {
	case r.Method == http.MethodConnect || r.URL.IsAbs():
		status = http.StatusProxyAuthRequired
	case r.URL.Path == "/login":
		status = http.StatusUnauthorized
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, "<html><title>%s</title>%s</html>", flat, said.String())
}

// ftp refuses a login and says which it was.
func (p *parrot) ftp(c net.Conn) {
	defer c.Close()
	fmt.Fprint(c, "220 ready\r\n")
	for in := bufio.NewScanner(c); in.Scan(); {
		p.hear(in.Text())
		switch verb, rest, _ := strings.Cut(in.Text(), " "); strings.ToUpper(verb) {
		case "USER":
			fmt.Fprint(c, "331 password, please\r\n")
		case "PASS":
			fmt.Fprintf(c, "530 Login incorrect: joe with %s, %s\r\n", rest, in.Text())
		case "QUIT":
			return
		default:
			fmt.Fprintf(c, "502 what is %s\r\n", in.Text())
		}
	}
}

func TestSecretsAreInNoOutput(t *testing.T) {
	bird := &parrot{}
	web := httptest.NewServer(bird)
	t.Cleanup(web.Close)
	listen := func(serve func(net.Conn)) int {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(servers.Connections(l, serve))
		return l.Addr().(*net.TCPAddr).Port
	}
	host, err := servers.NewHostKey("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	shell := &servers.SSH{Keys: []ssh.Signer{host}, User: "joe", Password: "another", Asks: true, Notice: "who are you?\n"}
	webPort := web.Listener.Addr().(*net.TCPAddr).Port
	dir := t.TempDir()
	keyFile := filepath.Join(dir, "key")
	profile := filepath.Join(dir, "secrets.yaml")
	for file, text := range map[string]string{
		profile: fmt.Sprintf(secretProfile, webPort, listen(bird.ftp), listen(shell.Handle), keyFile), filepath.Join(dir, "webpass"): "wEbpass/7k+q\n", filepath.Join(dir, "token"): "tOken/7k+q\n",
		keyFile: lockedKey(t, "pHrase/7k+q"),
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"NETCHECK_PARAM_HEADER": "Bearer hEader/7k+q", "NETCHECK_PARAM_WEBPASS_FILE": filepath.Join(dir, "webpass"), "NETCHECK_PARAM_FTPPASS": "fTppass/7k+q",
		"NETCHECK_PARAM_SSHPASS": "sShpass/7k+q", "NETCHECK_PARAM_PHRASE": "pHrase/7k+q", "NETCHECK_PROXY_PASSWORD": "pRoxypass/7k+q", "NETCHECK_VANTAGE_TOKEN_FILE": filepath.Join(dir, "token"),
		"HTTP_PROXY": "http://joe:" + url.QueryEscape("eNvproxy/7k+q") + "@127.0.0.1:9", "https_proxy": "http://joe:" + url.QueryEscape("eNvproxy/7k+q") + "@127.0.0.1:9",
		"CI": "", "NO_PROXY": "", "LANG": "C.UTF-8",
	} {
		t.Setenv(name, value)
	}

	reports := filepath.Join(dir, "reports")
	if err := os.Mkdir(reports, 0o700); err != nil {
		t.Fatal(err)
	}
	said := func(args ...string) []byte {
		var out, errs bytes.Buffer
		run(args, strings.NewReader(""), &out, &errs)
		return append(out.Bytes(), errs.Bytes()...)
	}
	silent := func(what string, text []byte) {
		t.Helper()
		for _, s := range secrets {
			if found := findSecret(text, s); found != "" {
				i := bytes.Index(bytes.ToLower(text), []byte(strings.ToLower(found)))
				t.Errorf("%s says %s: …%s…", what, found, text[max(0, i-120):min(len(text), i+60)])
			}
		}
	}
	saved := filepath.Join(reports, "json.json")
	proxied := []string{"--proxy", fmt.Sprintf("http://joe@127.0.0.1:%d", webPort)}
	ran := []string{"run", profile, "-v", "--timeout", "2s"}
	for _, f := range report.Formats() {
		for _, ext := range f.Ext[:min(1, len(f.Ext))] {
			ran = append(ran, "--output", filepath.Join(reports, f.Name+ext))
		}
	}
	shown := said(append(ran, proxied...)...)
	silent("run", shown)
	files, err := filepath.Glob(filepath.Join(reports, "*"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%v: %v: %s", files, err, shown)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		silent(filepath.Base(file), b)
	}
	b, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	met := struct {
		Checks []struct{ ID, Verdict string }
	}{}
	if err := json.Unmarshal(b, &met); err != nil {
		t.Fatal(err)
	}
	for _, c := range met.Checks {
		if c.Verdict == "skip" || c.Verdict == "not-applicable" {
			t.Errorf("%s was not run: %s", c.ID, c.Verdict)
		}
	}
	for _, f := range report.Formats() {
		silent("report show as "+f.Name, said("report", "show", saved, "-v", "--format", f.Name))
	}
	for _, f := range firewall.Formats() {
		silent("firewall as "+f.Name, said("firewall", "--report", saved, "--format", f.Name))
		silent("the sheet as "+f.Name, said("firewall", profile, "--no-input", "--format", f.Name))
	}
	second := filepath.Join(dir, "second.json")
	silent("a second run", said(append([]string{"run", profile, "--timeout", "2s", "--only", "header", "--output", second}, proxied...)...))
	for _, f := range report.DiffFormats() {
		silent("diff as "+f.Name, said("report", "diff", saved, second, "--format", f.Name))
	}
	silent("merge", said("report", "merge", saved, "-v", "--format", "json"))
	silent("show", said("show", profile))
	for _, s := range secrets {
		// What SSH is told is under its encryption, and what is no helper gets no token.
		if sent := !slices.Contains([]string{"sShpass/7k+q", "pHrase/7k+q", "tOken/7k+q", "eNvproxy/7k+q", "sErvercookie/7k+q", "rEdirect/7k+q"}, s); sent && !strings.Contains(bird.heard.String(), s) {
			t.Errorf("nobody was told %s: the test shows nothing of it", s)
		}
	}
	// What is written out in the profile is warned of, and not said.
	warned := said("validate", profile)
	silent("validate", warned)
	if n := bytes.Count(warned, []byte("warning: a secret is written out")); n < 3 {
		t.Errorf("%d secrets of the profile are warned of: %s", n, warned)
	}
}

// lockedKey is a private key under a passphrase.
func lockedKey(t *testing.T, phrase string) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "joe", []byte(phrase))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

// findSecret is the form in which a secret is in a text: as it is, or as the
// protocols and formats write it; "" if it is not.
func findSecret(text []byte, secret string) string {
	lower := strings.ToLower(string(text))
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)), strings.ReplaceAll(secret, "/", `\/`), strings.ReplaceAll(secret, "+", `&#43;`), strings.ReplaceAll(secret, "+", `\u002b`)}
	for _, f := range forms {
		if strings.Contains(lower, strings.ToLower(f)) {
			return f
		}
	}
	for shift := range 3 { // whatever stands before it
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		inner := coded[(shift*8+5)/6 : len(coded)-4]
		for _, f := range []string{inner, strings.NewReplacer("+", "-", "/", "_").Replace(inner)} {
			if bytes.Contains(text, []byte(f)) {
				return f
			}
		}
	}
	// The first letters are enough to know it: a text may be cut.
	if i := strings.Index(lower, strings.ToLower(secret[:6])); i >= 0 && strings.Contains(string(text), secret[:5]) {
		return secret[:5]
	}
	return ""
}
