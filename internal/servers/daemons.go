package servers

import "net/netip"

// DaemonKind is a program that tests may start, by a verb of its name.
type DaemonKind struct {
	Name    string
	Program string // the name of its file
	Usage   string // its words, and what it is
	New     func(at netip.AddrPort, by Signer, words ...string) (*Daemon, error)
}

// Daemons lists them: a new one is a line here and a file of its name.
func Daemons() []DaemonKind {
	return []DaemonKind{
		{"squid", "squid", squidWords + " " + anyWords + ": Squid, an HTTP proxy", Squid},
		{"dante", "danted", danteWords + " " + anyWords + ": Dante, a SOCKS5 proxy", Dante},
		{"vsftpd", "vsftpd", vsftpdWords + " " + anyWords + ": vsftpd", Vsftpd},
		{"sshd", "sshd", sshdWords + " " + anyWords + ": OpenSSH's server", Sshd},
		{"nginx", "nginx", nginxWords + " " + anyWords + ": nginx", Nginx},
		{"miniupnpd", "miniupnpd", miniupnpdWords + ": MiniUPnPd, which most gateways have", Miniupnpd},
	}
}

// Available tells why it can't run here, if it can't.
func (k DaemonKind) Available() error { return available(k.Program) }
