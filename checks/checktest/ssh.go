package checktest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"netcheck/internal/servers"
)

// sshVerb is an SSH server: ssh PORT OPTION… A host key's fingerprint is told
// by host=$NAME, of one more by host-rsa=$NAME.
func sshVerb(w *World, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("wanted a port")
	}
	s := &servers.SSH{User: "shop"}
	late := time.Duration(0)
	foreword := ""
	for _, option := range args[1:] {
		name, value, _ := strings.Cut(option, "=")
		var err error
		switch name {
		case "host", "host-rsa":
			err = w.hostKey(s, strings.TrimPrefix(strings.TrimPrefix(name, "host"), "-"), value)
		case "user":
			s.User = value
		case "password":
			s.Password = value
		case "asks":
			s.Asks = true
		case "key":
			s.Key, err = w.publicKey(value)
		case "open":
			s.Open = true
		case "files":
			s.Files = sftp.InMemHandler()
			err = w.makeFiles(s.Files, value)
		case "sham":
			s.Sham = []byte(value)
		case "mute":
			s.Mute = true
		case "notice":
			s.Notice = value
		case "version":
			s.Version = value
		case "old":
			s.Old = true
		case "both":
			s.Both = true
		case "tries":
			s.Tries, err = strconv.Atoi(value)
		case "ends":
			s.Ends = true
		case "late":
			late, err = time.ParseDuration(value)
		case "foreword":
			foreword = value + "\r\n"
		default:
			err = fmt.Errorf("%s is not known", option)
		}
		if err != nil {
			return err
		}
	}
	if len(s.Keys) == 0 {
		if err := w.hostKey(s, "", ""); err != nil {
			return err
		}
	}
	return tcpVerb(w, args[:1], func(c net.Conn) {
		if late > 0 { // it waits for its client to speak first
			first := make([]byte, 1)
			_ = c.SetReadDeadline(time.Now().Add(late))
			n, _ := c.Read(first)
			_ = c.SetReadDeadline(time.Time{})
			c = &spoken{c, first[:n]}
		}
		if _, err := io.WriteString(c, foreword); err == nil {
			s.Handle(c)
		}
	})
}

// spoken is a connection of which something was read already.
type spoken struct {
	net.Conn
	first []byte
}

func (s *spoken) Read(b []byte) (int, error) {
	if len(s.first) > 0 {
		n := copy(b, s.first)
		s.first = s.first[n:]
		return n, nil
	}
	return s.Conn.Read(b)
}

// hostKey gives a server one more host key, and a variable its fingerprint.
func (w *World) hostKey(s *servers.SSH, kind, name string) error {
	key, err := servers.NewHostKey(kind)
	if err != nil {
		return err
	}
	s.Keys = append(s.Keys, key)
	if name == "" {
		return nil
	}
	// Also the whole line, as known_hosts has it.
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
	if err := w.Define(name+"line", line); err != nil {
		return err
	}
	return w.Define(name, ssh.FingerprintSHA256(key.PublicKey()))
}

// makeFiles fills an SFTP server's memory: "inbox/a.csv,b.csv".
func (w *World) makeFiles(h sftp.Handlers, list string) error {
	for file := range strings.SplitSeq(list, ",") {
		if file == "" {
			continue
		}
		dir := filepath.Dir("/" + file)
		if dir != "/" {
			if err := h.FileCmd.Filecmd(&sftp.Request{Method: "Mkdir", Filepath: dir}); err != nil && !os.IsExist(err) {
				return err
			}
		}
		f, err := h.FilePut.Filewrite(&sftp.Request{Method: "Put", Filepath: "/" + file, Flags: 0x1a})
		if err != nil {
			return err
		}
		if _, err := f.WriteAt([]byte("a;b\n"), 0); err != nil {
			return err
		}
	}
	return nil
}

// publicKey is the public half of a key that keyFile made.
func (w *World) publicKey(file string) (ssh.PublicKey, error) {
	text, err := os.ReadFile(file + ".pub")
	if err != nil {
		return nil, err
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	return key, err
}

// keyFile makes a file with a private key: key-file $NAME KIND OPTION…
func keyFile(w *World, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("wanted a variable and a kind")
	}
	path := filepath.Join(w.T.TempDir(), "id")
	format, passphrase, mode := "openssh", "", os.FileMode(0o600)
	for _, option := range args[2:] {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "format":
			format = value
		case "passphrase":
			passphrase = value
		case "mode":
			m, err := strconv.ParseUint(value, 8, 9)
			if err != nil {
				return err
			}
			mode = os.FileMode(m)
		default:
			return fmt.Errorf("%s is not known", option)
		}
	}
	key, public, err := newKey(args[1])
	if err != nil {
		return err
	}
	text, err := written(key, public, format, passphrase)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".pub", ssh.MarshalAuthorizedKey(public), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(path, text, mode); err != nil {
		return err
	}
	if err := os.Chmod(path, mode); err != nil { // past the umask
		return err
	}
	return w.Define(args[0], path)
}

// newKey makes a key of a kind such as ed25519, ecdsa or rsa-2048.
func newKey(kind string) (key any, public ssh.PublicKey, err error) {
	var half any
	switch name, bits, _ := strings.Cut(kind, "-"); name {
	case "rsa":
		n, err := strconv.Atoi(bits)
		if err != nil {
			return nil, nil, err
		}
		k, err := rsa.GenerateKey(rand.Reader, n)
		if err != nil {
			return nil, nil, err
		}
		key, half = k, k.Public()
	case "ecdsa":
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		key, half = k, k.Public()
	default:
		half, key, err = ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, nil, err
		}
	}
	public, err = ssh.NewPublicKey(half)
	return key, public, err
}

// written is a private key as a file has it.
func written(key any, public ssh.PublicKey, format, passphrase string) ([]byte, error) {
	switch format {
	case "openssh":
		var block *pem.Block
		var err error
		if passphrase != "" {
			block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
		} else {
			block, err = ssh.MarshalPrivateKey(key, "")
		}
		if err != nil {
			return nil, err
		}
		return pem.EncodeToMemory(block), nil
	case "pkcs1":
		return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key.(*rsa.PrivateKey))}), nil
	case "pkcs8", "pkcs8-locked":
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if format == "pkcs8-locked" { // whatever is in it, netcheck does not open it
			return pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}), err
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
	case "public":
		return ssh.MarshalAuthorizedKey(public), nil
	case "ppk":
		lines := base64.StdEncoding.EncodeToString(public.Marshal())
		return []byte("PuTTY-User-Key-File-3: " + public.Type() + "\r\nEncryption: none\r\nComment: till\r\nPublic-Lines: 1\r\n" + lines + "\r\nPrivate-Lines: 1\r\nAAAA\r\nPrivate-MAC: 00\r\n"), nil
	case "damaged":
		return []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"), nil
	case "cut":
		return []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"), nil
	case "chain": // a certificate stands before it
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der[:1]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...), err
	case "empty":
		return nil, nil
	}
	return nil, fmt.Errorf("%s is no format", format)
}
