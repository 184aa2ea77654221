package servers

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Key is a pair of keys as OpenSSH's files have them.
type Key struct {
	Private     string // a file
	Public      string // a line
	Fingerprint string // SHA256:…
}

var (
	keyMu sync.Mutex
	keys  = map[string]crypto.Signer{}
)

// NewKey makes the key of SEED[:TYPE[:PASSPHRASE]]. A key of type ed25519, which
// is the default, or ecdsa is the same each time, so that a case can say its
// fingerprint; one of type rsa, rsa1024 or another size is so for as long as the
// process runs.
func NewKey(of string) (Key, error) {
	seed, rest, _ := strings.Cut(of, ":")
	kind, passphrase, locked := strings.Cut(rest, ":")
	private, err := keyOf(seed, kind)
	if err != nil {
		return Key{}, err
	}
	var block *pem.Block
	if locked {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, seed, []byte(passphrase))
	} else {
		block, err = ssh.MarshalPrivateKey(private, seed)
	}
	if err != nil {
		return Key{}, err
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		return Key{}, err
	}
	return Key{
		Private: string(pem.EncodeToMemory(block)), Public: string(ssh.MarshalAuthorizedKey(public)),
		Fingerprint: ssh.FingerprintSHA256(public),
	}, nil
}

func keyOf(seed, kind string) (key crypto.Signer, err error) {
	keyMu.Lock()
	defer keyMu.Unlock()
	if key = keys[seed+":"+kind]; key != nil {
		return key, nil
	}
	grown := sha256.Sum256([]byte(seed))
	size, isRSA := strings.CutPrefix(kind, "rsa")
	switch {
	case kind == "", kind == "ed25519":
		key = ed25519.NewKeyFromSeed(grown[:])
	case kind == "ecdsa":
		key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), grown[:])
	case isRSA:
		bits := 2048
		if size != "" {
			if bits, err = strconv.Atoi(size); err != nil {
				return nil, err
			}
		}
		key, err = rsa.GenerateKey(rand.Reader, bits)
	default:
		err = fmt.Errorf("no type of key %q", kind)
	}
	if err == nil {
		keys[seed+":"+kind] = key
	}
	return key, err
}
