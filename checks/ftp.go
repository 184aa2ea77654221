package checks

import (
	"errors"
	"net"
	"strconv"
	"strings"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

var ftpKind = engine.Kind{
	Name: "ftp",
	Doc:  "an FTP server lets its user in, and its data connections get through; nothing is ever written",
	Example: `- id: exchange
  title: File exchange
  ftp: {host: ftp.example.com, port: 21, user: "${ftp_user}", password: "${ftp_password}", directory: /exchange, passive_ports: 7015-7020}`,
	New: func() engine.Prober { return &ftpCheck{} },
}

// ftpCheck is a session, as far as its data connection.
type ftpCheck struct {
	ftpServer    `yaml:",inline"`
	PassivePorts value.Ports `yaml:"passive_ports" doc:"the ports of the server's data connections, if the vendor says which: they go into the firewall request, and a server that offers others is remarked on"`
	List         *bool       `yaml:"list" doc:"whether the directory is listed, which is what a data connection is opened for; left out, it is if a user is given"`
}

// ftpServer is where files are and how to get there: what every kind that
// speaks FTP is told.
type ftpServer struct {
	Host      value.Host   `yaml:"host" doc:"the server's name or address"`
	Port      uint16       `yaml:"port" doc:"its port; left out, 21, and 990 where security is implicit"`
	Security  string       `yaml:"security" default:"auto" enum:"auto,plain,explicit,implicit" doc:"auto: TLS by AUTH TLS, in clear if the server refuses; plain: in clear; explicit: by AUTH TLS or not at all; implicit: TLS from the first byte"`
	User      string       `yaml:"user" doc:"who logs in; left out, the check ends before the login"`
	Password  value.Secret `yaml:"password" doc:"the user's password"`
	Directory string       `yaml:"directory" doc:"the directory to change to after the login"`
	trust     `yaml:",inline"`
}

const (
	ftpPlain    = "plain"
	ftpExplicit = "explicit"
	ftpImplicit = "implicit"
)

func (f *ftpServer) port() uint16 {
	switch {
	case f.Port != 0:
		return f.Port
	case f.Security == ftpImplicit:
		return 990
	}
	return 21
}

func (f *ftpServer) String() string {
	return net.JoinHostPort(string(f.Host), strconv.Itoa(int(f.port())))
}

// anonymous reports whether the login is the one that keeps no secret
// (RFC 1635).
func (f *ftpServer) anonymous() bool {
	return strings.EqualFold(f.User, "anonymous") || strings.EqualFold(f.User, "ftp")
}

func (f *ftpServer) validate() error {
	errs := []error{f.trust.validate()}
	wrong := func(field, message string) {
		errs = append(errs, &engine.FieldError{Field: field, Message: message})
	}
	if f.Host == "" {
		wrong("host", "missing: which server?")
	}
	if f.User == "" && f.Password != "" {
		wrong("password", "given without a user")
	}
	if f.User == "" && f.Directory != "" {
		wrong("directory", "nobody gets into a directory without a user to log in as")
	}
	for _, field := range []struct{ name, text string }{{"user", f.User}, {"password", f.Password.Reveal()}, {"directory", f.Directory}} {
		if strings.ContainsAny(field.text, "\r\n\x00") {
			wrong(field.name, "has a line break, which would end the command that it stands in")
		}
	}
	return errors.Join(errs...)
}

// lists reports whether a data connection is to be opened.
func (c *ftpCheck) lists() bool { return c.User != "" && (c.List == nil || *c.List) }

func (c *ftpCheck) Validate() error {
	errs := []error{c.validate()}
	if c.User == "" && c.List != nil && *c.List {
		errs = append(errs, &engine.FieldError{Field: "list", Message: "nothing is listed without a user to log in as"})
	}
	if len(c.PassivePorts) > 0 && !c.lists() && (c.User == "" || c.List != nil) {
		errs = append(errs, &engine.FieldError{Field: "passive_ports", Message: "no data connection is opened without a user and a list"})
	}
	return errors.Join(errs...)
}

// Endpoints are what it connects to at first: the ports of data connections
// are known once the server offers them.
func (f *ftpServer) Endpoints() []engine.Endpoint {
	return []engine.Endpoint{{Host: string(f.Host), Port: f.port()}}
}

// Targets counts the server: the address that a client would use is talked to.
func (c *ftpCheck) Targets() int { return 1 }
