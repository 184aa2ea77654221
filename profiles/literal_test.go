package profiles_test

import (
	"errors"
	"slices"
	"testing"

	"netcheck/checks"
	"netcheck/checks/engine"
	"netcheck/profiles"
)

// What is written out is refused beside a ${…} and beside another mistake, but
// only where no value of the rest would make it right.
func TestLiteral(t *testing.T) {
	const head = `netcheck: 1
id: t
params:
  base: {type: url, required: true}
  h: {type: host, required: true}
  t: {type: choice, choices: [A, CNAME], required: true}
  ports: {type: ports, required: true}
checks:
  - id: a
    `
	tests := map[string]struct {
		check string
		want  []string
	}{
		"a status":           {`http: {url: "${base}", status: OK}`, []string{`status: "OK" is no status: expected any, a number from 100 to 599, or a range such as 200-299`}},
		"trust":              {`tls: {host: "${h}", trust: everyone}`, []string{`trust: "everyone" is not system, public, self-signed or sha256:DIGEST`}},
		"the other mistakes": {`tcp: {host: 127.0.0.1, port: 80, sample: -3, match: some}`, []string{"sample: a sample has at least two ports, one at each end", `unknown value "some"`}},
		"a type to come":     {`dns: {name: a.example, type: "${t}", equals: b.example}`, nil},
		"a type unknown":     {`dns: {name: a.example, type: "${tt}", equals: b.example}`, []string{`unknown parameter "tt"`}},
		"a text as number":   {`assert: {param: h, max: 3}`, []string{"max compares numbers, and h is a host"}},
		"a text as it is":    {`assert: {param: h, in: [a.example]}`, nil},
		"ports to come":      {`tcp: {host: a.example, port: "${ports}", prefer: 80, sample: 2}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := profiles.Load("t.yaml", []byte(head+tt.check+"\n"), engine.ProfileKinds(checks.Kinds()))
			if got := messages(err); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// messages are the mistakes of a file, without their places.
func messages(err error) (all []string) {
	if fe, ok := errors.AsType[*profiles.FileError](err); ok {
		for _, p := range fe.Problems {
			all = append(all, p.Message)
		}
	}
	return all
}

// The limit of targets holds for what is in every run of one role.
func TestTooManyTargets(t *testing.T) {
	const all = "tcp: {host: [a.example, b.example], port: 1-65535}"
	const message = "the checks contact 393210 addresses and ports, more than 300000"
	tests := map[string]struct {
		checks string
		want   []string
	}{
		"three":          {"- {id: a, " + all + "}\n- {id: b, " + all + "}\n- {id: c, " + all + "}\n", []string{message}},
		"two":            {"- {id: a, " + all + "}\n- {id: b, " + all + "}\n", nil},
		"of two roles":   {"- {id: a, " + all + "}\n- {id: b, from: till, " + all + "}\n- {id: c, from: server, " + all + "}\n", nil},
		"of one role":    {"- {id: a, " + all + "}\n- {id: b, from: till, " + all + "}\n- {id: c, from: till, " + all + "}\n", []string{message}},
		"conditions":     {"- {id: a, " + all + "}\n- {id: b, when: {far: yes}, " + all + "}\n- {id: c, when: {far: no}, " + all + "}\n", nil},
		"a host to come": {"- {id: a, " + all + "}\n- {id: b, " + all + "}\n- {id: c, tcp: {host: [a.example, \"${h}\"], port: 1-65535}}\n", []string{message}},
		"ports to come":  {"- {id: a, " + all + "}\n- {id: b, " + all + "}\n- {id: c, tcp: {host: [a.example, b.example], port: \"${ports}\"}}\n", nil},
		"samples":        {"- {id: a, " + all + "}\n- {id: b, " + all + "}\n- {id: c, tcp: {host: [a.example, b.example], port: 1-65535, sample: 5}}\n", nil},
	}
	const head = "netcheck: 1\nid: t\nroles: {till: {}, server: {}}\nparams: {far: {type: bool, default: no}, h: {type: host, required: true}, ports: {type: ports, default: 1-65535}}\nchecks:\n"
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := profiles.Load("t.yaml", []byte(head+tt.checks), engine.ProfileKinds(checks.Kinds()))
			if got := messages(err); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
