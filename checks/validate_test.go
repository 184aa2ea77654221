package checks

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

// Each is a mistake that a profile's author can make, and the field that the
// message must point at; "" is no mistake.
func TestValidate(t *testing.T) {
	host := hosts{Host: value.OneOrMany[value.Host]{"shop.test"}}
	port := ports{Port: value.Ports{{First: 80, Last: 80}}}
	many := ports{Ports: value.Ports{{First: 1, Last: 2000}}}
	n := func(i int) *int { return &i }
	for name, c := range map[string]struct {
		check engine.Prober
		field string
	}{
		"tcp":                         {&tcpCheck{hosts: host, ports: port}, ""},
		"tcp without a host":          {&tcpCheck{ports: port}, "host"},
		"tcp without a port":          {&tcpCheck{hosts: host}, "port"},
		"tcp with host and hosts":     {&tcpCheck{hosts: hosts{Host: host.Host, Hosts: host.Host}, ports: port}, "hosts"},
		"tcp with port and ports":     {&tcpCheck{hosts: host, ports: ports{Port: port.Port, Ports: port.Port}}, "ports"},
		"tcp prefers another port":    {&tcpCheck{hosts: host, ports: port, Prefer: value.Ports{{First: 81, Last: 81}}}, "prefer"},
		"tcp samples one":             {&tcpCheck{hosts: host, ports: many, Sample: 1}, "sample"},
		"tcp samples less":            {&tcpCheck{hosts: host, ports: many, Sample: -1}, "sample"},
		"tcp samples":                 {&tcpCheck{hosts: host, ports: many, Sample: 32}, ""},
		"tcp identifies who is not":   {&tcpCheck{hosts: host, ports: port, Expect: "closed", Identify: true}, "identify"},
		"udp":                         {&udpCheck{hosts: host, ports: port}, ""},
		"udp without a host":          {&udpCheck{ports: port}, "host"},
		"udp with a range":            {&udpCheck{hosts: host, ports: many}, "port"},
		"udp in hexadecimal":          {&udpCheck{hosts: host, ports: port, Payload: "hex:00 ff"}, ""},
		"udp in bad hexadecimal":      {&udpCheck{hosts: host, ports: port, Payload: "hex:0"}, "payload"},
		"udp in bad base64":           {&udpCheck{hosts: host, ports: port, Payload: "base64:?"}, "payload"},
		"udp with too much":           {&udpCheck{hosts: host, ports: port, Payload: strings.Repeat("x", 1201)}, "payload"},
		"udp to a stand-in":           {&udpCheck{hosts: host, ports: port, Standin: true}, ""},
		"udp to a stand-in, and more": {&udpCheck{hosts: host, ports: port, Standin: true, Payload: "x"}, "payload"},
		"udp with a pattern":          {&udpCheck{hosts: host, ports: port, Reply: "/^x/"}, ""},
		"udp without slashes":         {&udpCheck{hosts: host, ports: port, Reply: "x"}, "reply"},
		"udp with a bad pattern":      {&udpCheck{hosts: host, ports: port, Reply: "/(/"}, "reply"},
		"listen":                      {&listenCheck{ports: port}, ""},
		"listen without a port":       {&listenCheck{}, "port"},
		"listen on too many":          {&listenCheck{ports: many}, "port"},
		"address":                     {&addressCheck{Has: []string{"192.168.1.0/24", "till.lan", "fd00::1"}}, ""},
		"address without a question":  {&addressCheck{}, "has"},
		"address of a typo":           {&addressCheck{Has: []string{"192.168.1"}}, "has"},
		"address of a bad MAC":        {&addressCheck{MAC: "00:11:22"}, "mac"},
		"address not in":              {&addressCheck{NotIn: []value.Prefix{{Prefix: netip.MustParsePrefix("169.254.0.0/16")}}}, ""},
		"assert":                      {&assertCheck{Param: "x", Min: n(1)}, ""},
		"assert of nothing":           {&assertCheck{Min: n(1)}, "param"},
		"assert without a statement":  {&assertCheck{Param: "x"}, "param"},
		"assert upside down":          {&assertCheck{Param: "x", Min: n(2), Max: n(1)}, "max"},
		"ftp":                         {&ftpCheck{ftpServer: ftpServer{Host: "a.test", User: "u", Password: "p", Directory: "/d"}}, ""},
		"ftp without a host":          {&ftpCheck{}, "host"},
		"ftp with a lone password":    {&ftpCheck{ftpServer: ftpServer{Host: "a.test", Password: "p"}}, "password"},
		"ftp with a lone directory":   {&ftpCheck{ftpServer: ftpServer{Host: "a.test", Directory: "/d"}}, "directory"},
		"ftp lists for nobody":        {&ftpCheck{ftpServer: ftpServer{Host: "a.test"}, List: new(true)}, "list"},
		"ftp with two commands":       {&ftpCheck{ftpServer: ftpServer{Host: "a.test", User: "u", Directory: "/d\r\nDELE x"}}, "directory"},
		"ftp, two in a password":      {&ftpCheck{ftpServer: ftpServer{Host: "a.test", User: "u", Password: "p\nDELE x"}}, "password"},
		"ftp with ports for nothing":  {&ftpCheck{ftpServer: ftpServer{Host: "a.test"}, PassivePorts: port.Port}, "passive_ports"},
		"fresh":                       {&freshCheck{Path: "/x/*.csv", WarnAge: 1, MaxAge: 2}, ""},
		"fresh nowhere":               {&freshCheck{}, "path"},
		"fresh in two places":         {&freshCheck{Path: "/x", FTP: &ftpServer{Host: "a.test", User: "u"}}, "path"},
		"fresh by nobody":             {&freshCheck{FTP: &ftpServer{Host: "a.test"}}, "ftp"},
		"fresh, by SFTP, by nobody":   {&freshCheck{SSH: &sftpFolder{sshAccount: sshAccount{Host: "a.test"}}}, "ssh"},
		"fresh with a bad pattern":    {&freshCheck{Path: "/x", Pattern: "["}, "pattern"},
		"fresh warns too late":        {&freshCheck{Path: "/x", WarnAge: 2, MaxAge: 2}, "warn_age"},
		"inbound":                     {&inboundCheck{PublicPort: 8443}, ""},
		"inbound without a port":      {&inboundCheck{}, "public_port"},
		"inbound to port 0":           {&inboundCheck{PublicPort: 8443, LocalPort: new(uint16)}, "local_port"},
		"attest":                      {&attestCheck{Ask: value.Text{"": "Is it?"}}, ""},
		"attest without a question":   {&attestCheck{}, "ask"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.check.Validate()
			got := ""
			if fe, ok := errors.AsType[*engine.FieldError](err); ok {
				got = fe.Field
			}
			if got != c.field || (err == nil) != (c.field == "") {
				t.Errorf("points at %q, wanted %q (%v)", got, c.field, err)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	two := hosts{Host: value.OneOrMany[value.Host]{"a.test", "b.test"}}
	thousand := ports{Ports: value.Ports{{First: 9000, Last: 9999}}}
	for name, c := range map[string]struct {
		check interface {
			Targets() int
			String() string
		}
		targets int
		name    string
	}{
		"a range of two hosts": {&tcpCheck{hosts: two, ports: thousand}, 2000, "a.test, b.test:9000-9999"},
		"a sample of it":       {&tcpCheck{hosts: two, ports: thousand, Sample: 32}, 64, "a.test, b.test:9000-9999"},
		"an address":           {&udpCheck{hosts: hosts{Hosts: value.OneOrMany[value.Host]{"fd00::1"}}, ports: ports{Port: value.Ports{{First: 53, Last: 53}}}}, 1, "[fd00::1]:53"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.check.Targets(); got != c.targets {
				t.Errorf("%d targets, wanted %d", got, c.targets)
			}
			if got := c.check.String(); got != c.name {
				t.Errorf("%q, wanted %q", got, c.name)
			}
		})
	}
}

func TestAssertElements(t *testing.T) {
	for name, c := range map[string]struct {
		check assertCheck
		given any
		ok    bool
	}{
		"a number":                 {assertCheck{In: []string{"9000-9999"}}, 9123, true},
		"a list, all of it":        {assertCheck{In: []string{"a", "b"}}, []any{"a", "b"}, true},
		"a list, not all of it":    {assertCheck{In: []string{"a", "b"}}, []any{"a", "c"}, false},
		"ports, all of them":       {assertCheck{In: []string{"80", "443-444"}}, value.Ports{{First: 443, Last: 444}}, true},
		"ports, not all of them":   {assertCheck{In: []string{"80", "443"}}, value.Ports{{First: 443, Last: 444}}, false},
		"a switch":                 {assertCheck{In: []string{"true"}}, true, true},
		"an IPv6 address":          {assertCheck{In: []string{"fd00::/8"}}, "fd00::7", true},
		"an IPv4 one is not in it": {assertCheck{In: []string{"fd00::/8"}}, "10.0.0.7", false},
		"a text is no number":      {assertCheck{In: []string{"1-9"}}, "five", false},
		"a name with a hyphen":     {assertCheck{In: []string{"till-7"}}, "till-7", true},
	} {
		t.Run(name, func(t *testing.T) {
			c.check.Param = "x"
			ok := true
			for _, v := range elements(c.given) {
				ok = ok && c.check.violates(v) == ""
			}
			if ok != c.ok {
				t.Errorf("holds: %v, wanted %v", ok, c.ok)
			}
		})
	}
}

// A secret may be compared, never shown.
func TestAssertSecret(t *testing.T) {
	tr := trace(&engine.Env{Params: map[string]any{"x": value.Secret("s3cret")}})
	out, err := (&assertCheck{Param: "x", In: []string{"other"}}).Probe(t.Context(), tr)
	if err == nil {
		t.Fatal("no violation")
	}
	for _, s := range tr.Steps() {
		if strings.Contains(s.Err+out.Detail+err.Error(), "s3cret") || s.Facts["value"] != "<secret>" {
			t.Errorf("%+v %s", s, out.Detail)
		}
	}
}

func TestSameProgram(t *testing.T) {
	for name, c := range map[string]struct {
		got, want string
		same      bool
	}{
		"the same":             {"nginx", "nginx", true},
		"of Windows":           {"W3WP.EXE", "w3wp", true},
		"another":              {"nginx", "apache2", false},
		"cut short by Linux":   {"a-rather-long-n", "a-rather-long-name", true},
		"begins alike":         {"ngin", "nginx", false},
		"cut short, but other": {"a-rather-long-n", "a-rather-large-name", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sameProgram(c.got, c.want); got != c.same {
				t.Errorf("%v", got)
			}
		})
	}
}
