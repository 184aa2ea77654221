//go:build linux

package lab

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"netcheck/internal/servers"
)

// upgradeVerbs are servers that become something else on a connection, TLS or a
// WebSocket, and devices that do not let them.
func upgradeVerbs() []verb {
	return []verb{
		{"starttls", "PLACE ADDRESS PORTS PROTOCOL [mood=MOOD] VARIANT...: TLS is asked for in ftp, smtp, imap, pop3, postgres or ldap; see servers.Upgrader, and tls for the variants", serve, startTLS},
		{"client certificate", "FILE [ca=NAME] [VARIANT]: a certificate with its key in a file of the till's /etc", serve, clientCertificate},
		{"strip", "PLACE PORTS [to NETS]: writes over the greeting and the word STARTTLS, as Cisco's inspection does", harm, strip},
		{"no upgrade", "PLACE PORTS [to NETS]: a transparent proxy of HTTP that names itself in Via and passes on no Upgrade", harm, noUpgrade},
	}
}

func startTLS(w *World, args []string) error {
	if len(args) < 4 {
		return errors.New("a place, an address, ports and a protocol")
	}
	u := &servers.Upgrader{Proto: args[3]}
	words := slices.DeleteFunc(slices.Delete(slices.Clone(args), 3, 4), func(a string) bool {
		mood, ok := strings.CutPrefix(a, "mood=")
		if ok {
			u.Mood = mood
		}
		return ok
	})
	config, words, err := w.secure(words)
	if err != nil {
		return err
	}
	u.Config = config
	return serveAll(w, words, 3, u.Serve)
}

func clientCertificate(w *World, args []string) error {
	if len(args) == 0 {
		return errors.New("a file")
	}
	ca, variant := public, "client"
	for _, a := range args[1:] {
		if name, ok := strings.CutPrefix(a, "ca="); ok {
			ca = name
		} else {
			variant = a
		}
	}
	signer := w.services.authorities[ca]
	if signer == nil {
		return errors.New("no authority " + ca)
	}
	pair, err := signer.ClientPEM(variant, "", "till-7")
	if err != nil {
		return err
	}
	return w.Etc(args[0], string(pair))
}

// strip is what becomes of mail where a firewall inspects it: of what it does
// not know, the client hears X and the server an unknown word.
func strip(w *World, args []string) error {
	return between(w, args, func(c, on net.Conn) {
		go func() {
			_, _ = io.Copy(&rewriter{on, func(s string) string { return strings.ReplaceAll(s, "STARTTLS", "XXXXXXXX") }}, c)
		}()
		greeted := false
		_, _ = io.Copy(&rewriter{c, func(s string) string {
			if !greeted && strings.HasPrefix(s, "220 ") {
				s = "220 " + strings.Repeat("*", len(strings.TrimRight(s, "\r\n"))-4) + "\r\n"
			}
			greeted = true
			return strings.ReplaceAll(s, "STARTTLS", "XXXXXXXA")
		}}, on)
	})
}

// between diverts what passes a place on these ports, and opens the way on.
func between(w *World, args []string, handle func(c, on net.Conn)) error {
	if len(args) < 2 {
		return errors.New("a place and ports")
	}
	m, err := match(append([]string{"tcp"}, args[1:]...))
	if err != nil {
		return err
	}
	return w.divert(args[0], m, func(c net.Conn, to netip.AddrPort) {
		if on, err := w.onward(args[0], to); err == nil {
			defer on.Close()
			handle(c, on)
		}
	})
}

// rewriter passes on what is written, changed.
type rewriter struct {
	to     io.Writer
	change func(string) string
}

func (r *rewriter) Write(b []byte) (int, error) {
	_, err := io.WriteString(r.to, r.change(string(b)))
	return len(b), err
}

// noUpgrade passes requests on as a proxy does that knows nothing of upgrades:
// without what is between its client and itself (RFC 9110, 7.6.1).
func noUpgrade(w *World, args []string) error {
	return between(w, args, func(c, on net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		for _, name := range []string{"Connection", "Upgrade"} {
			r.Header.Del(name)
		}
		r.Close = true
		if r.Write(on) != nil {
			return
		}
		answer, err := http.ReadResponse(bufio.NewReader(on), r)
		if err != nil {
			return
		}
		defer answer.Body.Close()
		answer.Header.Set("Via", "1.1 proxy1 (squid/6.6)")
		answer.Close = true
		_ = answer.Write(c)
	})
}
