package checks

import (
	"net/netip"
	"testing"

	"netcheck/checks/machine"
	"netcheck/report/result"
)

func TestLook(t *testing.T) {
	at := func(addresses ...string) (ss []machine.Socket) {
		for i, a := range addresses {
			ss = append(ss, machine.Socket{Proto: "tcp", Addr: netip.MustParseAddrPort(a), Inode: uint64(i)})
		}
		return ss
	}
	for name, c := range map[string]struct {
		check  listenCheck
		found  []machine.Socket
		owners []string // of the sockets in order; "" can't be seen
		code   result.Code
		hidden bool
	}{
		"nothing":                            {listenCheck{}, nil, nil, result.ListenNothing, false},
		"another port":                       {listenCheck{}, at("0.0.0.0:81"), []string{"nginx"}, result.ListenNothing, false},
		"something":                          {listenCheck{}, at("0.0.0.0:80"), []string{""}, "", false},
		"loopback will do":                   {listenCheck{}, at("127.0.0.1:80"), []string{""}, "", false},
		"loopback will not do":               {listenCheck{NotLoopback: true}, at("127.0.0.1:80", "[::1]:80"), []string{"nginx", "nginx"}, result.ListenLoopbackOnly, false},
		"loopback and one address":           {listenCheck{NotLoopback: true}, at("127.0.0.1:80", "192.0.2.7:80"), []string{"nginx", "nginx"}, "", false},
		"netcheck in its place":              {listenCheck{}, at("0.0.0.0:80"), []string{result.NoteStandIn}, result.ListenNothing, false},
		"netcheck beside it":                 {listenCheck{NotLoopback: true}, at("192.0.2.7:80", "192.0.2.8:80"), []string{result.NoteStandIn, "nginx"}, "", false},
		"the program":                        {listenCheck{Process: "nginx"}, at("0.0.0.0:80"), []string{"nginx"}, "", false},
		"another program":                    {listenCheck{Process: "nginx"}, at("0.0.0.0:80"), []string{"apache2"}, result.ListenWrongProcess, false},
		"another program, and then the one":  {listenCheck{Process: "nginx"}, at("127.0.0.1:80", "192.0.2.7:80"), []string{"apache2", "nginx"}, "", false},
		"a program out of sight":             {listenCheck{Process: "nginx"}, at("0.0.0.0:80"), []string{""}, "", true},
		"one out of sight, one another":      {listenCheck{Process: "nginx"}, at("192.0.2.7:80", "192.0.2.8:80"), []string{"", "apache2"}, "", true},
		"one another, one out of sight":      {listenCheck{Process: "nginx"}, at("192.0.2.7:80", "192.0.2.8:80"), []string{"apache2", ""}, "", true},
		"held for a program by Windows":      {listenCheck{Process: "w3wp"}, at("0.0.0.0:80"), []string{"System"}, "", true},
		"held for a program by systemd":      {listenCheck{Process: "sshd"}, at("0.0.0.0:80"), []string{"systemd"}, "", true},
		"the one that holds it is asked for": {listenCheck{Process: "System"}, at("0.0.0.0:80"), []string{"System"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.check.look(80, c.found, func(s machine.Socket) (machine.Owner, error) {
				if n := c.owners[s.Inode]; n != "" {
					return machine.Owner{Name: n}, nil
				}
				return machine.Owner{}, machine.ErrHidden
			})
			if got.code != c.code || (got.hidden != "") != c.hidden {
				t.Errorf("%q %q, wanted %q, hidden %v", got.code, got.hidden, c.code, c.hidden)
			}
		})
	}
}
