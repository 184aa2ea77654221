package checks

import (
	"reflect"
	"slices"
	"testing"

	"netcheck/checks/engine"
	"netcheck/profiles"
	"netcheck/profiles/value"
)

func TestServed(t *testing.T) {
	for name, test := range map[string]struct {
		check string
		proto string
		ports []uint16
	}{
		"tcp":                      {`tcp: {host: a.example, ports: "80,8000-8002"}`, "tcp", []uint16{80, 8000, 8001, 8002}},
		"tcp that is to be closed": {`tcp: {host: a.example, port: 80, expect: closed}`, "", nil},
		"udp":                      {`udp: {host: a.example, port: 57854, standin: true}`, "udp", []uint16{57854}},
		"tls":                      {`tls: {host: a.example}`, "tcp", []uint16{443}},
		"http":                     {`http: {urls: ["https://a.example/", "http://a.example:8080/x", "https://b.example/"]}`, "tcp", []uint16{443, 8080}},
		"ftp":                      {`ftp: {host: a.example}`, "tcp", []uint16{21}},
		"ssh":                      {`ssh: {host: a.example, ports: [22, 2222]}`, "tcp", []uint16{22, 2222}},
		"nmap":                     {`nmap: {host: a.example, port: 53, proto: udp}`, "udp", []uint16{53}},
		"listen":                   {`listen: {port: 6767}`, "tcp", []uint16{6767}},
		"listen over UDP":          {`listen: {port: 6767, proto: udp}`, "udp", []uint16{6767}},
		"inbound":                  {`inbound: {public_port: 8080, local_port: 6767}`, "tcp", []uint16{6767}},
		"inbound on its own port":  {`inbound: {public_port: 8080, local_host: 127.0.0.1, proto: udp}`, "udp", []uint16{8080}},
		"inbound to another":       {`inbound: {public_port: 8080, local_host: 192.0.2.77}`, "", nil},
		"a kind that serves none":  {`dns: {name: a.example}`, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := profiles.Load("x", []byte("netcheck: 1\nid: x\nchecks: [{id: one, "+test.check+"}]"), engine.ProfileKinds(Kinds()))
			if err != nil {
				t.Fatal(err)
			}
			b, err := p.Bind(nil, "")
			if err != nil {
				t.Fatal(err)
			}
			proto, ports := Served(b.Checks[0].Body)
			if proto != test.proto || !slices.Equal(ports, test.ports) {
				t.Errorf("%s %v, not %s %v", proto, ports, test.proto, test.ports)
			}
		})
	}
}

// Every kind says on which of its fields ports stand: a field of ports that is
// not listed would be filled in by nobody.
func TestPortFieldsAreComplete(t *testing.T) {
	for _, k := range Kinds() {
		for _, f := range value.Fields(reflect.TypeOf(k.New())) {
			holds := f.Type == reflect.TypeFor[value.Ports]() || f.Type == reflect.TypeFor[uint16]()
			if holds && !slices.Contains(PortFields(), f.Name) && !slices.Contains([]string{"prefer", "passive_ports"}, f.Name) {
				t.Errorf("%s.%s holds ports and is not in PortFields", k.Name, f.Name)
			}
		}
	}
}
