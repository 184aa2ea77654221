package machine

import (
	"strings"
)

// environment is the source of what the environment says.
const environment = "the environment"

// variables is an environment as os.Environ has it, the last of a name first.
type variables []string

// get is a variable by its name in lower case, else in upper case, as most
// programs have it, with the name under which it was found. An empty one is
// none.
func (env variables) get(name string) (found, v string) {
	for _, found := range []string{name, strings.ToUpper(name)} {
		if v := env.value(found); v != "" {
			return found, v
		}
	}
	return name, ""
}

// value is a variable by this very name.
func (env variables) value(name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if k, v, _ := strings.Cut(env[i], "="); k == name {
			return v
		}
	}
	return ""
}

// fromEnviron are the proxies of the environment. common are the variables that
// every account of this machine has: what is not among them is the user's own,
// but in a CI job, which has nobody's.
func fromEnviron(environ []string, common func() []string) ProxySetting {
	env := variables(environ)
	s := ProxySetting{Source: environment}
	var all []string
	known := false
	personal := func(name, v string) bool {
		if ci := strings.ToLower(env.value("CI")); ci != "" && ci != "0" && ci != "false" {
			return false
		}
		if !known {
			all, known = common(), true
		}
		for _, kv := range all {
			if k, same, _ := strings.Cut(kv, "="); strings.EqualFold(k, name) && same == v {
				return false
			}
		}
		return true
	}
	read := func(name string) *Proxy {
		name, v := env.get(name)
		u := proxyURL(v)
		if u == nil {
			return nil
		}
		return &Proxy{URL: u, Source: name + " in " + environment, Personal: personal(name, v)}
	}
	s.HTTP, s.HTTPS, s.Any = read("http_proxy"), read("https_proxy"), read("all_proxy")
	if name, v := env.get("no_proxy"); v != "" {
		s.Exempt = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
		s.ExemptSource = name + " in " + environment
	}
	return s
}
