package profiles_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
)

// A machine that only serves is asked for nothing but what its ports depend on.
func TestBindPorts(t *testing.T) {
	const checks = `
  - {id: own, from: [server], fetch: {url: "http://${need}/"}}
  - {id: mine, from: [server], question: {ask: x}}
  - {id: to-me, from: [till], to: [server], reach: {host: "${need}", port: "${port}"}}
  - {id: to-till, from: [server], to: [till], reach: {host: "${need}", port: 1}}
  - {id: wide, from: [till], to: [server], reach: {host: "${need}", port: "${wide}"}}
  - {id: cabled, from: [till], to: [server], when: {mode: cable}, reach: {host: "${need}", port: 2}}
  - {id: each, from: [till], to: [server, till], for_each: tills, reach: {host: "${item.host}", port: 3}}
  - {id: modem, from: [till], to: [server], when: {mode: mobile}, reach: {host: "${modem}", port: 4}}
`
	serving := profiles.Serving{Kinds: []string{"question"}, Fields: []string{"port"}}
	for name, test := range map[string]struct {
		role   string
		values []string
		want   []string
	}{
		"the default role":   {"", nil, []string{"mine", "to-me 80", "wide", "cabled -", "each 3", "modem -"}},
		"the other role":     {"till", nil, []string{"to-till 1", "each 3"}},
		"with values":        {"server", []string{"wide=8000-8002", "port=81", "mode=cable", "tills=a:10.0.0.1,b:10.0.0.2"}, []string{"mine", "to-me 81", "wide 8000-8002", "cabled 2", "each[a] 3", "each[b] 3", "modem -"}},
		"without its values": {"server", []string{"mode=mobile"}, []string{"mine", "to-me 80", "wide", "cabled -", "each 3", "modem 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := loadShop(t, checks).BindPorts(flags(test.values...), test.role, serving)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range b.Checks {
				line := c.ID
				if !c.Applies {
					line += " -"
				}
				if r, ok := c.Body.(*reach); ok && len(r.Ports) > 0 {
					line += " " + r.Ports.String()
				}
				got = append(got, line)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestBindPortsAsks(t *testing.T) {
	p, err := load(strings.Replace(shopHead, "port: {type: port, default: 80}", "port: {type: port, required: true}", 1) + `
  - {id: to-me, from: [till], to: [server], reach: {host: "${need}", port: "${port}"}}
`)
	if err != nil {
		t.Fatal(err)
	}
	serving := profiles.Serving{Fields: []string{"port"}}
	_, err = p.BindPorts(nil, "server", serving)
	missing, ok := err.(*profiles.MissingError)
	if !ok || len(missing.Params) != 1 || missing.Params[0].Name != "port" {
		t.Errorf("error %v, want that port is missing and nothing else", err)
	}
	if _, err := p.BindPorts(nil, "till", serving); err != nil {
		t.Errorf("another role: %v", err)
	}
	if _, err := p.BindPorts(nil, "sever", serving); err == nil {
		t.Error("a role that there is not")
	}
	if _, err := p.BindPorts(flags("port=65536"), "server", serving); err == nil {
		t.Error("a port that there is not")
	}
}
