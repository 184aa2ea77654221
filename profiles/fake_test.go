package profiles_test

import (
	"errors"
	"fmt"

	"netcheck/profiles"
	"netcheck/profiles/value"
)

// The loader knows kinds by their fields alone, so its tests have kinds of
// their own, with every sort of field.

func fakeKinds() []profiles.Kind {
	return []profiles.Kind{
		{Name: "reach", Doc: "reaches hosts", New: func() any { return new(reach) }},
		{Name: "fetch", Doc: "fetches a page", New: func() any { return new(fetch) }},
		{Name: "claim", Doc: "claims something of a value", New: func() any { return new(claim) }},
		{Name: "question", Doc: "asks a person", New: func() any { return new(question) }},
	}
}

type fieldError struct{ field, text, hint string }

func (e *fieldError) Error() string     { return e.field + ": " + e.text }
func (e *fieldError) FieldName() string { return e.field }
func (e *fieldError) Text() string      { return e.text }
func (e *fieldError) HintText() string  { return e.hint }

type hosts struct {
	Host  value.OneOrMany[value.Host] `yaml:"host" doc:"who"`
	Hosts value.OneOrMany[value.Host] `yaml:"hosts" doc:"the same as host"`
}

type reach struct {
	hosts    `yaml:",inline"`
	Ports    value.Ports                   `yaml:"port" doc:"where"`
	Match    string                        `yaml:"match" enum:"all,any" default:"all" doc:"how many"`
	Sample   int                           `yaml:"sample" doc:"how many to try"`
	Wait     value.Duration                `yaml:"wait" doc:"how long"`
	Within   value.OneOrMany[value.Prefix] `yaml:"within" doc:"networks"`
	Identify bool                          `yaml:"identify" doc:"who answers"`
	Payload  string                        `yaml:"payload" doc:"what to say"`
}

func (r *reach) Validate() error {
	var errs []error
	if len(r.Host)+len(r.Hosts) == 0 {
		errs = append(errs, &fieldError{"host", "missing: which host?", ""})
	}
	if len(r.Host) > 0 && len(r.Hosts) > 0 {
		errs = append(errs, &fieldError{"hosts", "given beside host, which is the same", "write one list"})
	}
	if r.Sample > r.Ports.Count() {
		errs = append(errs, &fieldError{"sample", fmt.Sprintf("%d of %d ports", r.Sample, r.Ports.Count()), ""})
	}
	return errors.Join(errs...)
}

type fetch struct {
	URL    value.OneOrMany[value.URL] `yaml:"url" required:"true" doc:"which page"`
	Send   send                       `yaml:"send" doc:"what to send"`
	Body   *value.Regexp              `yaml:"expect_body" doc:"what to find"`
	Status value.OneOrMany[int]       `yaml:"status" doc:"which status"`
	Auth   *auth                      `yaml:"auth" doc:"who we are"`
}

type send struct {
	Header map[string]string `yaml:"header" doc:"fields"`
	Body   string            `yaml:"body" doc:"text"`
}

type auth struct {
	User     string       `yaml:"user" doc:"name"`
	Password value.Secret `yaml:"password" doc:"its secret"`
}

type claim struct {
	Param value.Param             `yaml:"param" required:"true" doc:"of what"`
	In    value.OneOrMany[string] `yaml:"in" doc:"one of these"`
	Ratio float64                 `yaml:"ratio" doc:"how much"`
	Small uint8                   `yaml:"small" doc:"a small number"`
}

type question struct {
	Ask value.Text `yaml:"ask" required:"true" doc:"what to ask"`
}

func fakeCodes() []string { return []string{"tcp.filtered", "tcp.refused", "ftp.login"} }

func load(data string) (*profiles.Profile, error) {
	return profiles.Load("shop.yaml", []byte(data), fakeKinds(), fakeCodes()...)
}
