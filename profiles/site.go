package profiles

import (
	"fmt"
	"maps"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// Site holds the values of one shop, for any profile.
type Site struct {
	values   Values
	profiles map[string]Values
}

type siteYAML struct {
	Version  int                                       `yaml:"netcheck-site"`
	Values   value.Ordered[*value.Node]                `yaml:"values"`
	Profiles value.Ordered[value.Ordered[*value.Node]] `yaml:"profiles"`
	At       *value.Node                               `yaml:",node"`
}

// ParseSite reads a site file. The error is a *FileError with every mistake of
// the file; whether the values fit is a profile's to say.
func ParseSite(file string, data []byte) (*Site, error) {
	root, ps := value.Parse(data)
	s := &Site{values: make(Values), profiles: make(map[string]Values)}
	if root != nil {
		var d siteYAML
		ps = append(ps, value.Decode(root, &d)...)
		switch v := value.Get(root, "netcheck-site"); {
		case root.Kind != yaml.MappingNode:
		case v == nil:
			missing := value.At(root, "missing field %q", "netcheck-site")
			missing.Hint = `write "netcheck-site: 1"`
			ps = append(ps, missing)
		case v.Value != version:
			ps = value.Problems{value.At(v, "this netcheck reads version 1 of site files, not %s", value.Quote(v.Value))}
		}
		ps = append(ps, siteValues(s.values, file, d.Values)...)
		for _, e := range d.Profiles {
			if !isProfileID(e.Key) {
				ps = append(ps, value.At(e.At, "%s can't be a profile's id", value.Quote(e.Key)))
			}
			s.profiles[e.Key] = make(Values)
			ps = append(ps, siteValues(s.profiles[e.Key], file, e.Value)...)
		}
	}
	if len(ps) > 0 {
		return nil, &FileError{File: file, Source: data, Problems: ps.Sort()}
	}
	return s, nil
}

func siteValues(into Values, file string, pairs value.Ordered[*value.Node]) (ps value.Problems) {
	for _, e := range pairs {
		switch {
		case !value.IsName(e.Key):
			ps = append(ps, value.At(e.At, "%s can't be a parameter's name", value.Quote(e.Key)))
		case e.Value.Tag == "!!null":
			ps = append(ps, value.At(e.Value, "empty: give it a value or remove it"))
		default:
			into[e.Key] = Given{
				Value: value.Plain(e.Value), From: FromSite,
				Where: fmt.Sprintf("%s:%d:%d", file, e.Value.Line, e.Value.Column),
			}
		}
	}
	return ps
}

// For are the values for one profile: its own before those for any.
func (s *Site) For(profile string) Values {
	v := maps.Clone(s.values)
	maps.Copy(v, s.profiles[profile])
	return v
}
