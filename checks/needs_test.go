package checks

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/engine"
	"netcheck/profiles"
)

// Every kind says what it asks of firewalls, or is known to contact nobody.
func TestEveryKindHasNeeds(t *testing.T) {
	local := []string{"address", "key", "assert", "attest"}
	for _, k := range Kinds() {
		if got, want := slices.Contains(NeedyKinds(), k.Name), !slices.Contains(local, k.Name); got != want {
			t.Errorf("%s: needs something of firewalls: %v, not %v", k.Name, got, want)
		}
	}
}

func TestNeeds(t *testing.T) {
	for name, test := range map[string]struct {
		check string
		want  []engine.Need
	}{
		"tcp":                     {`tcp: {hosts: [a.example, b.example], ports: "80,8000-8002"}`, []engine.Need{{To: []string{"a.example", "b.example"}, Proto: "tcp", Ports: "80,8000-8002"}}},
		"tcp, several ports":      {`tcp: {host: a.example, ports: [80, "8000-8002"]}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "80,8000-8002"}}},
		"tcp, to be closed":       {`tcp: {host: a.example, port: 80, expect: closed}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "80", Closed: true}}},
		"tcp, port not known":     {`tcp: {host: a.example, port: "${port}"}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "<port>"}}},
		"udp":                     {`udp: {host: a.example, port: 57854, standin: true}`, []engine.Need{{To: []string{"a.example"}, Proto: "udp", Ports: "57854"}}},
		"tls":                     {`tls: {host: a.example, intercept: forbid}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "443", App: "TLS", Whole: true}}},
		"tls by STARTTLS":         {`tls: {host: a.example, port: 25, starttls: smtp}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "25", App: "SMTP (STARTTLS)"}}},
		"http":                    {`http: {urls: ["https://a.example/", "http://b.example:8080/x"]}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "443", App: "HTTPS"}, {To: []string{"b.example"}, Proto: "tcp", Ports: "8080", App: "HTTP"}}},
		"http by IPv6":            {`http: {url: "https://[2001:db8::7]/"}`, []engine.Need{{To: []string{"2001:db8::7"}, Proto: "tcp", Ports: "443", App: "HTTPS"}}},
		"http, URL not known":     {`http: {url: "${page}"}`, []engine.Need{{To: []string{"<page>"}, Proto: "tcp", Ports: "<page: port>", App: "HTTP(S)"}}},
		"http, host not known":    {`http: {url: "https://${host}/x"}`, []engine.Need{{To: []string{"<host>"}, Proto: "tcp", Ports: "443", App: "HTTPS"}}},
		"websocket":               {`http: {url: "wss://a.example/"}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "443", App: "HTTPS (WebSocket)"}}},
		"ftp":                     {`ftp: {host: a.example, user: u, password: "${word}", passive_ports: 7015-7020}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "21", App: "FTP"}, {To: []string{"a.example"}, Proto: "tcp", Ports: "7015-7020", App: "FTP", Data: true}}},
		"ftp, implicit":           {`ftp: {host: a.example, security: implicit}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "990", App: "FTPS"}, {To: []string{"a.example"}, Proto: "tcp", App: "FTPS", Data: true}}},
		"ssh":                     {`ssh: {host: a.example}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "22", App: "SSH"}}},
		"fresh by SFTP":           {`fresh: {ssh: {host: a.example, port: 2222, user: u}}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "2222", App: "SSH"}}},
		"fresh by FTP":            {`fresh: {ftp: {host: a.example, user: anonymous}}`, []engine.Need{{To: []string{"a.example"}, Proto: "tcp", Ports: "21", App: "FTP"}, {To: []string{"a.example"}, Proto: "tcp", App: "FTP", Data: true}}},
		"fresh here":              {`fresh: {path: /srv}`, nil},
		"nmap":                    {`nmap: {host: a.example, port: 53, proto: udp}`, []engine.Need{{To: []string{"a.example"}, Proto: "udp", Ports: "53"}}},
		"listen":                  {`listen: {port: 6767, proto: udp}`, []engine.Need{{Into: true, Proto: "udp", Ports: "6767"}}},
		"inbound":                 {`inbound: {public_host: a.example, public_port: 8080, local_port: 6767, allow_list: true}`, []engine.Need{{Into: true, Proto: "tcp", Ports: "6767", Public: "a.example", PublicPort: "8080", Listed: true}}},
		"inbound on its own port": {`inbound: {public_port: 8080, local_host: 192.0.2.77}`, []engine.Need{{Into: true, Proto: "tcp", To: []string{"192.0.2.77"}, Ports: "8080", PublicPort: "8080"}}},
		"dns":                     {`dns: {name: a.example}`, []engine.Need{{Proto: "tcp/udp", Ports: "53", App: "DNS", Names: []string{"a.example"}}}},
		"dns of one server":       {`dns: {name: a.example, resolver: "[2001:db8::53]:5353", expect: nxdomain}`, []engine.Need{{To: []string{"2001:db8::53"}, Proto: "tcp/udp", Ports: "5353", App: "DNS"}}},
		"dns of one at its port":  {`dns: {name: a.example, resolver: "2001:db8::53"}`, []engine.Need{{To: []string{"2001:db8::53"}, Proto: "tcp/udp", Ports: "53", App: "DNS", Names: []string{"a.example"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			const params = "params: {port: {type: port, required: true}, page: {type: url, required: true}, host: {type: host, required: true}, word: {type: secret, required: true}}"
			p, err := profiles.Load("x", []byte("netcheck: 1\nid: x\n"+params+"\nchecks: [{id: one, "+test.check+"}]"), engine.ProfileKinds(Kinds()))
			if err != nil {
				t.Fatal(err)
			}
			b, err := p.BindSketch(nil, "", profiles.Sketching{Kinds: NeedyKinds(), Fields: NeedFields()})
			if err != nil {
				t.Fatal(err)
			}
			got := b.Checks[0].Body.(engine.Needy).Needs(engine.Declared(b.Checks[0].Fields))
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
