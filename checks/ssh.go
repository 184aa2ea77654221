package checks

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

var sshKind = engine.Kind{
	Name: "ssh",
	Doc:  "an SSH server greets, shows the host key that is known, and lets the product log in and see its files by SFTP",
	Example: `- id: transfer
  title: File transfer
  ssh: {host: sftp.example.com, port: 22, user: shop4711, key: "${key_file}", sftp: true, path: inbox}`,
	New: func() engine.Prober { return new(sshCheck) },
}

// sshCheck is a greeting, and as far as the fields say a login and a look at
// files. Nothing is ever written.
type sshCheck struct {
	sshAccount `yaml:",inline"`
	SFTP       bool   `yaml:"sftp" default:"false" doc:"the server must offer file transfer (SFTP) after the login"`
	Path       string `yaml:"path" doc:"a file or directory that must be there by SFTP; nothing is ever written"`
}

// sshAccount is an SSH server, and who logs in there, if anybody does.
type sshAccount struct {
	Host       value.Host              `yaml:"host" doc:"a name or an address"`
	ports      `yaml:",inline"`        // several: all are tried, and the first of the list that greets is used
	HostKey    value.OneOrMany[string] `yaml:"host_key" doc:"the server's key, or a list of them: a fingerprint SHA256:… or a line such as ssh-ed25519 AAAA…; left out, any key will do"`
	User       string                  `yaml:"user" doc:"who logs in; left out, nobody does: greeting and host key are looked at"`
	Key        string                  `yaml:"key" doc:"the file of the private key, which is used in place and never copied; left out, an SSH agent's keys"`
	Passphrase value.Secret            `yaml:"passphrase" doc:"of the key's file"`
	Password   value.Secret            `yaml:"password" doc:"logs in where no key does; without host_key it goes to whoever answers"`
}

// defaultSSHPort is what the field says that it is.
var defaultSSHPort = value.Ports{{First: 22, Last: 22}}

// maxSSHPorts bounds what is tried for one server.
const maxSSHPorts = 16

func (a *sshAccount) portList() value.Ports {
	if p := a.ports.list(); len(p) > 0 {
		return p
	}
	return defaultSSHPort
}

func (a *sshAccount) String() string { return targetName([]value.Host{a.Host}, a.portList()) }

// Targets counts the ports.
func (a *sshAccount) Targets() int { return a.portList().Count() }

// Endpoints are what it connects to.
func (a *sshAccount) Endpoints() []engine.Endpoint {
	return endpoints([]value.Host{a.Host}, a.portList())
}

// validate looks at the fields alone.
func (a *sshAccount) validate() error {
	var errs []error
	wrong := func(field, format string, args ...any) {
		errs = append(errs, &engine.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	if a.Host == "" {
		wrong("host", "missing: which host?")
	}
	if len(a.ports.list()) > 0 {
		errs = append(errs, a.ports.validate())
	}
	if n := a.portList().Count(); n > maxSSHPorts {
		wrong("port", "%d ports, at most %d", n, maxSSHPorts)
	}
	for _, line := range a.HostKey {
		if _, err := fingerprint(line); err != nil {
			wrong("host_key", "%v", err)
		}
	}
	if strings.ContainsAny(a.User, "\r\n\x00") {
		wrong("user", "a name has no line's end in it")
	}
	if a.User == "" {
		for _, f := range []struct{ name, value string }{{"key", a.Key}, {"password", a.Password.Reveal()}} {
			if f.value != "" {
				wrong("user", "missing: who logs in with the %s?", f.name)
				break
			}
		}
	}
	if a.Passphrase != "" && a.Key == "" {
		wrong("passphrase", "given without a key")
	}
	return errors.Join(errs...)
}

// Validate looks at the fields alone.
func (c *sshCheck) Validate() error {
	err := c.sshAccount.validate()
	if c.User == "" && (c.SFTP || c.Path != "") {
		err = errors.Join(err, &engine.FieldError{Field: "user", Message: "missing: to see files, somebody must log in"})
	}
	return err
}

// sha256Prefix begins a fingerprint as OpenSSH shows it.
const sha256Prefix = "SHA256:"

// fingerprint reads a host key as a profile names it: by its fingerprint, or
// whole, as in known_hosts and authorized_keys.
func fingerprint(text string) (string, error) {
	text = strings.TrimSpace(text)
	if digest, ok := strings.CutPrefix(text, sha256Prefix); ok {
		digest = strings.TrimRight(digest, "=")
		if len(digest) != 43 || strings.Trim(digest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != "" {
			return "", fmt.Errorf("%s is no fingerprint: SHA256: and 43 characters", value.Quote(text))
		}
		return sha256Prefix + digest, nil
	}
	key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil || len(rest) > 0 {
		return "", fmt.Errorf("%s is no host key: expected SHA256:… or a public key such as ssh-ed25519 AAAA…", value.Quote(text))
	}
	return ssh.FingerprintSHA256(key), nil
}
