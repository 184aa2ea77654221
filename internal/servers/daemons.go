package servers

import "net/netip"

// DaemonKind is a program that tests may start, by a verb of its name.
type DaemonKind struct {
	Name  string
	Usage string // its words, and what it is
	New   func(at netip.AddrPort, by Signer, words ...string) (*Daemon, error)
}

// Daemons lists them: a new one is a line here and a file of its name.
func Daemons() []DaemonKind {
	return []DaemonKind{
		{"squid", squidWords + " " + anyWords + ": Squid, an HTTP proxy", Squid},
		{"dante", danteWords + " " + anyWords + ": Dante, a SOCKS5 proxy", Dante},
		{"vsftpd", vsftpdWords + " " + anyWords + ": vsftpd", Vsftpd},
		{"sshd", sshdWords + " " + anyWords + ": OpenSSH's server", Sshd},
		{"nginx", nginxWords + " " + anyWords + ": nginx", Nginx},
	}
}
