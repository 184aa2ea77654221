package profiles

import (
	"net/url"
	"regexp"

	"netcheck/profiles/value"
)

// Kind is what the loader must know of a check kind: its name and how to make
// the struct whose exported fields, with yaml and doc tags, a profile may set.
type Kind struct {
	Name string
	Doc  string // one sentence, for the schema
	New  func() any
}

// Profile is one profile as loaded: valid in itself, its parameters not yet
// given.
type Profile struct {
	ID          string
	Revision    string
	Vendor      string
	Title       value.Text
	Source      Source
	Roles       []Role
	DefaultRole string
	Features    []Feature
	Proxy       string // allowed, required or unsupported
	NamesProxy  bool   // it or one of its checks names a proxy of its own
	Vantage     string
	Params      []Param
	Declared    []Declaration // the checks as declared

	Warnings []Warning // what a profile should not have, and may

	File   string // for messages: a path, "-" or a built-in's id
	SHA256 string // of the file

	source    []byte
	templates templates
	people    map[*value.Node]bool // templates in texts for people, among a kind's fields
	proxy     proxyYAML            // as declared
	handover  []handoverYAML
	checks    []*check
}

// Source is where the vendor says what the profile asks.
type Source struct {
	URL  string `yaml:"url" doc:"the vendor's page"`
	Lang string `yaml:"lang" doc:"its language"`
	Seen string `yaml:"seen" doc:"when it was read"`
}

// Role is a machine's part in the product.
type Role struct {
	ID    string
	Title value.Text
}

// Feature is something that the product does.
type Feature struct {
	ID    string
	Title value.Text
}

// Param is a value that a shop has to give.
type Param struct {
	Name         string
	Type         string // one of ParamTypes
	Choices      []Choice
	Required     bool         // always
	RequiredWhen []Comparison // all of which must hold for it to be required
	Secret       bool
	Default      any          // typed, or a text that holds ${…}; nil: none
	Example      string       // as one would type it
	Ask          value.Text   // the question, which says where the value is found
	Expects      value.Phrase // what a value looks like: "a port from 1 to 65535"

	decl     *paramYAML
	pattern  *regexp.Regexp
	example  any  // typed; nil: none
	computed bool // the default holds ${…}
	always   bool // it has a value in every run
}

// Choice is one of the values of a choice or choices parameter.
type Choice struct {
	ID    string
	Title value.Text
}

// Declaration is a check as declared, before its parameters are known: what
// list, show and completion need.
type Declaration struct {
	ID       string
	Title    value.Text
	Kind     string
	Features []string
	From     []string
	To       []string // roles of the machine at the other end
	Level    string
	Line     int
	Needs    []string       // checks without which it is not run
	When     []Comparison   // all of which must hold
	WhenSet  []string       // parameters that must have a value
	ForEach  string         // a list parameter: one check for each of its items
	Tolerate string         // "" or "some"
	Proxy    string         // allowed, required or unsupported
	Params   []string       // those that it uses, in order of use
	Fields   map[string]any // the kind's fields as written, ${…} and all
}

// Comparison holds where a parameter has one of the values or, if Not, has none
// of them.
type Comparison struct {
	Param  string
	Not    bool
	Values []string
}

// Origin is where a value came from.
type Origin string

const (
	FromFlag        Origin = "flag"
	FromEnvironment Origin = "environment"
	FromSite        Origin = "site file"
	FromPrompt      Origin = "prompt"
	FromDefault     Origin = "default"
)

// Given is a parameter's value as somebody gave it.
type Given struct {
	Value any    // a text, or what a site file holds: numbers, booleans, lists, maps by name
	From  Origin // secrets are taken from the environment and a prompt alone
	Where string // for messages: shop42.yaml:7:3, NETCHECK_PARAM_HOST; may be empty
}

// Values are given values by parameter name. An empty text means that the
// parameter has none, whatever its default says.
type Values map[string]Given

// Bound is a profile with its values filled in.
type Bound struct {
	Profile  *Profile
	Role     string
	Values   map[string]any // every parameter that has a value, typed
	Public   map[string]any // the same for reports: secrets are "<secret>"
	Handover []Handover
	Checks   []Check // in profile order, for_each expanded
	Unknown  []Param // of a sketch: those whose names stand in it
}

// Handover is a text that a person must pass on, values filled in.
type Handover struct{ Title, Text value.Text }

// Check is one check with its values filled in.
type Check struct {
	ID          string // sync-api, or sync-api[till-1]
	Group       string // sync-api
	Item        string // till-1
	Each        string // the list that it was expanded over
	Title       value.Text
	Features    []string
	From        []string
	To          []string
	Level       string
	Applies     bool     // its when holds
	Open        bool     // it may not apply after all: a value that its when asks for is not known
	Here        bool     // this machine has one of its roles
	Needs       []string // group ids, as declared
	Tolerate    string   // "" or "some"
	Proxy       string   // allowed, required or unsupported
	Via         *Proxy   // that the profile names; nil: those that the machine names
	Act         string
	Consequence value.Text
	Remedy      value.Text
	OnCause     map[string]value.Text
	Firewall    *Firewall
	Downgrade   []Downgrade // those whose condition holds

	Kind   string
	Body   any            // the kind's struct, decoded; nil where the check does not apply
	Fields map[string]any // the same as plain values for the report, secrets out
	Line   int
}

// Proxy is one that a profile names, with its values filled in.
type Proxy struct {
	URL      *url.URL // without user and password
	User     string
	Password value.Secret
}

// Firewall is what to write into the rule.
type Firewall struct {
	Hosts   value.OneOrMany[string] `yaml:"hosts" doc:"names to allow, wildcards too"`
	Sources value.OneOrMany[string] `yaml:"sources" doc:"addresses that the vendor connects from"`
	AsOf    string                  `yaml:"as_of" doc:"date of the hosts and sources"`
	See     string                  `yaml:"see" doc:"where the vendor keeps them up to date"`
}

// Downgrade makes a verdict milder for a cause that has a known harmless reason.
type Downgrade struct {
	Cause value.OneOrMany[string]
	To    string
	Say   value.Text
}
