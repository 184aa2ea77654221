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
