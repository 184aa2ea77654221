package checktest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"netcheck/internal/servers"
)

// daemonVerbs are real servers from this machine's packages: see
// servers.Daemons. A case that has one is skipped where it is not installed;
// NETCHECK_LAB=require makes that a failure.
func daemonVerbs() []Verb {
	var all []Verb
	for _, kind := range servers.Daemons() {
		all = append(all, Verb{kind.Name, "PORT " + kind.Usage, func(w *World, args []string) error { return w.daemon(kind, args) }})
	}
	return append(all,
		Verb{"free", "$RANGE COUNT: as many neighbouring ports where nobody listens, as FIRST-LAST", free},
		Verb{"ssh-key", "$FILE SEED[:TYPE[:PASSPHRASE]] [public]: a file with a key; see servers.NewKey", sshKey},
		Verb{"ssh-fingerprint", "$NAME SEED[:TYPE]: of its public key", sshFingerprint},
	)
}

func (w *World) daemon(kind servers.DaemonKind, args []string) error {
	if len(args) == 0 {
		return errors.New("no port")
	}
	address := netip.MustParseAddr("127.0.0.1")
	words := args[1:]
	if n := len(words); n > 0 {
		if a, ok := strings.CutPrefix(words[n-1], "on="); ok {
			var err error
			if address, err = netip.ParseAddr(a); err != nil {
				return err
			}
			words = words[:n-1]
		}
	}
	p, err := port(args[0])
	if err != nil {
		return err
	}
	tries := 1
	if p == 0 {
		tries = 3 // somebody else may take a port between its choice and its use
	}
	for range tries {
		at := netip.AddrPortFrom(address, p)
		if p == 0 {
			var first uint16
			if first, err = freePorts(address.String(), 1); err != nil {
				return err
			}
			at = netip.AddrPortFrom(address, first)
		}
		var d *servers.Daemon
		if d, err = kind.New(at, issue, words...); err != nil {
			return err
		}
		var stop func()
		stop, err = d.Start(servers.Loopback)
		if err == nil {
			w.AtEnd(stop)
			return w.name(args[0], at.Port())
		}
		if missing, ok := errors.AsType[servers.Missing](err); ok {
			if os.Getenv("NETCHECK_LAB") == "require" {
				return err
			}
			return unavailable(kind.Name + " (" + missing.Error() + ")")
		}
	}
	return err
}

// issue signs for the daemons as for the world's own servers.
func issue(variant string) (tls.Certificate, *servers.Authority, error) {
	ca, err := knownCA()
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	cert, err := ca.Issue(variant, "localhost", "shop.test", "127.0.0.1", "::1")
	return cert, ca, err
}

// freePorts finds neighbouring ports, below those that systems hand out, where
// nobody listens.
func freePorts(address string, count int) (first uint16, err error) {
	const lowest, highest = 20000, 32000
	for range 50 {
		first = uint16(lowest + rand.IntN(highest-lowest-count))
		free := true
		for i := range count {
			l, err := listenOn(address, first+uint16(i))
			if err != nil {
				free = false
				break
			}
			l.Close()
		}
		if free {
			return first, nil
		}
	}
	return 0, fmt.Errorf("no %d free ports in a row", count)
}

func free(w *World, args []string) error {
	args, address, err := on(args, 2)
	if err != nil {
		return err
	}
	var count int
	if _, err := fmt.Sscan(args[1], &count); err != nil || count < 1 {
		return fmt.Errorf("%q is no count", args[1])
	}
	first, err := freePorts(address, count)
	if err != nil {
		return err
	}
	return w.Define(args[0], fmt.Sprintf("%d-%d", first, int(first)+count-1))
}

func sshKey(w *World, args []string) error {
	public := len(args) == 3 && args[2] == "public"
	if len(args) != 2 && !public {
		return errors.New("wanted a name and a seed")
	}
	key, err := servers.NewKey(args[1])
	if err != nil {
		return err
	}
	text := key.Private
	if public {
		text = key.Public
	}
	file := filepath.Join(w.T.TempDir(), "key")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	return w.Define(args[0], filepath.ToSlash(file))
}

func sshFingerprint(w *World, args []string) error {
	args, _, err := on(args, 2)
	if err != nil {
		return err
	}
	key, err := servers.NewKey(args[1])
	if err != nil {
		return err
	}
	return w.Define(args[0], key.Fingerprint)
}
