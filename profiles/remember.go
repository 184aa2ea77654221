package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// newSite is what a site file begins with.
const newSite = "# The values of one shop: netcheck run PROFILE --site FILE. Never a secret.\nnetcheck-site: 1\n"

// Remember puts a person's answers into a site file, in the section that is the
// profile's own, and keeps what else is in the file: values for others and
// comments, though not empty lines. data is the file as it is, empty for a new
// one. Secrets are left out, whoever gave them.
func (p *Profile) Remember(file string, data []byte, answers Values) ([]byte, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte(newSite)
	}
	if _, err := ParseSite(file, data); err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, errors.New("it is not one document")
	}
	all, err := section(doc.Content[0], "profiles")
	if err != nil {
		return nil, err
	}
	own, err := section(all, p.ID)
	if err != nil {
		return nil, err
	}
	for i := range p.Params {
		param := &p.Params[i]
		given, ok := answers[param.Name]
		text, isText := given.Value.(string)
		if ok && isText && !param.Secret {
			set(own, param.Name, param.written(text))
		}
	}
	out, err := yaml.Dump(&doc, yaml.WithLineWidth(-1))
	if err != nil {
		return nil, err
	}
	if _, err := ParseSite(file, out); err != nil {
		return nil, fmt.Errorf("what would be written can't be read again: %w", err)
	}
	return out, nil
}

// section is the mapping under a key, made if there is none.
func section(in *yaml.Node, key string) (*yaml.Node, error) {
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value != key {
			continue
		}
		n := in.Content[i+1]
		if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
			*n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", HeadComment: n.HeadComment, LineComment: n.LineComment, FootComment: n.FootComment}
		}
		if n.Kind != yaml.MappingNode { // an alias: what is written there would be elsewhere, too
			return nil, fmt.Errorf("%s is not a block of its own", key)
		}
		return n, nil
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	in.Content = append(in.Content, scalar("!!str", key), n)
	return n, nil
}

// set gives a key a value; a comment beside the one before stays.
func set(in *yaml.Node, key string, n *yaml.Node) {
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value == key {
			n.HeadComment, n.LineComment, n.FootComment = in.Content[i+1].HeadComment, in.Content[i+1].LineComment, in.Content[i+1].FootComment
			in.Content[i+1] = n
			return
		}
	}
	in.Content = append(in.Content, scalar("!!str", key), n)
}

func scalar(tag, text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}

// written is an answer as a person would write it into a file: a text is one
// there, too, whatever it looks like (a shop's number 007), and a list has a
// line for each of its elements.
func (p *Param) written(answer string) *yaml.Node {
	if p.many() {
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for part := range strings.SplitSeq(answer, ",") {
			list.Content = append(list.Content, scalar("!!str", strings.TrimSpace(part)))
		}
		return list
	}
	if _, ok := value.Int(answer); ok && p.number() {
		return scalar("!!int", answer)
	}
	return scalar("!!str", answer)
}

// Contributes lists the values that a site file brings to a profile, where
// stronger sources say nothing, in the profile's order.
func (p *Profile) Contributes(s *Site, stronger Values) []Contribution {
	var all []Contribution
	values := s.For(p.ID)
	for i := range p.Params {
		param := &p.Params[i]
		g, ok := values[param.Name]
		if _, given := stronger[param.Name]; !ok || given || param.Secret {
			continue
		}
		all = append(all, Contribution{Name: param.Name, Text: plainText(g.Value)})
	}
	return all
}

// Contribution is a value of a site file, as one would type it.
type Contribution struct{ Name, Text string }

// plainText is a value of a file as one would type it, as far as that can be:
// "" where it can't.
func plainText(v any) string {
	list, ok := v.([]any)
	if !ok {
		if _, block := v.(map[string]any); block {
			return ""
		}
		return textOf(v)
	}
	parts := make([]string, len(list))
	for i, e := range list {
		if parts[i] = plainText(e); parts[i] == "" {
			return ""
		}
	}
	return strings.Join(parts, ",")
}
