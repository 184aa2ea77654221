package profiles

import "netcheck/profiles/value"

// The structs below are the format: what a profile may say, for the loader,
// the JSON Schema and help alike.

type documentYAML struct {
	Version     int                       `yaml:"netcheck" doc:"version of the format: 1" required:"true" enum:"1"`
	ID          string                    `yaml:"id" doc:"short name of the profile: lower case letters, digits, hyphens" required:"true"`
	Revision    string                    `yaml:"revision" doc:"date or number of this version of the profile"`
	Vendor      string                    `yaml:"vendor" doc:"who makes the product"`
	Title       value.Text                `yaml:"title" doc:"the product, for a reader"`
	Source      Source                    `yaml:"source" doc:"where the vendor says what the product needs"`
	Roles       value.Ordered[roleYAML]   `yaml:"roles" doc:"the machines netcheck can run on, in the order of the path, outermost last"`
	DefaultRole string                    `yaml:"default_role" doc:"the role taken where none is named"`
	Features    value.Ordered[value.Text] `yaml:"features" doc:"what the product does, by id, with a title each; checks name what stops without them"`
	Proxy       proxyYAML                 `yaml:"proxy" doc:"what the product can do with a proxy; a check may say otherwise"`
	Vantage     value.Helper              `yaml:"vantage" doc:"the outside helper for inbound checks"`
	Handover    []handoverYAML            `yaml:"handover" doc:"what a person must pass on, printed with the values filled in"`
	Params      value.Ordered[paramYAML]  `yaml:"params" doc:"the values that a shop has to give, by name"`
	Checks      []checkYAML               `yaml:"checks" doc:"what must hold" required:"true"`
	At          *value.Node               `yaml:",node"`
}

// proxyYAML is a policy alone, or with the proxy that the product is set up with
// where it does not go by the machine's.
type proxyYAML struct {
	Policy   string         `yaml:"policy,short" doc:"allowed: directly or through a proxy; required: through a proxy alone; unsupported: directly alone; where a check says nothing, the profile's, and where that says nothing, allowed" enum:"allowed,required,unsupported"`
	URL      value.ProxyURL `yaml:"url" doc:"the proxy; without it, or where its parameter has no value, those that the machine names" values:"true"`
	User     string         `yaml:"user" doc:"the user at the proxy" values:"true"`
	Password value.Secret   `yaml:"password" doc:"the user's password" values:"true"`
	At       *value.Node    `yaml:",node"`
}

type roleYAML struct {
	Title value.Text `yaml:"title" doc:"the machine, for a reader"`
}

// conditionsYAML say where something applies.
type conditionsYAML struct {
	When    condition               `yaml:"when" doc:"only where every one of these parameters has its value, or one of its list"`
	WhenNot condition               `yaml:"when_not" doc:"not where one of these parameters has its value, or one of its list"`
	WhenSet value.OneOrMany[string] `yaml:"when_set" doc:"only where these parameters have a value"`
}

type handoverYAML struct {
	Title          value.Text              `yaml:"title" doc:"what it is" values:"true"`
	Text           value.Text              `yaml:"text" doc:"what to pass on, and to whom" values:"true" required:"true"`
	From           value.OneOrMany[string] `yaml:"from" doc:"roles it is printed for; none: every role"`
	conditionsYAML `yaml:",inline"`

	At *value.Node `yaml:",node"`
}

type checkYAML struct {
	ID             string                  `yaml:"id" doc:"its name in reports: letters, digits, . _ -" required:"true"`
	Title          value.Text              `yaml:"title" doc:"what it checks, for a reader" values:"true"`
	Features       value.OneOrMany[string] `yaml:"features" doc:"what of the product stops without it"`
	From           value.OneOrMany[string] `yaml:"from" doc:"roles it is made from; none: every role"`
	To             value.OneOrMany[string] `yaml:"to" doc:"roles of the machine at the other end, on which these very ports are served: netcheck standin opens them there"`
	Level          string                  `yaml:"level" doc:"how much the product needs it" enum:"required,recommended,optional" default:"required"`
	conditionsYAML `yaml:",inline"`
	Needs          value.OneOrMany[string]    `yaml:"needs" doc:"checks that must be met before this one makes sense"`
	ForEach        string                     `yaml:"for_each" doc:"a list parameter: one check for each of its items, with ${item.field}"`
	Tolerate       string                     `yaml:"tolerate" doc:"some: a failure is a warning while one of the for_each passes" enum:"some"`
	Proxy          proxyYAML                  `yaml:"proxy" doc:"what this part of the product can do with a proxy"`
	Act            string                     `yaml:"act" doc:"who must act where it fails" enum:"customer-network,customer-site,provider,vendor"`
	Consequence    value.Text                 `yaml:"consequence" doc:"what does not work where it fails" values:"true"`
	Remedy         value.Text                 `yaml:"remedy" doc:"what to do where it fails" values:"true"`
	OnCause        value.Ordered[value.Text]  `yaml:"on_cause" doc:"what to do for one cause, by its code" values:"true"`
	Firewall       *Firewall                  `yaml:"firewall" doc:"what to write into the firewall's rule, where that is not what is probed" values:"true"`
	Downgrade      []downgradeYAML            `yaml:"downgrade" doc:"milder verdicts for causes with a known harmless reason"`
	Kinds          value.Ordered[*value.Node] `yaml:",rest"`
	At             *value.Node                `yaml:",node"`
}

type downgradeYAML struct {
	Cause          value.OneOrMany[string] `yaml:"cause" doc:"codes of causes" required:"true"`
	To             string                  `yaml:"to" doc:"the verdict instead" enum:"pass,warn,inconclusive" required:"true"`
	Say            value.Text              `yaml:"say" doc:"why" values:"true"`
	conditionsYAML `yaml:",inline"`
	At             *value.Node `yaml:",node"`
}

// typeName is the name of one of paramTypes.
type typeName string

type paramYAML struct {
	Type         typeName    `yaml:"type" doc:"what a value is" required:"true"`
	Title        value.Text  `yaml:"title" doc:"what it is, in a few words"`
	Ask          value.Text  `yaml:"ask" doc:"the question, which says where the value is found"`
	Required     bool        `yaml:"required" doc:"a run can't do without it" default:"false"`
	RequiredWhen condition   `yaml:"required_when" doc:"a run can't do without it where these parameters have these values"`
	Default      *value.Node `yaml:"default" doc:"its value where none is given; may hold ${…}"`
	Example      *value.Node `yaml:"example" doc:"a value, as one would type it"`
	Pattern      string      `yaml:"pattern" doc:"an expression (RE2) that the whole value must match"`
	Choices      choicesYAML `yaml:"choices" doc:"the values of a choice, by id, with a title each"`
	Item         *itemYAML   `yaml:"item" doc:"of a list: the type of an element, or its fields with a type each"`
	Min          *int        `yaml:"min" doc:"of an int: the least; of a list: how many elements at least"`
	Max          *int        `yaml:"max" doc:"of an int: the greatest; of a list: how many elements at most"`
	At           *value.Node `yaml:",node"`
}
