package value

import (
	"fmt"
	"regexp"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/invopop/jsonschema"
	"golang.org/x/text/language"
)

// Text is a text in one or several languages; "" is a text without a language.
type Text map[string]string

// MaxText is how long a text may be, in bytes.
const MaxText = 16 << 10

var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// UnmarshalYAML reads a text, or a block with one for each language.
func (t *Text) UnmarshalYAML(n *Node) error {
	if n.Kind != yaml.MappingNode {
		s, err := Scalar(n, "a text, or one for each language")
		if err == nil && len(s) > MaxText {
			err = At(n, "a text may have %d bytes, this one has %d", MaxText, len(s))
		}
		*t = Text{"": s}
		return err
	}
	var ps Problems
	*t = Text{}
	for key, val := range Pairs(n) {
		if !languageTag.MatchString(key.Value) {
			p := At(key, "%s is not a language", Quote(key.Value))
			p.Hint = "a text is a string, or a block such as {en: …, fr: …}"
			ps = append(ps, p)
			continue
		}
		if short := shortTag(key.Value); short != key.Value {
			p := At(key, "%s is a language that has a shorter tag", Quote(key.Value))
			p.Hint = fmt.Sprintf("did you mean %q?", short)
			ps = append(ps, p)
			continue
		}
		s, err := Scalar(val, "a text")
		if err == nil && len(s) > MaxText {
			err = At(val, "a text may have %d bytes, this one has %d", MaxText, len(s))
		}
		ps = append(ps, problems(val, err)...)
		(*t)[key.Value] = s
	}
	return ps.Err()
}

// shortTag is the tag with two letters for a language that has such: en for
// eng. Under the long one nobody would look.
func shortTag(tag string) string {
	base, rest, more := strings.Cut(tag, "-")
	if len(base) != 3 {
		return tag
	}
	b, err := language.ParseBase(base)
	if err != nil || len(b.String()) != 2 {
		return tag
	}
	if more {
		return b.String() + "-" + rest
	}
	return b.String()
}

// In is the text in the language, else in English, else the one without a
// language, else the first by tag.
func (t Text) In(lang string) string {
	for _, l := range []string{lang, "en", ""} {
		if s, ok := t[l]; ok {
			return s
		}
	}
	first, found := "", false
	for l := range t {
		if !found || l < first {
			first, found = l, true
		}
	}
	return t[first]
}

// JSONSchema is the schema of a text.
func (Text) JSONSchema() *jsonschema.Schema {
	return anyOf(anyScalar(), &jsonschema.Schema{
		Type: "object", PropertyNames: &jsonschema.Schema{Pattern: languageTag.String()},
		AdditionalProperties: anyScalar(), Description: "a text for each language",
	})
}
