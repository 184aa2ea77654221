package standin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A challenge is a Question with a nonce, and its Answer has what only the one
// stand-in can make of it. Who wants to know whether a stand-in that was
// reached from outside is the one that it knows here asks this one the same.
//
//	netcheck stand-in? 1 NONCE
//	netcheck stand-in! 1 HMAC-SHA256(key, NONCE)
//
// Both have the same length for a nonce of 32 bytes: over UDP a stand-in never
// sends more than it was sent.

// nonceLength is a nonce's, in bytes.
const nonceLength = 32

// NewNonce is one that nobody has asked before.
func NewNonce() string {
	b := make([]byte, nonceLength)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// Ask is the line or datagram that asks the nonce.
func Ask(nonce string) string { return strings.TrimSuffix(Question, "\n") + " " + nonce + "\n" }

// Asked returns the nonce of a line or datagram that asks one; "" if it is a
// plain Question, and false if it is neither.
func Asked(line string) (nonce string, ok bool) {
	if line == Question {
		return "", true
	}
	return word(line, strings.TrimSuffix(Question, "\n")+" ")
}

// Proof returns what a stand-in's answer proves itself by; false if a line or
// datagram is no such answer.
func Proof(line string) (mac string, ok bool) { return word(line, Answer+" ") }

// word is the one word, of a nonce's length and alphabet, after the prefix.
func word(line, prefix string) (string, bool) {
	w, ok := strings.CutPrefix(line, prefix)
	w, whole := strings.CutSuffix(w, "\n")
	if b, err := hex.DecodeString(w); !ok || !whole || err != nil || len(b) != nonceLength {
		return "", false
	}
	return w, true
}

// Key is what makes one stand-in's answers its own. It stays in the process.
type Key struct{ secret [32]byte }

// NewKey is one that nobody else has.
func NewKey() *Key {
	k := new(Key)
	rand.Read(k.secret[:])
	return k
}

// Proof is what only this key makes of a nonce.
func (k *Key) Proof(nonce string) string {
	m := hmac.New(sha256.New, k.secret[:])
	m.Write([]byte(nonce))
	return hex.EncodeToString(m.Sum(nil))
}

// Reply is the line or datagram that answers the nonce; a plain Question has
// the plain Answer.
func (k *Key) Reply(nonce string) string {
	if nonce == "" {
		return Answer + "\n"
	}
	return Answer + " " + k.Proof(nonce) + "\n"
}
