package engine

import (
	"fmt"
	"net"
	"strings"
)

// Needy is a Prober that asks something of the firewalls on its way.
type Needy interface {
	Needs(d Declared) []Need // whether the check is made or not, and without contacting anybody
}

// Need is what a check asks of the firewalls on its way.
type Need struct {
	To    []string // hosts that are contacted; none: this machine, or, by DNS, the servers that it asks
	Proto string   // tcp, udp or, for both, tcp/udp
	Ports string   // such as 443 or 9000-9499,9700; "": who is contacted names them
	App   string   // what is spoken there, where that is known: HTTPS, SSH

	Into   bool   // others contact this machine; else it contacts them
	Public string // of calls from the internet: the address that they are made to; "" with PublicPort: this line's
	// PublicPort is where calls from the internet arrive, which are handed on to
	// Ports.
	PublicPort string
	Listed     bool     // calls from the internet come from a list of addresses alone
	Closed     bool     // nobody may get there
	Data       bool     // data connections of a session on another port of the same host
	Names      []string // names that must have an answer
	Whole      bool     // a proxy or firewall that reads what is encrypted stops it
}

// Declared are a check's fields as plain values. Where a value is not known there
// is its <name>.
type Declared map[string]any

// In are the fields of one that has some itself.
func (d Declared) In(field string) Declared {
	in, _ := d[field].(map[string]any)
	return in
}

// Texts are the values of fields that are one text or a list of them.
func (d Declared) Texts(fields ...string) []string {
	var all []string
	for _, f := range fields {
		switch v := d[f].(type) {
		case nil:
		case []any:
			for _, e := range v {
				all = append(all, fmt.Sprint(e))
			}
		default:
			all = append(all, fmt.Sprint(v))
		}
	}
	return all
}

// Text is the value of a field, or what it is where it is left out.
func (d Declared) Text(field, otherwise string) string {
	if all := d.Texts(field); len(all) > 0 && all[0] != "" {
		return strings.Join(all, ",")
	}
	return otherwise
}

// Ports are those of the fields port and ports.
func (d Declared) Ports(otherwise string) string {
	if all := d.Texts("port", "ports"); len(all) > 0 {
		return strings.Join(all, ",")
	}
	return otherwise
}

// Hosts are those of the fields host and hosts.
func (d Declared) Hosts() []string { return d.Texts("host", "hosts") }

// Origin takes scheme, host and port from a web address, of which parts may be
// names of values; where it is one as a whole, so is the port.
func Origin(url, port string) (scheme, host, at string) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return "", url, strings.TrimSuffix(url, ">") + ": port>"
	}
	rest = cover.Replace(rest) // of a list's item: its colon ends no host
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = rest[i+1:]
	}
	if h, p, err := net.SplitHostPort(rest); err == nil {
		rest, port = h, p
	}
	return scheme, uncover.Replace(strings.Trim(rest, "[]")), uncover.Replace(port)
}

var cover, uncover = strings.NewReplacer(": ", "\x00"), strings.NewReplacer("\x00", ": ")
