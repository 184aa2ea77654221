package talk

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
)

// Pinned finds a public key by its SHA-256 in what a server showed: in the
// server's own certificate, which then is who it should be, whatever it says;
// or in one that signed it, directly or through others, or in the root that
// this system's trust led to. Such a key vouches for every certificate of that
// authority, so that the name still counts. nil: nowhere.
func (v *Verification) Pinned(chain []*x509.Certificate, sum [sha256.Size]byte) *x509.Certificate {
	if len(chain) == 0 {
		return nil
	}
	path := signedPath(chain)
	if v.System == nil && v.Root != nil {
		path = append(path, v.Root)
	}
	for _, c := range path {
		if sha256.Sum256(c.RawSubjectPublicKeyInfo) == sum {
			return c
		}
	}
	return nil
}

// Pin is a certificate's public key as a profile names it.
func Pin(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return "sha256:" + hex.EncodeToString(sum[:])
}
