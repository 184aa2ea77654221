package checks

import (
	"strings"

	"netcheck/checks/engine"
)

// NeedyKinds are those that ask something of firewalls.
func NeedyKinds() (names []string) {
	for _, k := range Kinds() {
		if _, ok := k.New().(engine.Needy); ok {
			names = append(names, k.Name)
		}
	}
	return names
}

// NeedFields are where kinds say whom they contact and on which ports.
func NeedFields() []string {
	return append(PortFields(), "host", "hosts", "url", "urls", "name", "resolver", "public_host", "local_host", "passive_ports")
}

// Needs are what each kind asks of the firewalls on its way. One that contacts
// nobody has none.

func (c *tcpCheck) Needs(d engine.Declared) []engine.Need {
	return []engine.Need{{To: d.Hosts(), Proto: "tcp", Ports: d.Ports(""), Closed: c.Expect == expectClosed}}
}

func (u *udpCheck) Needs(d engine.Declared) []engine.Need {
	return []engine.Need{{To: d.Hosts(), Proto: "udp", Ports: d.Ports("")}}
}

func (c *nmapCheck) Needs(d engine.Declared) []engine.Need {
	return []engine.Need{{To: d.Hosts(), Proto: d.Text("proto", "tcp"), Ports: d.Ports("")}}
}

func (c *tlsCheck) Needs(d engine.Declared) []engine.Need {
	app := "TLS"
	if p := d.Text("starttls", ""); p != "" {
		app = strings.ToUpper(p) + " (STARTTLS)"
	}
	return []engine.Need{{To: d.Hosts(), Proto: "tcp", Ports: d.Ports(defaultTLSPort.String()), App: app, Whole: d.Text("intercept", "") == "forbid"}}
}

func (c *httpCheck) Needs(d engine.Declared) []engine.Need {
	usual := map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}
	apps := map[string]string{"": "HTTP(S)", "http": "HTTP", "ws": "WebSocket", "https": "HTTPS", "wss": "HTTPS (WebSocket)"}
	var all []engine.Need
	for _, url := range d.Texts("url", "urls") {
		scheme, host, port := engine.Origin(url, "")
		if port == "" {
			port = usual[scheme]
		}
		all = append(all, engine.Need{To: []string{host}, Proto: "tcp", Ports: port, App: apps[scheme], Whole: d.Text("intercept", "") == "forbid"})
	}
	return all
}

func (c *ftpCheck) Needs(d engine.Declared) []engine.Need {
	return ftpNeeds(d, d.Text("passive_ports", ""))
}

// ftpNeeds are the session and its data connections, on ports that the server
// names where nobody else does.
func ftpNeeds(d engine.Declared, data string) []engine.Need {
	app, port := "FTP", "21"
	if d.Text("security", "") == ftpImplicit {
		app, port = "FTPS", "990"
	}
	return []engine.Need{
		{To: d.Hosts(), Proto: "tcp", Ports: d.Ports(port), App: app},
		{To: d.Hosts(), Proto: "tcp", Ports: data, App: app, Data: true},
	}
}

func (a *sshAccount) Needs(d engine.Declared) []engine.Need {
	return []engine.Need{{To: d.Hosts(), Proto: "tcp", Ports: d.Ports(defaultSSHPort.String()), App: "SSH"}}
}

func (c *freshCheck) Needs(d engine.Declared) []engine.Need {
	switch {
	case d["ftp"] != nil:
		return ftpNeeds(d.In("ftp"), "")
	case d["ssh"] != nil:
		return (&sshAccount{}).Needs(d.In("ssh"))
	}
	return nil
}

func (l *listenCheck) Needs(d engine.Declared) []engine.Need {
	return []engine.Need{{Into: true, Proto: d.Text("proto", "tcp"), Ports: d.Ports("")}}
}

func (c *inboundCheck) Needs(d engine.Declared) []engine.Need {
	public := d.Text("public_port", "")
	return []engine.Need{{
		Into: true, Proto: d.Text("proto", "tcp"), To: d.Texts("local_host"), Ports: d.Text("local_port", public),
		Public: d.Text("public_host", ""), PublicPort: public, Listed: d.Text("allow_list", "") == "true",
	}}
}

// Needs are the way to the servers that are asked: the one that is named, or those
// that the machine is set up with.
func (d *dnsCheck) Needs(f engine.Declared) []engine.Need {
	n := engine.Need{Proto: "tcp/udp", Ports: "53", App: "DNS"}
	if d.Expect != "nxdomain" {
		n.Names = f.Texts("name")
	}
	if server := f.Text("resolver", ""); server != "" {
		_, host, port := engine.Origin("dns://"+server, "53")
		n.To, n.Ports = []string{host}, port
	}
	return []engine.Need{n}
}
