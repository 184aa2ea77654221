package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

var keyKind = engine.Kind{
	Name: "key",
	Doc:  "a private key is in its place on this machine, long enough, and for its owner's eyes alone",
	Example: `- id: transfer-key
  title: Key of the file transfer
  key: {file: "~/.ssh/id_rsa", type: rsa, min_bits: 2048}`,
	New: func() engine.Prober { return new(keyCheck) },
}

// keyCheck is a file with a private key. Nothing of it is shown but the
// fingerprint of its public half.
type keyCheck struct {
	File       string       `yaml:"file" doc:"the file; ~ is the home of whoever runs netcheck"`
	Type       string       `yaml:"type" enum:"rsa,ed25519,ecdsa" doc:"the kind of key that the product makes; left out, any of these"`
	MinBits    int          `yaml:"min_bits" default:"2048" doc:"how long an RSA key must be"`
	Private    *bool        `yaml:"private_permissions" default:"true" doc:"other users of this machine must not be able to read it"`
	Passphrase value.Secret `yaml:"passphrase" doc:"of the file, where it has one; without it only the public half can be looked at"`
}

func (k *keyCheck) String() string { return result.Here + ", " + k.File }

// Validate looks at the fields alone.
func (k *keyCheck) Validate() error {
	var errs []error
	switch {
	case k.File == "":
		errs = append(errs, &engine.FieldError{Field: "file", Message: "missing: which file?"})
	case strings.ContainsRune(k.File, 0):
		errs = append(errs, &engine.FieldError{Field: "file", Message: "no file has such a name"})
	}
	if k.MinBits < 0 || k.MinBits > 16384 {
		errs = append(errs, &engine.FieldError{Field: "min_bits", Message: "RSA keys have up to 16384 bits"})
	}
	return errors.Join(errs...)
}

// Probe looks at the file.
func (k *keyCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	var out engine.Outcome
	var remarks []string
	err := t.Span(ctx, result.OpInspect, func(ctx context.Context, s *engine.Step) error {
		s.Set("file.path", k.File)
		f, err := readKeyWithin(ctx, k.File, k.Passphrase)
		if err != nil {
			return err
		}
		if f.Hidden != nil { // which is as it should be, if it is another's
			out.Verdict, out.Detail = result.Inconclusive, fmt.Sprintf("whoever runs netcheck may not read %s, so that only its owner can tell", k.File)
			s.Set("key.readable", false)
			return nil
		}
		f.note(s)
		code, err := k.judge(f)
		if code != "" {
			out.Code, out.Detail = code, err.Error()
			if code == result.KeyMissing || code == result.KeyUnreadable {
				return engine.Failed(result.FailKeyFile, err)
			}
			return engine.Failed(result.FailExpectation, err)
		}
		if f.Locked {
			out.Code = result.KeyUnreadable
			remarks = append(remarks, k.File+" is locked by a passphrase, without which only its public half could be looked at")
		}
		if err != nil {
			out.Verdict, out.Code, out.Detail = result.Inconclusive, "", err.Error()
		}
		return nil
	})
	if err == nil && out.Verdict == "" {
		warn(&out, remarks, nil)
	}
	return out, err
}

// minBits is what the field says that it is.
func (k *keyCheck) minBits() int { return cmp.Or(k.MinBits, 2048) }

// judge says what is wrong with a key: the gravest is the cause. An error
// without a code is that it can't be told.
func (k *keyCheck) judge(f keyFile) (result.Code, error) {
	if f.Code != "" {
		return f.Code, f.Err
	}
	var code result.Code
	var all []string
	wrong := func(c result.Code, format string, args ...any) {
		code, all = cmp.Or(code, c), append(all, fmt.Sprintf(format, args...))
	}
	if f.Exposed != "" && (k.Private == nil || *k.Private) {
		wrong(result.KeyExposed, "%s can be read by others: %s", k.File, f.Exposed)
	}
	name := k.File
	if code != "" {
		name = "it"
	}
	switch kind, bits := f.kind(); {
	case kind == "dsa":
		wrong(result.KeyWeak, "%s is a key of the kind DSA, which is not in use any more", name)
	case k.Type != "" && kind != "" && kind != k.Type:
		wrong(result.KeyType, "%s is a key of the kind %s, expected %s", name, kind, k.Type)
	case kind == "rsa" && bits > 0 && bits < k.minBits():
		wrong(result.KeyWeak, "%s is a key of %d bits, expected %d or more", name, bits, k.minBits())
	case code == "" && (kind == "" || kind == "rsa" && bits == 0):
		return "", errors.New("the key is locked by a passphrase, and without it kind and length can't be told")
	}
	if code == "" {
		return "", nil
	}
	return code, errors.New(strings.Join(all, "; "))
}

// note records what may be known of a key.
func (f keyFile) note(s *engine.Step) {
	if f.Format != "" {
		s.Set("key.format", f.Format)
	}
	if f.Public != nil {
		s.Set("key.fingerprint", ssh.FingerprintSHA256(f.Public))
	}
	kind, bits := f.kind()
	if kind != "" {
		s.Set("key.type", kind)
	}
	if bits > 0 {
		s.Set("key.bits", bits)
	}
	if f.Locked {
		s.Set("key.locked", true)
	}
	if f.Exposed != "" {
		s.Set("key.exposed", f.Exposed)
	}
	if f.Trouble != "" {
		s.Set("key.trouble", f.Trouble)
	}
}
