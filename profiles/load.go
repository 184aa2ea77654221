package profiles

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// Load reads a profile strictly. The error is a *FileError with every mistake
// of the file. codes are the causes that on_cause and downgrade may name; with
// none, any will do.
func Load(file string, data []byte, kinds []Kind, codes ...string) (*Profile, error) {
	sum := sha256.Sum256(data)
	l := &loader{
		ids: make(map[string]*check), kinds: kinds, codes: codes, names: value.Names(value.Fields(reflect.TypeFor[checkYAML]())),
		p: &Profile{File: file, SHA256: hex.EncodeToString(sum[:]), source: data, templates: templates{}, people: make(map[*value.Node]bool)},
	}
	for _, k := range kinds {
		l.names = append(l.names, k.Name)
	}
	l.load(data)
	if len(l.ps) > 0 {
		return nil, &FileError{File: file, Source: data, Problems: l.ps.Sort()}
	}
	return l.p, nil
}

// loader collects a profile and the mistakes in it.
type loader struct {
	kinds    []Kind
	codes    []string
	doc      documentYAML
	p        *Profile
	ps       value.Problems
	types    value.Types
	names    []string             // of a check's own fields, then of the kinds
	ids      map[string]*check    // the checks so far
	literals map[*value.Node]bool // secrets that are written out
}

func (l *loader) add(ps ...value.Problem) { l.ps = append(l.ps, ps...) }

func (l *loader) fail(n *value.Node, format string, args ...any) {
	l.add(value.At(n, format, args...))
}

// unknown is a word that is none of those known. In a file full of mistakes
// those that are not shown get no hint: looking for one takes time.
func (l *loader) unknown(n *value.Node, what, word string, known []string) {
	p := value.At(n, "unknown %s %s", what, value.Quote(word))
	switch {
	case len(l.ps) >= shown:
	case len(known) == 0:
		p.Hint = "the profile has no " + what + "s"
	default:
		p = p.Suggest(word, known)
	}
	l.add(p)
}

// version is what netcheck: says of the format.
const version = "1"

var causeCode = regexp.MustCompile(`^[a-z]+\.[a-z0-9-]+$`)

// isProfileID reports whether s can name a profile or a role.
func isProfileID(s string) bool {
	return isCheckID(s) && s == strings.ToLower(s) && !strings.ContainsAny(s, "._")
}

// idPattern is isCheckID for the schema.
const idPattern = `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`

// isCheckID reports whether s can name a check, a feature or a choice. No
// regular expression: its counted repeat takes long to compile, at every start.
func isCheckID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && strings.IndexByte("._-", c) >= 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func (l *loader) load(data []byte) {
	root, ps := value.Parse(data)
	if l.add(ps...); root == nil {
		return
	}
	if v := value.Get(root, "netcheck"); root.Kind == yaml.MappingNode && v != nil && v.Value != version {
		// Another version may spell everything differently: say no more.
		l.add(value.Problem{Line: v.Line, Column: v.Column, Message: "this netcheck reads version 1 of the format, not " + value.Quote(v.Value)})
		return
	}
	l.add(l.p.templates.mark(root)...)
	l.add(value.Decoder{Types: &l.types}.Decode(root, &l.doc)...)
	if l.doc.At == nil {
		return
	}
	l.head()
	l.declare()
	l.proxy(l.doc.Proxy, use{})
	for i := range l.doc.Handover {
		l.takeHandover(&l.doc.Handover[i])
	}
	l.p.handover, l.p.proxy = l.doc.Handover, l.doc.Proxy
	n := len(l.doc.Checks)
	l.p.checks, l.p.Declared = make([]*check, 0, n), make([]Declaration, 0, n)
	for i := range l.doc.Checks {
		l.check(&l.doc.Checks[i])
	}
	l.needs()
	l.targets()
	l.featuresInUse()
}

