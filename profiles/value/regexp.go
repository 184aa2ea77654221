package value

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/invopop/jsonschema"
)

// Regexp is /expression/ in RE2 syntax, which takes time linear in the text
// that it is matched against.
type Regexp struct{ *regexp.Regexp }

// maxExpression bounds an expression; its compiled size is bounded by the
// library, which refuses more than 1000 repeats.
const maxExpression = 1000

// UnmarshalYAML reads an expression between slashes.
func (r *Regexp) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "an expression between slashes, such as /^220 /")
	if err != nil {
		return err
	}
	if len(s) < 2 || s[0] != '/' || s[len(s)-1] != '/' {
		p := At(n, "%s is not an expression: it stands between slashes, such as /^220 /", Quote(s))
		return p
	}
	if r.Regexp, err = ParseRegexp(s[1 : len(s)-1]); err != nil {
		return At(n, "%s", err)
	}
	return nil
}

// ParseRegexp compiles an expression.
func ParseRegexp(s string) (*regexp.Regexp, error) {
	if len(s) > maxExpression {
		return nil, fmt.Errorf("an expression may have %d bytes, this one has %d", maxExpression, len(s))
	}
	re, err := regexp.Compile(s)
	var se *syntax.Error
	if errors.As(err, &se) {
		return nil, fmt.Errorf("the expression is wrong: %s: %s", se.Code, Quote(se.Expr))
	}
	return re, err
}

func (r Regexp) String() string {
	if r.Regexp == nil {
		return ""
	}
	return "/" + r.Regexp.String() + "/"
}

// JSONSchema is the schema of an expression.
func (Regexp) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^/.*/$`, Description: "an expression (RE2) between slashes"}
}
