// Package profiles is the profile format: its model, its strict loader, its
// parameters, and the profiles that netcheck ships. Everything here is pure:
// nothing contacts the network, and nothing knows what a check kind does
// beyond the fields that it decodes.
//
// Load reads a file and finds every mistake that its author can make; Gather
// collects the values of one shop; Bind puts them in and decides which checks
// there are. Where the format leaves a choice, these are the rules.
//
// # Values
//
// A parameter has a value if somebody gave one that is not empty, or if it has
// a default whose own parameters have one. An empty value takes the default
// away. A list without elements is none.
//
// ${name} as the whole of a text is the value with its type: a number, a
// boolean, a list, which within a list is spliced in. Without a value the field
// is left out, or the element of the list; a list of which nothing remains is
// left out too. Load refuses this where the field can't be missing, unless the
// check says when it applies.
//
// ${name} within a longer text is the value as one would type it. In a text for
// people (a title, a remedy) a parameter without a value shows as <name>;
// elsewhere Load refuses a hole, unless the parameter is required, has a
// default, or the check's when or when_set holds only where it has a value.
//
// A secret fits only a field that is one (value.Secret), and only as a whole. It
// comes from the environment, a file that the environment names, or a prompt.
//
// # Conditions
//
// when holds where each of its keys has the value, or one of the list. when_not
// holds where none of its keys has. A parameter without a value is none of the
// values that it is compared with. choices hold where one of the chosen is meant.
//
// # Who must give what
//
// A required parameter (required, or required_when) is asked for only where it
// is used: by a check that applies and is made from this role, by the condition
// of such a check, or by a handover text. Checks of other roles are bound too,
// as far as the values go, so that a report can name them.
package profiles
