package profiles_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
)

const sketched = `
netcheck: 1
id: shop
title: Shop
roles: {till: {title: Till}, server: {title: Server}}
params:
  name: {type: dns-label, required: true, example: acme}
  full: {type: host, default: "${name}.shop.example"}
  port: {type: port, required: true, example: 9000}
  extra: {type: host}
  mode: {type: choice, choices: [cable, mobile], required: true}
  modem: {type: host, required_when: {mode: mobile}, example: modem.example}
  tills: {type: list, item: {id: string, host: host}, required: true, example: "a:10.0.0.1"}
checks:
  - {id: service, from: [till], reach: {host: "${full}", port: "${port}"}, firewall: {hosts: ["*.${name}.example"]}}
  - {id: next, from: [server], reach: {host: a.example, port: "${port + 2}"}}
  - {id: left-out, from: [till], reach: {host: [a.example, "${extra}"], port: 80}}
  - {id: by-modem, from: [till], when: {mode: mobile}, reach: {host: "${modem}", port: 1}}
  - {id: each, from: [server], for_each: tills, reach: {host: "${item.host}", port: 3}}
  - {id: person, from: [till], question: {ask: "${mode}"}}
`

func TestBindSketch(t *testing.T) {
	how := profiles.Sketching{Kinds: []string{"reach"}, Fields: []string{"host", "port"}}
	for name, test := range map[string]struct {
		role    string
		values  []string
		want    []string
		unknown string
	}{
		"nothing is known": {
			"", nil,
			[]string{
				"service <name>.shop.example <port> [*.<name>.example]", "next a.example <port> + 2", "left-out [a.example] 80",
				"by-modem <modem> 1 perhaps", "each <tills: host> 3",
			},
			"name port mode modem tills",
		},
		"all is known": {
			"",
			[]string{"name=acme", "port=9000", "mode=cable", "tills=a:10.0.0.1,b:10.0.0.2"},
			[]string{"service acme.shop.example 9000 [*.acme.example]", "next a.example 9002", "left-out [a.example] 80", "each[a] 10.0.0.1 3", "each[b] 10.0.0.2 3"},
			"",
		},
		"of one machine": {
			"server",
			[]string{"mode=cable"},
			[]string{"service <name>.shop.example <port> [*.<name>.example]", "next a.example <port> + 2", "left-out [a.example] 80", "each <tills: host> 3"},
			"port tills",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := load(strings.TrimPrefix(sketched, "\n"))
			if err != nil {
				t.Fatal(err)
			}
			b, err := p.BindSketch(flags(test.values...), test.role, how)
			if err != nil {
				t.Fatal(err)
			}
			var got, unknown []string
			for _, c := range b.Checks {
				if c.Kind != "reach" || !c.Applies {
					continue
				}
				line := c.ID + " " + fmt.Sprint(c.Fields["host"]) + " " + fmt.Sprint(c.Fields["port"])
				if c.Firewall != nil {
					line += " [" + strings.Join(c.Firewall.Hosts, " ") + "]"
				}
				if c.Open {
					line += " perhaps"
				}
				got = append(got, line)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
			for _, p := range b.Unknown {
				unknown = append(unknown, p.Name)
			}
			if got := strings.Join(unknown, " "); got != test.unknown {
				t.Errorf("unknown %q, not %q", got, test.unknown)
			}
		})
	}
	p, err := load(strings.TrimPrefix(sketched, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.BindSketch(flags("port=x"), "", how); err == nil {
		t.Error("a value that is none was taken")
	}
	if _, err := p.BindSketch(nil, "office", how); err == nil {
		t.Error("a role that is none was taken")
	}
}
