package checks

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"

	"netcheck/profiles/value"
	"netcheck/report/result"
)

// maxKeyFile bounds a key's file: the longest keys have some kilobytes.
const maxKeyFile = 64 << 10

// keyFile is what is known of a file with a private key. No part of the
// private half is kept but in Signer.
type keyFile struct {
	Format  string        // OpenSSH, PEM, PuTTY
	Signer  ssh.Signer    // nil: it can't be used
	Public  ssh.PublicKey // nil: not known
	Type    string        // where the format tells of the kind alone
	Locked  bool          // it has a passphrase that was not given
	Exposed string        // who else may read it; "": nobody, as far as can be seen
	Hidden  error         // it may not be read by whoever runs netcheck
	Code    result.Code   // why it can't be used, as a cause
	Trouble string        // and as what is to be done about it: locked, passphrase, cut
	Err     error         // the same in words
}

// unusable is a file that is no key that can be used.
func (f keyFile) unusable(code result.Code, format string, args ...any) keyFile {
	f.Signer, f.Code, f.Err = nil, code, fmt.Errorf(format, args...)
	return f
}

// home puts the home of whoever runs netcheck in place of ~.
func home(file string) string {
	if rest, ok := strings.CutPrefix(file, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		if dir, err := os.UserHomeDir(); err == nil {
			return filepath.Join(dir, rest)
		}
	}
	return file
}

// readKey looks at a private key in its place.
func readKey(file string, passphrase value.Secret) keyFile {
	var f keyFile
	path := home(file)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		f.Hidden = err
		return f.unusable(result.KeyUnreadable, "%s may not be read by whoever runs netcheck", file)
	case errors.Is(err, fs.ErrNotExist):
		return f.unusable(result.KeyMissing, "%s is not there", file)
	case err != nil:
		return f.unusable(result.KeyMissing, "%s: %w", file, err)
	case !info.Mode().IsRegular():
		return f.unusable(result.KeyUnreadable, "%s is no file", file)
	}
	f.Exposed = exposed(path, info)
	opened, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			f.Hidden = err
		}
		return f.unusable(result.KeyUnreadable, "%s can't be read: %w", file, err)
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, maxKeyFile+1))
	defer clear(text)
	switch {
	case err != nil:
		return f.unusable(result.KeyUnreadable, "%s can't be read: %w", file, err)
	case len(text) > maxKeyFile:
		return f.unusable(result.KeyUnreadable, "%s is too long for a key", file)
	case len(bytes.TrimSpace(text)) == 0:
		return f.unusable(result.KeyUnreadable, "%s is empty", file)
	}
	return f.parse(file, text, passphrase)
}

// readKeyWithin is readKey, but does not keep whoever gives up waiting: to open
// a locked key takes a while, and the file may lie on a server.
func readKeyWithin(ctx context.Context, file string, passphrase value.Secret) (keyFile, error) {
	read := make(chan keyFile, 1)
	go func() { read <- readKey(file, passphrase) }()
	select {
	case f := <-read:
		return f, nil
	case <-ctx.Done():
		return keyFile{}, ctx.Err()
	}
}

// parse reads the formats of private keys. Its errors are its own: a library's
// might quote the file.
func (f keyFile) parse(file string, text []byte, passphrase value.Secret) keyFile {
	if bytes.HasPrefix(text, []byte("PuTTY-User-Key-File-")) {
		f.Format, f.Public = "PuTTY", puttyPublic(text)
		return f.unusable(result.KeyUnreadable, "%s is a key in PuTTY's own format (PPK), not in that of OpenSSH", file)
	}
	block := privateBlock(text)
	if block == nil {
		if begun.Match(text) {
			f.Trouble = "cut"
			return f.unusable(result.KeyUnreadable, "%s holds a private key that is damaged, or cut off before its end", file)
		}
		if _, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
			return f.unusable(result.KeyUnreadable, "%s holds the public half of a key, not the private one", file)
		}
		return f.unusable(result.KeyUnreadable, "%s holds no private key", file)
	}
	defer clear(block.Bytes)
	f.Format = "PEM"
	if block.Type == "OPENSSH PRIVATE KEY" {
		f.Format = "OpenSSH"
	}
	kind := strings.TrimSuffix(block.Type, "PRIVATE KEY")
	if f.Type = map[string]string{"RSA ": "rsa", "EC ": "ecdsa", "DSA ": "dsa"}[kind]; kind == "ENCRYPTED " {
		f.Locked, f.Trouble = true, "locked" // of which only other programs have the way to open it
		return f.unusable("", "%s is locked by a passphrase, in a format that netcheck does not open", file)
	}
	text = pem.EncodeToMemory(block)
	defer clear(text)
	signer, err := ssh.ParsePrivateKey(text)
	locked, ok := errors.AsType[*ssh.PassphraseMissingError](err)
	switch {
	case ok && passphrase == "":
		f.Locked, f.Public, f.Trouble = true, locked.PublicKey, "locked"
		return f.unusable("", "%s is locked by a passphrase", file)
	case ok:
		if signer, err = ssh.ParsePrivateKeyWithPassphrase(text, []byte(passphrase.Reveal())); err != nil {
			f.Public, f.Trouble = locked.PublicKey, "passphrase"
			return f.unusable(result.KeyUnreadable, "%s does not open with the passphrase given", file)
		}
	case err != nil:
		f.Trouble = "cut"
		return f.unusable(result.KeyUnreadable, "%s holds a damaged key, or one of a kind that is not in use", file)
	}
	f.Signer, f.Public = signer, signer.PublicKey()
	return f
}

// begun is how a private key in PEM begins, whether it ends or not.
var begun = regexp.MustCompile(`(?m)^-----BEGIN [A-Z ]*PRIVATE KEY-----`)

// privateBlock is the first private key of a file: certificates and the
// parameters of a curve may stand before it, and programs pass over them.
func privateBlock(text []byte) *pem.Block {
	for {
		block, rest := pem.Decode(text)
		if block == nil || strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return block
		}
		text = rest
	}
}

// kind is the kind of a key, and of an RSA key how long it is; "" and 0: not
// known.
func (f keyFile) kind() (kind string, bits int) {
	c, ok := f.Public.(ssh.CryptoPublicKey)
	if !ok {
		return f.Type, 0
	}
	switch k := c.CryptoPublicKey().(type) {
	case *rsa.PublicKey:
		return "rsa", k.N.BitLen()
	case *ecdsa.PublicKey:
		return "ecdsa", k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "ed25519", 8 * len(k)
	}
	if f.Public.Type() == "ssh-dss" { // which the library calls insecure, as it is
		return "dsa", 0
	}
	return f.Type, 0
}

// puttyPublic reads the public half, which a PPK has in clear; nil if it is
// not whole.
func puttyPublic(text []byte) ssh.PublicKey {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		count, ok := strings.CutPrefix(lines.Text(), "Public-Lines: ")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(count))
		var b strings.Builder
		for ; err == nil && n > 0 && lines.Scan(); n-- {
			b.WriteString(strings.TrimSpace(lines.Text()))
		}
		blob, err := base64.StdEncoding.DecodeString(b.String())
		if err != nil {
			return nil
		}
		key, err := ssh.ParsePublicKey(blob)
		if err != nil {
			return nil
		}
		return key
	}
	return nil
}
