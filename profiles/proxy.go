package profiles

import (
	"reflect"

	"netcheck/profiles/value"
)

// at is the node of one of the block's fields; nil: it is not there.
func (p proxyYAML) at(field string) *value.Node {
	if p.At == nil {
		return nil
	}
	return value.Get(p.At, field)
}

// proxy looks at a proxy that the profile or a check names.
func (l *loader) proxy(d proxyYAML, u use) {
	if d.At == nil {
		return
	}
	l.p.NamesProxy = l.p.NamesProxy || d.at("url") != nil
	for _, f := range []struct {
		name, without string
		into          reflect.Type
	}{{"url", "", reflect.TypeFor[value.ProxyURL]()}, {"user", "url", reflect.TypeFor[string]()}, {"password", "user", reflect.TypeFor[value.Secret]()}} {
		n := d.at(f.name)
		if n == nil {
			continue
		}
		if f.without != "" && d.at(f.without) == nil {
			l.fail(value.Key(d.At, f.name), "%s has a meaning only with %s", f.name, f.without)
		}
		if f.name == "password" && n.Tag != value.Later {
			l.literalSecret(n)
		}
		in := u
		in.into = f.into
		l.p.templates.in(n, func(n *value.Node, t template) {
			l.terms(n, t, in)
			if f.name == "url" {
				l.userIn(n, t)
				l.proxyType(n, t)
			}
		})
	}
}

// proxyType holds a parameter that is a proxy's whole address to the types
// whose values can be one.
func (l *loader) proxyType(n *value.Node, t template) {
	if !t.whole() || t[0].sum() || t[0].terms[0].param == "" {
		return
	}
	for i := range l.p.Params {
		p := &l.p.Params[i]
		if p.Name != t[0].terms[0].param {
			continue
		}
		switch p.Type {
		case "proxy", "url", "host", "ip", "string", "choice":
		default:
			wrong := value.At(n, "${%s} is %s, which does not fit here", p.Name, aType(p.Type))
			wrong.Hint = "make it of the type proxy"
			l.add(wrong)
		}
	}
}

// proxy is the proxy that a check's declaration names, else the profile's; nil
// where neither does, or its parameter has no value. Mistakes in values count
// only where the check is made.
func (b *binding) proxy(c *check, s *substitution, counts bool) *Proxy {
	d := c.decl.Proxy
	if d.at("url") == nil {
		d = b.p.proxy
	}
	if d.at("url") == nil {
		return nil
	}
	n := s.node(d.At)
	if value.Get(n, "url") == nil {
		return nil
	}
	var filled proxyYAML
	ps := value.Decoder{Types: &b.types}.Decode(n, &filled)
	if len(ps) > 0 {
		if counts {
			b.ps = append(b.ps, ps...)
		}
		return nil
	}
	return &Proxy{URL: filled.URL.URL, User: filled.User, Password: filled.Password}
}

// proxyPassword makes the parameter that holds a proxy's password one that must
// have a value, where the proxy has an address and a user: without it the user
// would be refused, for no reason that anybody could see.
func (b *binding) proxyPassword(d proxyYAML) {
	n := d.at("password")
	if n == nil || d.at("url") == nil || d.at("user") == nil {
		return
	}
	given := true
	for _, field := range []string{"url", "user"} {
		b.p.templates.in(d.at(field), func(_ *value.Node, t template) {
			for _, name := range t.params() {
				_, ok := b.values[name]
				given = given && ok
			}
		})
	}
	if !given {
		return
	}
	b.p.templates.in(n, func(_ *value.Node, t template) {
		for _, name := range t.params() {
			b.must[name] = true
		}
	})
}
