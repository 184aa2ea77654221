package servers

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestVsftpd(t *testing.T) {
	in := []string{"<220", "USER shop", "<331", "PASS sesame", "<230"}
	for _, c := range []struct {
		name     string
		words    []string
		dialogue []string
	}{
		{"login", []string{"file=export/a.csv@3h"}, append(in, "CWD /export", "<250", "MDTM a.csv", "<213 "+time.Now().Add(-3*time.Hour).UTC().Format("20060102"))},
		{"wrong password", nil, []string{"<220", "USER shop", "<331", "PASS other", "<530"}},
		{"no folder", nil, append(in, "CWD /gone", "<550")},
		{"address", []string{"says=10.9.8.7", "passive=30100-30100"}, append(in, "PASV", "<227 Entering Passive Mode (10,9,8,7,117,148)")},
		{"ports", []string{"passive=30200-30200"}, append(in, "EPSV", "<229 Entering Extended Passive Mode (|||30200|)")},
		{"EPSV denied", []string{"no-epsv"}, append(in, "EPSV", "<550")},
		{"TLS offered", []string{"tls"}, []string{"<220", "AUTH TLS", "<234"}},
		{"TLS required", []string{"tls-required"}, []string{"<220", "USER shop", "<530 Non-anonymous sessions must use encryption."}},
		{"no TLS", nil, []string{"<220", "AUTH TLS", "<530"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hold(t, begin(t, "vsftpd", c.words...), c.dialogue...)
		})
	}
	t.Run("implicit", func(t *testing.T) {
		t.Parallel()
		at := begin(t, "vsftpd", "implicit")
		c, err := tls.Dial("tcp", at.String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if line, err := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(line, "220") {
			t.Error(line, err)
		}
	})
}

func TestSshd(t *testing.T) {
	key := func(of string) ssh.AuthMethod {
		k, err := NewKey(of)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ssh.ParsePrivateKey([]byte(k.Private))
		if err != nil {
			t.Fatal(err)
		}
		return ssh.PublicKeys(s)
	}
	for _, c := range []struct {
		name  string
		words []string
		auth  ssh.AuthMethod
		fails string
	}{
		{"key", []string{"authorized=a"}, key("a"), ""},
		{"RSA key", []string{"authorized=a:rsa"}, key("a:rsa"), ""},
		{"wrong key", []string{"authorized=a"}, key("b"), "unable to authenticate"},
		{"password", nil, ssh.Password("sesame"), ""},
		{"wrong password", []string{"user=shop:other"}, ssh.Password("sesame"), "unable to authenticate"},
		{"no password", []string{"no-password"}, ssh.Password("sesame"), "unable to authenticate"},
		{"ECDSA host key", []string{"host-key=h:ecdsa"}, ssh.Password("sesame"), ""},
		{"old algorithms", []string{"old=diffie-hellman-group1-sha1"}, ssh.Password("sesame"), "no common algorithm"},
		{"no SFTP", []string{"no-sftp"}, ssh.Password("sesame"), "subsystem"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := begin(t, "sshd", c.words...)
			err := func() error {
				var seen string
				client, err := ssh.Dial("tcp", at.String(), &ssh.ClientConfig{
					User: "shop", Auth: []ssh.AuthMethod{c.auth}, Timeout: 10 * time.Second,
					HostKeyCallback: func(_ string, _ net.Addr, k ssh.PublicKey) error { seen = ssh.FingerprintSHA256(k); return nil },
				})
				if err != nil {
					return err
				}
				defer client.Close()
				of := "host"
				if i := slices.IndexFunc(c.words, func(w string) bool { return strings.HasPrefix(w, "host-key=") }); i >= 0 {
					of = strings.TrimPrefix(c.words[i], "host-key=")
				}
				if k, err := NewKey(of); err != nil || k.Fingerprint != seen {
					return fmt.Errorf("host key %s, want %s (%w)", seen, k.Fingerprint, err)
				}
				s, err := client.NewSession()
				if err != nil {
					return err
				}
				return s.RequestSubsystem("sftp")
			}()
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v, want %q", err, c.fails)
			}
		})
	}
}
