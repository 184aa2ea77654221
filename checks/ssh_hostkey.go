package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// exchange exchanges keys and holds the server's against those that the account
// names, before anything of the user's goes there.
func (v *sshVisit) exchange(ctx context.Context, t *engine.Trace) error {
	wanted := v.account.fingerprints()
	all := hostKeyFamilies(v.account.HostKey)
	key, session, err := v.shake(ctx, t, v.door, slices.Concat(all...))
	v.session, v.hostKey = session, key
	if err != nil {
		return err
	}
	return t.Span(ctx, result.OpHostKey, func(ctx context.Context, s *engine.Step) error {
		v.note(s)
		s.Set("ssh.host_key.pinned", len(wanted) > 0)
		noteHostKey(s, key)
		if len(wanted) == 0 || slices.Contains(wanted, ssh.FingerprintSHA256(key)) {
			return nil
		}
		s.Set("ssh.host_key.expected", wanted)
		seen := []string{shownKey(key)}
		for _, family := range all {
			offer := v.session.Offer()
			if slices.Contains(family, familyOf(key, all)) || offer == nil || !slices.ContainsFunc(family, func(a string) bool { return slices.Contains(offer.HostKeys, a) }) {
				continue
			}
			// A server has a key of each kind, and which it shows is the
			// client's choice: the product may know another one.
			other, found, err := v.another(ctx, t, family)
			if err != nil {
				continue
			}
			seen = append(seen, shownKey(other))
			if slices.Contains(wanted, ssh.FingerprintSHA256(other)) {
				v.session.Close()
				v.session, v.hostKey = found, other
				noteHostKey(s, other)
				return nil
			}
			found.Close()
		}
		s.Set("ssh.host_key.seen", seen)
		return engine.Failed(result.FailHostKey, fmt.Errorf("the server shows the key %s, expected %s", strings.Join(seen, " and "), strings.Join(wanted, " or ")))
	})
}

// shake exchanges keys with a server that has greeted.
func (v *sshVisit) shake(ctx context.Context, t *engine.Trace, d *sshDoor, algorithms []string) (key ssh.PublicKey, session *talk.SSHSession, err error) {
	session = d.peer.Handshake(talk.SSHOptions{User: v.account.User, Proofs: v.proofs(), HostKeys: algorithms, Secrets: v.account.secrets()})
	err = t.Step(ctx, result.OpKeyExchange, func(ctx context.Context, s *engine.Step) error {
		v.note(s)
		key, err = session.Exchange(ctx)
		if o := session.Offer(); o != nil {
			s.Set("ssh.offered.key_exchange", o.KeyExchange)
			s.Set("ssh.offered.host_keys", o.HostKeys)
			s.Set("ssh.offered.ciphers", o.Ciphers)
			s.Set("ssh.offered.macs", o.MACs)
		}
		if err != nil {
			if ev := brokenOff(d.conn, engine.Classify(err), err); ev != nil {
				s.Evidence(*ev)
			}
		}
		return err
	})
	return key, session, err
}

// another asks the same address for its host key of another kind.
func (v *sshVisit) another(ctx context.Context, t *engine.Trace, family []string) (ssh.PublicKey, *talk.SSHSession, error) {
	conn, r, err := v.door.another(ctx, t, "", v.door.port)
	if err != nil {
		return nil, nil, err
	}
	d := &sshDoor{port: v.door.port, reached: reached{arrival: &arrival{to: v.door.to, proxy: v.door.proxy, conn: conn, result: r}}}
	if err := d.greet(ctx, t, string(v.account.Host)); err != nil || d.peer == nil {
		conn.Close()
		return nil, nil, err
	}
	key, session, err := v.shake(ctx, t, d, family)
	if err != nil {
		session.Close()
		return nil, nil, err
	}
	return key, session, nil
}

func noteHostKey(s *engine.Step, key ssh.PublicKey) {
	s.Set("ssh.host_key.type", talk.Clean(key.Type(), 64))
	s.Set("ssh.host_key.fingerprint", ssh.FingerprintSHA256(key))
}

// shownKey is a host key for a reader.
func shownKey(key ssh.PublicKey) string {
	return ssh.FingerprintSHA256(key) + " (" + talk.Clean(key.Type(), 64) + ")"
}

// fingerprints are the host keys that the account names.
func (a *sshAccount) fingerprints() []string {
	var all []string
	for _, line := range a.HostKey {
		if f, err := fingerprint(line); err == nil {
			all = append(all, f)
		}
	}
	return all
}

// hostKeyFamilies are the algorithms by which a server may prove its key, one
// list a kind of key; first those of which the account has one whole, as a
// client asks first for the kind that it knows.
func hostKeyFamilies(known []string) [][]string {
	var families [][]string
	kinds := []string{"ed25519", "ecdsa", "rsa"}
	slices.SortStableFunc(kinds, func(a, b string) int { return order(known, a) - order(known, b) })
	for _, kind := range kinds {
		var family []string
		for _, a := range ssh.SupportedAlgorithms().HostKeys {
			if strings.Contains(a, kind) && !strings.Contains(a, "-cert-") {
				family = append(family, a)
			}
		}
		families = append(families, family)
	}
	return families
}

func order(known []string, kind string) int {
	if slices.ContainsFunc(known, func(line string) bool {
		return strings.Contains(strings.ToLower(strings.SplitN(line, " ", 2)[0]), kind) && !strings.HasPrefix(line, sha256Prefix)
	}) {
		return 0
	}
	return 1
}

// familyOf is an algorithm that stands for a key's kind.
func familyOf(key ssh.PublicKey, families [][]string) string {
	kind := key.Type()
	if kind == ssh.KeyAlgoRSA {
		kind = ssh.KeyAlgoRSASHA256 // the same key proves itself by newer ways
	}
	for _, f := range families {
		if slices.Contains(f, kind) {
			return kind
		}
	}
	return ""
}
