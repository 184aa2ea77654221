package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// secrets are what no report may show, should the server say it back.
func (a *sshAccount) secrets() []string {
	var all []string
	for _, s := range []string{a.Password.Reveal(), a.Passphrase.Reveal()} {
		if len(s) >= minSecret {
			all = append(all, s)
		}
	}
	return all
}

// proofs are the ways of logging in that the account has, in the order of
// harmlessness: what a key signs is of no use to anybody else.
func (v *sshVisit) proofs() []talk.SSHProof {
	a := v.account
	ps := []talk.SSHProof{{Method: "publickey", Auth: ssh.PublicKeysCallback(func() ([]ssh.Signer, error) { return v.signers, nil })}}
	if a.User == "" || a.Key == "" && a.Password != "" {
		ps = nil // an agent's keys are for accounts that name nothing else
	}
	if a.Password == "" || a.User == "" {
		return ps
	}
	password := a.Password.Reveal()
	return append(ps,
		talk.SSHProof{Method: "password", Auth: ssh.Password(password)},
		talk.SSHProof{Method: "keyboard-interactive", Unless: "password", Auth: ssh.KeyboardInteractive(func(_, _ string, questions []string, shown []bool) ([]string, error) {
			// One hidden question is for the password, whatever it says; any
			// other would be for something that nobody gave us.
			if len(questions) == 1 && !shown[0] {
				return []string{password}, nil
			}
			if len(questions) == 0 {
				return nil, nil
			}
			return nil, errors.New("the server asks for more than a password")
		})})
}

// login proves who logs in.
func (v *sshVisit) login(ctx context.Context, t *engine.Trace) error {
	a := v.account
	return t.Span(ctx, result.OpAuth, func(ctx context.Context, s *engine.Step) error {
		v.note(s)
		s.Set("user.name", talk.Clean(a.User, 64))
		if err := v.keyInPlace(ctx, s); err != nil {
			return err
		}
		if v.doubt != "" {
			v.session.Close()
			v.session = nil
			return nil
		}
		ctx, cancel := withTimeout(ctx, t.Env.Timeout) // of the exchange: to open a locked key is slow by intent
		defer cancel()
		if a.Key == "" && a.Password == "" {
			defer v.agentKeys(ctx, s)()
		}
		if a.Password != "" && len(a.HostKey) == 0 {
			v.remarks = append(v.remarks, "the password went to a server whose host key the profile does not name: "+hostKeyOf(v)+" is its fingerprint")
		}
		methods, err := loginAt[[]string](ctx, t, fmt.Sprintf("ssh %s:%d", a.Host, v.door.port), a.User, v.proof()).try(ctx, result.FailSSHAuth, func() ([]string, error) {
			err := v.session.Login(ctx)
			if engine.Classify(err) == result.FailSSHAuth {
				err = engine.Failed(result.FailSSHAuth, fmt.Errorf("%w: %s", err, v.refusal()))
			}
			return v.session.Methods, err
		})
		if len(methods) > 0 {
			s.Set("ssh.auth.methods", methods)
		}
		if err != nil && len(v.session.Tried) > 0 {
			s.Set("ssh.auth.tried", v.session.Tried)
		}
		if err != nil && len(v.session.Partial) > 0 {
			s.Set("ssh.auth.accepted", v.session.Partial)
			s.Set("ssh.auth.wanted", v.session.Wanted)
		}
		if v.session.Notice != "" {
			s.Set("ssh.notice", v.session.Notice)
		}
		switch {
		case err == nil:
			v.loggedIn(s)
			return nil
		case engine.Classify(err) != result.FailSSHAuth:
			return err
		case len(v.signers) == 0 && a.Key == "" && a.Password == "":
			v.doubt = errNoProof.Error()
			v.session.Close()
			v.session = nil
			return nil
		}
		return err
	})
}

// proof is all that the account has to show for itself, to tell it from others.
func (v *sshVisit) proof() string {
	all := []string{v.account.Password.Reveal()}
	for _, k := range v.signers {
		all = append(all, ssh.FingerprintSHA256(k.PublicKey()))
	}
	return strings.Join(all, "\n")
}

var errNoProof = errors.New("whether the login works can't be told: there is nothing to log in with, no key, no password and no SSH agent that has one")

