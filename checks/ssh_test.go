package checks

import (
	"errors"
	"testing"
	"time"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

// Each is a mistake that a profile's author can make, and the field that the
// message must point at; "" is no mistake.
func TestValidateSSH(t *testing.T) {
	const (
		pin  = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
		line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJlT2X5gpbGGjAJDp4rVEPXQmNbTqjBXCV8vyCPmfXT"
	)
	account := func(change func(*sshAccount)) sshAccount {
		a := sshAccount{Host: "shop.test"}
		change(&a)
		return a
	}
	plain := account(func(*sshAccount) {})
	for name, c := range map[string]struct {
		check engine.Prober
		field string
	}{
		"ssh":                        {&sshCheck{sshAccount: plain}, ""},
		"ssh without a host":         {&sshCheck{}, "host"},
		"ssh on too many ports":      {&sshCheck{sshAccount: account(func(a *sshAccount) { a.Port = value.Ports{{First: 1, Last: 99}} })}, "port"},
		"ssh with a fingerprint":     {&sshCheck{sshAccount: account(func(a *sshAccount) { a.HostKey = []string{pin} })}, ""},
		"ssh with a key":             {&sshCheck{sshAccount: account(func(a *sshAccount) { a.HostKey = []string{line + " comms"} })}, ""},
		"ssh with half a key":        {&sshCheck{sshAccount: account(func(a *sshAccount) { a.HostKey = []string{line[:40]} })}, "host_key"},
		"ssh with an MD5":            {&sshCheck{sshAccount: account(func(a *sshAccount) { a.HostKey = []string{"MD5:16:27:ac"} })}, "host_key"},
		"ssh with half of a digest":  {&sshCheck{sshAccount: account(func(a *sshAccount) { a.HostKey = []string{pin[:20]} })}, "host_key"},
		"ssh, a key of nobody":       {&sshCheck{sshAccount: account(func(a *sshAccount) { a.Key = "id" })}, "user"},
		"ssh, a password of nobody":  {&sshCheck{sshAccount: account(func(a *sshAccount) { a.Password = "x" })}, "user"},
		"ssh, a passphrase alone":    {&sshCheck{sshAccount: account(func(a *sshAccount) { a.User, a.Passphrase = "shop", "x" })}, "passphrase"},
		"ssh, a user of two lines":   {&sshCheck{sshAccount: account(func(a *sshAccount) { a.User = "a\nb" })}, "user"},
		"ssh, files of nobody":       {&sshCheck{sshAccount: plain, SFTP: true}, "user"},
		"ssh, a path of nobody":      {&sshCheck{sshAccount: plain, Path: "inbox"}, "user"},
		"ssh, files of a user":       {&sshCheck{sshAccount: account(func(a *sshAccount) { a.User = "shop" }), SFTP: true}, ""},
		"key":                        {&keyCheck{File: "id"}, ""},
		"key without a file":         {&keyCheck{}, "file"},
		"key of too many bits":       {&keyCheck{File: "id", MinBits: 1 << 20}, "min_bits"},
		"key in a file without name": {&keyCheck{File: "i\x00d"}, "file"},
	} {
		err := c.check.Validate()
		fe, ok := errors.AsType[*engine.FieldError](err)
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.field != "" && (!ok || fe.Field != c.field):
			t.Errorf("%s: %v, wanted a mistake in %s", name, err, c.field)
		}
	}
}

// A greeting is waited for as long as one exchange at least.
func TestPatienceFor(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{
		0: sshPatience, time.Second: 2 * time.Second, 5 * time.Second: sshPatience, 20 * time.Second: 20 * time.Second,
	} {
		if got := patienceFor(timeout); got != want {
			t.Errorf("with --timeout %v: %v, wanted %v", timeout, got, want)
		}
	}
}

// Of a fingerprint it does not count how its end is padded, of a key what is
// written behind it.
func TestFingerprint(t *testing.T) {
	const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJlT2X5gpbGGjAJDp4rVEPXQmNbTqjBXCV8vyCPmfXT"
	bare, err := fingerprint(line)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{line + " comms server", " " + line + "\n", bare, bare + "="} {
		if got, err := fingerprint(text); err != nil || got != bare {
			t.Errorf("%q: %q, %v; wanted %q", text, got, err, bare)
		}
	}
}
