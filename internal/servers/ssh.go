package servers

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// SSH is an SSH server with files, of which nothing can be changed.
type SSH struct {
	Keys     []ssh.Signer  // its host keys
	User     string        // who may log in; ""; nobody
	Password string        // of the user; "": none will do
	Asks     bool          // for the password by keyboard-interactive
	Key      ssh.PublicKey // of the user; nil: none will do
	Open     bool          // it lets everybody in
	Files    sftp.Handlers // nil FileList: there is no SFTP
	Sham     []byte        // what its SFTP says in place of SFTP
	Mute     bool          // its SFTP says nothing
	Version  string        // after SSH-2.0-; "": servers
	Notice   string        // that it shows before the login
	Old      bool          // it knows nothing but what is broken
	Both     bool          // it wants the password beside the key
	Tries    int           // after so many failed logins it says goodbye; 0: the library's
	Ends     bool          // after the login it ends the connection, as one does that can't start a session
}

// NewHostKey makes a host key: rsa or ed25519.
func NewHostKey(kind string) (ssh.Signer, error) {
	if kind == "rsa" {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		return ssh.NewSignerFromKey(key)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(key)
}

var errNo = errors.New("no")

// config is the server's, in the library's words.
func (s *SSH) config() *ssh.ServerConfig {
	c := &ssh.ServerConfig{ServerVersion: "SSH-2.0-servers", NoClientAuth: s.Open, MaxAuthTries: s.Tries}
	if s.Version != "" {
		c.ServerVersion = "SSH-2.0-" + s.Version
	}
	if s.Notice != "" {
		c.BannerCallback = func(ssh.ConnMetadata) string { return s.Notice }
	}
	if s.Old {
		c.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1}
	}
	if s.Password != "" {
		c.PasswordCallback = func(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if m.User() != s.User || string(password) != s.Password {
				return nil, errNo
			}
			return nil, nil
		}
	}
	password := c.PasswordCallback
	if s.Asks {
		c.PasswordCallback = nil
		c.KeyboardInteractiveCallback = func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			said, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(said) != 1 || m.User() != s.User || said[0] != s.Password {
				return nil, errNo
			}
			return nil, nil
		}
	}
	if s.Key != nil {
		c.PublicKeyCallback = func(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if m.User() != s.User || string(key.Marshal()) != string(s.Key.Marshal()) {
				return nil, errNo
			}
			if s.Both {
				return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{PasswordCallback: password}}
			}
			return nil, nil
		}
	}
	if s.Both {
		c.PasswordCallback = nil
	}
	if s.Password == "" && s.Key == nil && !s.Open { // the library wants some way
		c.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, errNo }
	}
	for _, k := range s.Keys {
		c.AddHostKey(k)
	}
	return c
}

// Handle answers a connection until it ends.
func (s *SSH) Handle(c net.Conn) {
	conn, channels, requests, err := ssh.NewServerConn(c, s.config())
	if err != nil {
		return
	}
	defer conn.Close()
	go ssh.DiscardRequests(requests)
	for wanted := range channels {
		if s.Ends {
			return
		}
		if wanted.ChannelType() != "session" {
			_ = wanted.Reject(ssh.UnknownChannelType, "sessions only")
			continue
		}
		channel, requests, err := wanted.Accept()
		if err != nil {
			return
		}
		go s.session(channel, requests)
	}
}

// session starts SFTP, where it is asked for and there.
func (s *SSH) session(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer channel.Close()
	for r := range requests {
		var asked struct{ Name string }
		if r.Type != "subsystem" || ssh.Unmarshal(r.Payload, &asked) != nil || asked.Name != "sftp" || s.Files.FileList == nil && s.Sham == nil && !s.Mute {
			_ = r.Reply(false, nil)
			continue
		}
		_ = r.Reply(true, nil)
		go ssh.DiscardRequests(requests)
		switch {
		case s.Sham != nil:
			_, _ = channel.Write(s.Sham)
		case s.Mute:
			_, _ = io.Copy(io.Discard, channel)
		default:
			_ = sftp.NewRequestServer(channel, s.Files).Serve()
		}
		return
	}
}
