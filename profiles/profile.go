// Package profiles is the profile format: its model, its strict loader, its
// parameters, and the profiles that netcheck ships. Everything here is pure:
// nothing contacts the network, and nothing knows what a check kind does
// beyond the fields that it decodes.
package profiles

import (
	"netcheck/profiles/value"
)

// Kind is what the loader must know of a check kind: its name and how to make
// the struct whose exported fields, with yaml and doc tags, a profile may set.
type Kind struct {
	Name string
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
	Vantage     string
	Params      []Param
	Declared    []Declaration // the checks as declared

	File   string // for messages: a path, "-" or a built-in's id
	SHA256 string // of the file

	// unexported: the raw nodes, the kinds
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
	Name     string
	Type     string
	Choices  []string
	Required bool // always; see also Need
	Secret   bool
	Default  any // nil: none
	Example  string
	Ask      value.Text
	// … pattern, item, required_when: the loader's own
}

// Declaration is a check as declared, before its parameters are known: what
// list, show and completion need.
type Declaration struct {
	ID       string
	Title    value.Text
	Kind     string
	Features []string
	From     []string
	Level    string
	Line     int
}

// Values are given parameter values by name, as text or as decoded YAML.
type Values map[string]any

// Bound is a profile with its values filled in.
type Bound struct {
	Profile  *Profile
	Role     string
	Values   map[string]any // every parameter that has a value, typed
	Public   map[string]any // the same for reports: secrets are "<secret>"
	Handover []Handover
	Checks   []Check // in profile order, for_each expanded
}

// Handover is a text that a person must pass on, values filled in.
type Handover struct {
	Title value.Text `yaml:"title"`
	Text  value.Text `yaml:"text"`
}

// Check is one check with its values filled in.
type Check struct {
	ID          string // sync-api, or sync-api[till-1]
	Group       string // sync-api
	Item        string // till-1
	Title       value.Text
	Features    []string
	From        []string
	Level       string
	Applies     bool     // its when holds
	Here        bool     // this machine has one of its roles
	Needs       []string // group ids, as declared
	Tolerate    string   // "" or "some"
	Proxy       string
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

// Firewall is what to write into the rule.
type Firewall struct {
	Hosts   value.OneOrMany[string] `yaml:"hosts" doc:"names to allow, wildcards too"`
	Sources value.OneOrMany[string] `yaml:"sources" doc:"addresses that the vendor connects from"`
	AsOf    string                  `yaml:"as_of" doc:"date of the sources"`
	See     string                  `yaml:"see" doc:"where the vendor keeps them up to date"`
}

// Downgrade makes a verdict milder for a cause that has a known harmless reason.
type Downgrade struct {
	Cause value.OneOrMany[string]
	To    string
	Say   value.Text
}
