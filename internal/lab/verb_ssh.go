//go:build linux

package lab

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/google/nftables/expr"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"netcheck/internal/servers"
)

// sshVerbs are SSH servers, and firewalls that know SSH when they see it.
func sshVerbs() []verb {
	return []verb{
		{"ssh", "PLACE ADDRESS PORTS [host=SEED] [user=USER] [password=TEXT] [sftp] [old] [mute] [share]: an SSH server, whose key follows from the seed, if not from the address; with share it waits for its client, and leaves who speaks anything else", serve, serveSSH},
		{"block ssh", "PLACE PORTS reset|drop [client|server]: packets that begin as an SSH greeting does, of one side or of both", harm, blockSSH},
	}
}

// serveSSH has no key that nobody could name in a profile.
func serveSSH(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, an address and ports")
	}
	s := &servers.SSH{User: "shop"}
	seed, shared := args[1], false
	for _, option := range args[3:] {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "host":
			seed = value
		case "user":
			s.User = value
		case "password":
			s.Password = value
		case "sftp":
			s.Files = sftp.InMemHandler()
		case "old":
			s.Old = true
		case "mute":
			s.Mute = true
		case "share":
			shared = true
		default:
			return fmt.Errorf("no option %q", option)
		}
	}
	digest := sha256.Sum256([]byte(seed))
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(digest[:]))
	if err != nil {
		return err
	}
	s.Keys = []ssh.Signer{key}
	if shared {
		return serveAll(w, args, 3, func(c net.Conn) { share(c, s) })
	}
	return serveAll(w, args, 3, s.Handle)
}

// share is what a port-sharing server does: it waits for what its client says
// first, and takes silence for SSH.
func share(c net.Conn, s *servers.SSH) {
	const silence = 2 * time.Second // as sslh does
	first := make([]byte, 1)
	_ = c.SetReadDeadline(time.Now().Add(silence))
	n, _ := c.Read(first)
	_ = c.SetReadDeadline(time.Time{})
	if n == 0 || first[0] == 'S' {
		s.Handle(&again{c, first[:n]})
	}
}

// blockSSH looks at the first words of either side.
func blockSSH(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, ports and a fate")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	fate, err := fateOf(args[2])
	if err != nil {
		return err
	}
	there, err := match([]string{"tcp", args[1]})
	if err != nil {
		return err
	}
	back := there
	back.Ports, back.FromPorts = nil, there.Ports
	sides := map[string][]Match{"": {there, back}, "client": {there}, "server": {back}}
	side := ""
	if len(args) > 3 {
		side = args[3]
	}
	for _, m := range sides[side] {
		m.Also = [][]expr.Any{said(0, "SSH-")}
		err = errors.Join(err, s.Rule(Forward, m, fate))
	}
	return err
}
