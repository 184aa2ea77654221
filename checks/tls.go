package checks

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
)

var tlsKind = engine.Kind{
	Name: "tls",
	Doc:  "a server speaks TLS, by a certificate that the product accepts and that nobody on the way has replaced",
	Example: `- id: broker
  title: Message broker
  tls: {host: broker.example.com, port: 8883, min_version: "1.2", expires_in: 14d}`,
	New: func() engine.Prober { return &tlsCheck{} },
}

// tlsCheck is a handshake, and what its certificate must be like.
type tlsCheck struct {
	hosts      `yaml:",inline"`
	ports      `yaml:",inline"`
	ServerName value.Host              `yaml:"server_name" doc:"the name to ask for and to find in the certificate; left out, the host"`
	ALPN       value.OneOrMany[string] `yaml:"alpn" doc:"protocols to offer, such as h2; the server must choose one of them"`
	StartTLS   string                  `yaml:"starttls" enum:"ftp,smtp,imap,pop3,postgres,ldap" doc:"the protocol in which TLS is asked for once the connection stands; the port must be given then"`
	trust      `yaml:",inline"`
}

// defaultTLSPort is what the field says that it is.
var defaultTLSPort = value.Ports{{First: 443, Last: 443}}

func (c *tlsCheck) portList() value.Ports {
	if p := c.ports.list(); len(p) > 0 {
		return p
	}
	return defaultTLSPort
}

func (c *tlsCheck) String() string { return targetName(c.hosts.list(), c.portList()) }

// Targets counts hosts and ports.
func (c *tlsCheck) Targets() int { return len(c.hosts.list()) * c.portList().Count() }

// Endpoints are what it connects to.
func (c *tlsCheck) Endpoints() []engine.Endpoint { return endpoints(c.hosts.list(), c.portList()) }

// maxHandshakes bounds one check: a range of ports is a scan, which is the tcp
// kind's business.
const maxHandshakes = 1000

func (c *tlsCheck) Validate() error {
	errs := []error{c.hosts.validate(), c.trust.validate()}
	if len(c.ports.list()) > 0 {
		errs = append(errs, c.ports.validate())
	}
	if c.Targets() > maxHandshakes {
		errs = append(errs, &engine.FieldError{Field: "port", Message: fmt.Sprintf("%d handshakes, more than the %d that one check makes", c.Targets(), maxHandshakes)})
	}
	if p, ok := talk.StartTLSProtocol(c.StartTLS); ok && len(c.ports.list()) == 0 {
		errs = append(errs, &engine.FieldError{Field: "starttls", Message: "without a port: TLS is spoken at once on 443", Hint: fmt.Sprintf("%s is commonly spoken on port %d", p.Name, p.Port)})
	} else if c.StartTLS != "" && !ok {
		errs = append(errs, &engine.FieldError{Field: "starttls", Message: fmt.Sprintf("%q is not spoken here", c.StartTLS)})
	}
	if slices.ContainsFunc(c.ALPN, func(s string) bool { return s == "" || len(s) > 255 }) {
		errs = append(errs, &engine.FieldError{Field: "alpn", Message: "a protocol's name has 1 to 255 bytes"})
	}
	return errors.Join(errs...)
}

// versions are the values of min_version.
var versions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// versionName is a TLS version as profiles and facts have it.
func versionName(v uint16) string {
	for name, n := range versions {
		if n == v {
			return name
		}
	}
	return fmt.Sprintf("0x%04x", v)
}