// loggedIn records by what.
func (v *sshVisit) loggedIn(s *engine.Step) {
	if len(v.session.Methods) == 0 {
		s.Set("ssh.auth.method", "none")
		v.remarks = append(v.remarks, "the server lets "+talk.Clean(v.account.User, 64)+" in without any proof")
	}
	chosen := v.session.Chosen()
	s.Set("ssh.key_exchange", talk.Clean(chosen.KeyExchange, 64))
	s.Set("ssh.cipher", talk.Clean(chosen.Read.Cipher, 64))
}

// refusal says what the server would take, and what it was given.
func (v *sshVisit) refusal() string {
	takes, partial, tried := v.session.Methods, v.session.Partial, v.session.Tried
	var given []string
	for _, m := range tried {
		if !slices.Contains(partial, m) {
			given = append(given, m)
		}
	}
	switch {
	case len(partial) > 0 && len(given) > 0:
		return fmt.Sprintf("it accepts %s, and wants %s as well, where %s was refused", strings.Join(partial, ", "), strings.Join(v.session.Wanted, ", "), strings.Join(given, ", "))
	case len(partial) > 0:
		return fmt.Sprintf("it accepts %s, and wants %s as well, which was not given", strings.Join(partial, ", "), strings.Join(v.session.Wanted, " or "))
	case len(takes) == 0:
		return "it does not say which kinds of login it takes"
	case len(given) == 0:
		return fmt.Sprintf("it takes %s, and nothing of that was given", strings.Join(takes, ", "))
	}
	return fmt.Sprintf("it takes %s; %s was refused", strings.Join(takes, ", "), strings.Join(given, ", "))
}

// keyInPlace gets the key of the account's file ready, if it has one.
func (v *sshVisit) keyInPlace(ctx context.Context, s *engine.Step) error {
	a := v.account
	if a.Key == "" {
		return nil
	}
	s.Set("ssh.auth.key_file", talk.Clean(a.Key, 300))
	k, err := readKeyWithin(ctx, a.Key, a.Passphrase)
	if err != nil {
		return err
	}
	if k.Hidden != nil { // the product's user may read it, if it is another's
		v.doubt = fmt.Sprintf("whether the login works can't be told: whoever runs netcheck may not read %s, so that only its owner can tell", a.Key)
		return nil
	}
	if k.Trouble != "" {
		s.Set("key.trouble", k.Trouble)
	}
	if k.Exposed != "" {
		s.Set("key.exposed", k.Exposed)
		v.exposed = fmt.Sprintf("%s can be read by others: %s; OpenSSH does not use such a key", a.Key, k.Exposed)
	}
	if k.Signer == nil {
		v.code = cmp.Or(k.Code, result.KeyUnreadable)
		return engine.Failed(result.FailKeyFile, k.Err)
	}
	v.signers = []ssh.Signer{k.Signer}
	s.Set("ssh.auth.keys", []string{shownKey(k.Public)})
	return nil
}

// agentKeys gets the keys of this session's agent ready, which signs as long
// as release is not called.
func (v *sshVisit) agentKeys(ctx context.Context, s *engine.Step) (release func()) {
	conn, err := dialAgent(ctx)
	if err != nil {
		return func() {} // most machines have none
	}
	// One that hangs is one that has none; to sign, it may ask its user.
	listing, cancel := context.WithTimeout(ctx, agentPatience)
	hang := context.AfterFunc(listing, func() { conn.Close() })
	defer cancel()
	defer hang()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	if v.signers, err = agent.NewClient(conn).Signers(); err != nil {
		v.signers = nil
	}
	// A server counts each key as an attempt, and has enough after six.
	v.signers = v.signers[:min(len(v.signers), maxAgentKeys)]
	var shown []string
	for _, k := range v.signers {
		shown = append(shown, shownKey(k.PublicKey()))
	}
	s.Set("ssh.auth.keys", shown)
	s.Set("ssh.auth.agent", true)
	return func() {
		stop()
		conn.Close()
	}
}

const (
	maxAgentKeys  = 5
	agentPatience = time.Second // an agent is on this machine
)

// hostKeyOf is the server's key as a fingerprint.
func hostKeyOf(v *sshVisit) string {
	if v.hostKey == nil {
		return "unknown"
	}
	return ssh.FingerprintSHA256(v.hostKey)
}
