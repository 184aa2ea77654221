package profiles

import (
	"fmt"
	"net"
	"strings"
	"unicode"
	"unicode/utf8"

	"netcheck/profiles/value"
)

// paramType is what a parameter's values are.
type paramType struct {
	name    string
	expects value.Phrase // what a value looks like
	parse   func(s string) (any, error)
	many    bool // a value is a list of what parse reads
}

// maxValue is how long a given text may be, in bytes.
const maxValue = 4096

// paramTypes are the format's, in the order of help. A value's Go type is
// string, int, bool, value.Ports, value.Secret; of the list types []string,
// []value.Prefix, and for list []any with string, int or bool elements or
// map[string]any records.
var paramTypes = []paramType{
	{name: "string", expects: value.Say("expects-string", "a text"), parse: parseLine},
	{name: "host", expects: value.Say("expects-host", "a host name or an address"), parse: func(s string) (any, error) {
		h, err := value.ParseHost(s)
		return string(h), err
	}},
	{name: "ip", expects: value.Say("expects-ip", "an IP address"), parse: func(s string) (any, error) {
		a, err := value.ParseIP(s)
		return a.String(), err
	}},
	{name: "port", expects: value.Say("expects-port", "a port from 1 to 65535"), parse: func(s string) (any, error) {
		p, err := value.ParsePort(s)
		return int(p), err
	}},
	{name: "ports", expects: value.Say("expects-ports", "ports and ranges such as 80,8000-8005"), parse: func(s string) (any, error) { return value.ParsePorts(s) }},
	{name: "cidr-list", many: true, expects: value.Say("expects-cidr-list", "addresses and networks such as 192.0.2.7,198.51.100.0/24"), parse: func(s string) (any, error) {
		return value.ParsePrefix(s)
	}},
	{name: "url", expects: value.Say("expects-url", "a URL such as https://www.example.com/"), parse: func(s string) (any, error) {
		u, err := value.ParseURL(s)
		if err != nil {
			return nil, err
		}
		return u.String(), nil
	}},
	{name: "proxy", expects: value.Say("expects-proxy", "a proxy such as http://proxy.example.com:3128 or socks5://proxy.example.com:1080"), parse: func(s string) (any, error) {
		u, err := value.ParseProxyURL(s)
		if err != nil {
			return nil, err
		}
		return u.String(), nil
	}},
	{name: "path", expects: value.Say("expects-path", "a file or folder on this machine"), parse: parseLine},
	{name: "mac", expects: value.Say("expects-mac", "a MAC address such as 00:00:5e:00:53:01"), parse: parseMAC},
	{name: "dns-label", expects: value.Say("expects-dns-label", "one part of a host name, without dots"), parse: func(s string) (any, error) {
		if err := value.ParseLabel(s); err != nil {
			return nil, value.Wrong("label", "%s is not one part of a host name: %s", value.Quote(s), err)
		}
		return s, nil
	}},
	{name: "bool", expects: value.Say("expects-bool", "yes or no"), parse: func(s string) (any, error) {
		b, ok := yesOrNo(s)
		if !ok {
			return nil, value.Wrong("bool", "%s is neither yes nor no", value.Quote(s))
		}
		return b, nil
	}},
	{name: "int", expects: value.Say("expects-int", "a whole number"), parse: parseInt},
	{name: "choice", expects: value.Say("expects-choice", "one of its choices"), parse: parseLine},
	{name: "choices", many: true, expects: value.Say("expects-choices", "one or more of its choices"), parse: parseLine},
	{name: "list", many: true, expects: value.Say("expects-list", "a list"), parse: parseLine},
	{name: "secret", expects: value.Say("expects-secret", "a secret"), parse: func(s string) (any, error) { return value.Secret(s), nil }},
}

// ParamTypes are the types that a parameter can have.
func ParamTypes() []string {
	names := make([]string, len(paramTypes))
	for i, t := range paramTypes {
		names[i] = t.name
	}
	return names
}

func typeCalled(name string) (paramType, bool) {
	for _, t := range paramTypes {
		if t.name == name {
			return t, true
		}
	}
	return paramType{}, false
}

// aType is a type's name with its article.
func aType(name string) string {
	if name == "int" || name == "ip" {
		return "an " + name
	}
	return "a " + name
}

// yesOrNo reads an answer as YAML has it, or in a language that netcheck asks in.
func yesOrNo(s string) (yes, ok bool) {
	if yes, ok = value.Bool(s); ok {
		return yes, true
	}
	switch strings.ToLower(s) {
	case "si", "sì", "oui", "ja":
		return true, true
	case "non", "nein":
		return false, true
	}
	return false, false
}

func parseLine(s string) (any, error) {
	if !utf8.ValidString(s) {
		return nil, value.Wrong("utf8", "%s is not UTF-8", value.Quote(s))
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return nil, value.Wrong("control", "%s holds a control character", value.Quote(s))
		}
	}
	return s, nil
}

func parseInt(s string) (any, error) {
	i, ok := value.Int(s)
	const most = 2_000_000_000 // fits an int on every system
	if !ok || i > most || i < -most {
		return nil, value.Wrong("int", "%s is not a whole number", value.Quote(s))
	}
	return int(i), nil
}

func parseMAC(s string) (any, error) {
	m, err := net.ParseMAC(s)
	if err != nil || len(m) != 6 {
		return nil, value.Wrong("mac", "%s is not a MAC address, such as 00:00:5e:00:53:01", value.Quote(s))
	}
	return m.String(), nil
}

// textOf is a typed value as one would type it: what conditions compare and
// what a longer text takes in.
func textOf(v any) string {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ", ")
	case []value.Prefix:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = p.String()
		}
		return strings.Join(parts, ", ")
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = textOf(e)
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

// plainOf is a typed value as JSON has it, a secret as "<secret>".
func plainOf(v any) any {
	switch v := v.(type) {
	case value.Secret:
		return v.String()
	case value.Ports:
		return v.String()
	case []value.Prefix:
		list := make([]string, len(v))
		for i, p := range v {
			list[i] = p.String()
		}
		return list
	}
	return v
}
