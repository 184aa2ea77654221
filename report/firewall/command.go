package firewall

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"netcheck/report"
	"netcheck/report/i18n"
)

// commands is a file of rules for one kind of firewall. What it says to people
// stands in comments of harmless characters: nothing of a profile can become a
// command.
type commands struct {
	bytes.Buffer
	w       *words
	s       *Sheet
	comment string // what begins one
}

func newCommands(s *Sheet, o report.Options, comment string) *commands {
	o.Unicode = false
	c := &commands{w: newWords(&s.Profile, o), s: s, comment: comment}
	c.note(c.w.title(s))
	for _, l := range c.w.head(s) {
		c.note(l)
	}
	return c
}

func (c *commands) line(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

// note writes a comment.
func (c *commands) note(text string) { c.noteAt("", text) }

func (c *commands) noteAt(indent, text string) {
	t := texts{wide: 100 - len(indent) - len(c.comment)}
	t.para("", "", harmless(text))
	for l := range strings.SplitSeq(strings.TrimRight(t.String(), "\n"), "\n") {
		c.line("%s%s%s", indent, c.comment, l)
	}
}

// say writes a comment of ours.
func (c *commands) say(key string, data i18n.Data) { c.note(c.w.say(key, data)) }

// rule writes what a rule is for, before its commands.
func (c *commands) rule(indent string, n int, r *Rule) {
	c.line("")
	text := fmt.Sprintf("%d. %s: %s; %s: %s; %s: %s; %s", n, c.w.known("level.", string(r.Level)), c.w.direction(r),
		c.w.word("firewall.label.from"), c.w.from(c.s, r), c.w.word("firewall.label.to"), c.w.to(c.s, r), c.w.service(r))
	if app := c.w.app(r); app != "" {
		text += " (" + app + ")"
	}
	c.noteAt(indent, text)
	c.noteAt(indent, c.w.why(r))
	for _, n := range c.w.notes(c.s, r) {
		c.noteAt(indent, n)
	}
}

// left says why a rule is not among the commands.
func (c *commands) left(indent, key string) {
	c.noteAt(indent, c.w.say("firewall.cmd.left", i18n.Data{"Why": c.w.word(key)}))
}

// harmless keeps of a text what is none of the signs by which a shell, a firewall
// or a macro is told anything, in any of the formats.
func harmless(s string) string {
	s = report.ASCII(report.Clean(s))
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" .,:;_/()[]{}*+=?'-", r):
			return r
		case r == '<':
			return '['
		case r == '>':
			return ']'
		case r == '"', r == '`':
			return '\''
		}
		return '_'
	}, s)
}

// word is a name that every firewall takes: small letters, digits and underscores.
func word(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(harmless(s)))
}

// end is one end of a rule as a firewall of addresses has it.
type end struct {
	addresses []netip.Prefix
	names     []string // that it can't have
}

// end resolves nothing: a party is the addresses that are known of it.
func (c *commands) end(p Party) end {
	hosts := slices.Clone(p.Hosts)
	var e end
	if len(hosts) == 0 {
		for _, role := range p.Roles {
			if len(c.s.At[role]) == 0 {
				e.names = append(e.names, c.w.machine(role))
			}
			hosts = append(hosts, c.s.At[role]...)
		}
	}
	switch {
	case p.DNS:
		e.names = append(e.names, c.w.word("firewall.resolvers"))
	case p.Unsaid:
		e.names = append(e.names, c.w.word("firewall.unsaid"))
	}
	for _, h := range hosts {
		if a, ok := prefix(h); !ok {
			e.names = append(e.names, c.w.host(h))
		} else if !slices.Contains(e.addresses, a) {
			e.addresses = append(e.addresses, a)
		}
	}
	return e
}

// ends are both of a rule's, with the addresses that names had when they were
// seen.
func (c *commands) ends(r *Rule) (from, to end) {
	from, to = c.end(r.From), c.end(r.To)
	for _, h := range r.Addrs {
		if a, ok := prefix(h); ok && !slices.Contains(to.addresses, a) {
			to.addresses = append(to.addresses, a)
		}
	}
	return from, to
}

// of are the end's addresses of one family, as one types them.
func (e end) of(v6 bool) (all []string) {
	for _, p := range e.addresses {
		switch {
		case p.Addr().Is6() != v6:
		case p.IsSingleIP():
			all = append(all, p.Addr().String())
		default:
			all = append(all, p.String())
		}
	}
	return all
}

// open tells why a rule can't be typed as it is; "": it can.
func open(r *Rule) string {
	ports := r.Ports
	if r.Direction == Forward && ports.empty() {
		ports = r.PublicAt
	}
	switch {
	case r.Unsure:
		return "firewall.cmd.unsure"
	case r.Block:
		return "firewall.cmd.block"
	case r.Policy == "required" && r.Direction == Out:
		return "firewall.cmd.proxy"
	case r.Part, ports.empty(), len(ports.Open) > 0:
		return "firewall.cmd.ports"
	case len(r.Only) > 0:
		return "firewall.cmd.only"
	case r.From.Internet && len(r.From.Hosts) == 0:
		return "firewall.cmd.anybody"
	}
	return ""
}

// protos are the protocols of a rule, each of which takes a command.
func (r *Rule) protos() []string {
	all := slices.DeleteFunc(strings.Split(r.Proto, "/"), func(p string) bool { return p != "tcp" && p != "udp" })
	return all
}

// inner are the ports where connections end.
func (r *Rule) inner() Ports {
	if r.Direction == Forward && r.Ports.empty() {
		return r.PublicAt
	}
	return r.Ports
}

// id is what a sheet's commands are called.
func (s *Sheet) id() string { return cmp.Or(word(s.Profile.ID), "product") }
