package checktest

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"netcheck/internal/servers"
)

// tlsVerb serves TLS: tls PORT VARIANT… The variants are a certificate's
// (pki.go), and the server's own below.
func tlsVerb(w *World, args []string) error {
	hangsUp := slices.Contains(args, "hang-up") // once its peer has spoken
	l, config, err := w.listenTLS(slices.DeleteFunc(args, func(a string) bool { return a == "hang-up" }))
	if err != nil {
		return err
	}
	w.Serve(l, func(c net.Conn) {
		s := tls.Server(c, config)
		defer s.Close()
		switch {
		case s.HandshakeContext(context.Background()) != nil:
		case hangsUp:
			_, _ = s.Read(make([]byte, 1<<16))
		default:
			_, _ = io.Copy(io.Discard, s)
		}
	})
	return nil
}

// listenTLS opens a port and reads what the server is to be like. pin=$NAME
// names its public key's digest.
func (w *World) listenTLS(args []string) (net.Listener, *tls.Config, error) {
	if len(args) == 0 {
		return nil, nil, fmt.Errorf("no port")
	}
	address, pin := "", ""
	config := &tls.Config{MinVersion: tls.VersionTLS10}
	ca, err := knownCA()
	if err != nil {
		return nil, nil, err
	}
	known, certificate := ca, "good"
	for _, v := range args[1:] {
		key, val, _ := strings.Cut(v, "=")
		switch key {
		case "on":
			address = val
		case "pin":
			pin = val
		case "alpn":
			config.NextProtos = strings.Split(val, ",")
		case "tls1.0":
			config.MaxVersion = tls.VersionTLS10
		case "tls1.2":
			config.MaxVersion = tls.VersionTLS12
		case "tls1.3":
			config.MinVersion = tls.VersionTLS13
		case "client-cert":
			config.ClientAuth = tls.RequireAnyClientCert
		case "client-cert-known": // by the world's authority
			config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, known.Pool()
		case "client-cert-wanted":
			config.ClientAuth = tls.RequestClientCert
		case "unknown-ca":
			if ca, err = unknownCA(); err != nil {
				return nil, nil, err
			}
		default:
			certificate = v
		}
	}
	cert, err := ca.Issue(certificate, "localhost", "shop.test", "127.0.0.1", "::1")
	if err != nil {
		return nil, nil, err
	}
	config.Certificates = []tls.Certificate{cert}
	if pin != "" {
		sum := sha256.Sum256(cert.Leaf.RawSubjectPublicKeyInfo)
		if err := w.Define(pin, "sha256:"+hex.EncodeToString(sum[:])); err != nil {
			return nil, nil, err
		}
	}
	l, err := w.Listen(args[0], address)
	return l, config, err
}

// tlsBytes answers a ClientHello by bytes of its own: an alert, an old
// ServerHello.
func tlsBytes(w *World, args []string) error {
	args, address, err := on(args, 2)
	if err != nil {
		return err
	}
	b, err := hex.DecodeString(args[1])
	if err != nil {
		return err
	}
	return tcpVerb(w, []string{args[0], "on=" + address}, func(c net.Conn) {
		var hello [5]byte
		if _, err := io.ReadFull(c, hello[:]); err != nil {
			return
		}
		if _, err := c.Write(b); err == nil {
			_, _ = io.Copy(io.Discard, c)
		}
	})
}

// hangUp ends the connection once its peer has spoken: hang-up PORT [reset].
func hangUp(w *World, args []string) error {
	byReset := len(args) > 1 && args[1] == "reset"
	if byReset {
		args = slices.Delete(args, 1, 2)
	}
	return tcpVerb(w, args, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1<<16))
		if byReset {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
	})
}

// startTLS serves a protocol in which TLS is asked for: starttls PORT PROTOCOL
// [mood=MOOD] VARIANT….
func startTLS(w *World, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("wanted a port and a protocol")
	}
	u := &servers.Upgrader{Proto: args[1]}
	args = slices.DeleteFunc(slices.Delete(slices.Clone(args), 1, 2), func(a string) bool {
		mood, ok := strings.CutPrefix(a, "mood=")
		if ok {
			u.Mood = mood
		}
		return ok
	})
	l, config, err := w.listenTLS(args)
	if err != nil {
		return err
	}
	u.Config = config
	w.Serve(l, u.Serve)
	return nil
}

// clientCert writes a client's certificate and its key into a folder of the
// case: client-cert $FILE [unknown-ca] [VARIANT] [locked|other-key].
func clientCert(w *World, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no name for the file")
	}
	ca, variant, spoil := knownCA, "client", ""
	for _, a := range args[1:] {
		switch a {
		case "unknown-ca":
			ca = unknownCA
		case "locked", "other-key":
			spoil = a
		default:
			variant = a
		}
	}
	issuer, err := ca()
	if err != nil {
		return err
	}
	b, err := issuer.ClientPEM(variant, spoil, "till-7")
	if err != nil {
		return err
	}
	file := filepath.Join(w.T.TempDir(), "till.pem")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return err
	}
	return w.Define(args[0], filepath.ToSlash(file))
}