// head takes over what stands above the parameters.
func (l *loader) head() {
	d, p := &l.doc, l.p
	p.ID, p.Revision, p.Vendor, p.Title, p.Source = d.ID, d.Revision, d.Vendor, d.Title, d.Source
	p.Proxy, p.DefaultRole = cmp.Or(d.Proxy.Policy, "allowed"), d.DefaultRole
	if d.Vantage.URL != nil {
		p.Vantage = d.Vantage.String()
	}
	if n := value.Get(d.At, "id"); n != nil && !isProfileID(d.ID) && n.Tag != value.Later {
		l.fail(n, "%s can't be a profile's id: lower case letters, digits and hyphens only", value.Quote(d.ID))
	}
	if n := value.Get(d.At, "checks"); n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		l.fail(n, "a profile has at least one check")
	}
	for _, r := range d.Roles {
		if !isProfileID(r.Key) {
			l.fail(r.At, "%s can't be a role: lower case letters, digits and hyphens only", value.Quote(r.Key))
		}
		p.Roles = append(p.Roles, Role{ID: r.Key, Title: r.Value.Title})
	}
	for _, f := range d.Features {
		if !isCheckID(f.Key) {
			l.fail(f.At, "%s can't be a feature: letters, digits and . _ - only", value.Quote(f.Key))
		}
		p.Features = append(p.Features, Feature{ID: f.Key, Title: f.Value})
	}
	if d.DefaultRole != "" {
		l.roles(value.Get(d.At, "default_role"), []string{d.DefaultRole})
	}
}

// roles holds names to the profile's roles; n is their node.
func (l *loader) roles(n *value.Node, names []string) {
	known := roleIDs(l.p.Roles)
	for i, name := range names {
		if !slices.Contains(known, name) {
			l.unknown(elements(n)[i], "role", name, known)
		}
	}
}

func roleIDs(roles []Role) []string {
	ids := make([]string, len(roles))
	for i, r := range roles {
		ids[i] = r.ID
	}
	return ids
}

// param finds a parameter by the name that a node holds.
func (l *loader) param(n *value.Node, name string) *Param {
	known := make([]string, len(l.p.Params))
	for i := range l.p.Params {
		if known[i] = l.p.Params[i].Name; known[i] == name {
			return &l.p.Params[i]
		}
	}
	l.unknown(n, "parameter", name, known)
	return nil
}

// elements are the nodes of a OneOrMany, one for each of its values.
func elements(n *value.Node) []*value.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*value.Node{n}
}

// featuresInUse completes the list of features by those that only checks name.
func (l *loader) featuresInUse() {
	declared := len(l.p.Features) > 0
	ids := make([]string, len(l.p.Features))
	for i, f := range l.p.Features {
		ids[i] = f.ID
	}
	for _, c := range l.p.checks {
		for i, id := range c.decl.Features {
			switch {
			case slices.Contains(ids, id):
			case declared:
				n := elements(value.Get(c.decl.At, "features"))[i]
				l.unknown(n, "feature", id, ids)
			case !isCheckID(id):
				l.fail(elements(value.Get(c.decl.At, "features"))[i], "%s can't be a feature: letters, digits and . _ - only", value.Quote(id))
			default:
				ids = append(ids, id)
				l.p.Features = append(l.p.Features, Feature{ID: id})
			}
		}
	}
}

// takeHandover looks at a text to pass on.
func (l *loader) takeHandover(h *handoverYAML) {
	l.conditions(h.conditionsYAML, h.At)
	l.roles(value.Get(h.At, "from"), h.From)
	l.p.templates.in(h.At, func(n *value.Node, t template) { l.terms(n, t, use{conditions: h.conditionsYAML, text: true}) })
}

// fieldError is what a kind's Validate says of one field.
type fieldError interface {
	error
	FieldName() string
	Text() string
	HintText() string
}

// fieldErrors takes joined errors apart.
func fieldErrors(err error, yield func(error)) {
	if err == nil {
		return
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			fieldErrors(e, yield)
		}
		return
	}
	yield(err)
}
