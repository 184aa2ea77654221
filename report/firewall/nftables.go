package firewall

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"netcheck/report"
	"netcheck/report/i18n"
)

// nftables writes a chain that lets a product through and is jumped to from the
// admin's own. A name can't be in a rule: it is what a set is for, which holds the
// addresses that are known, and as long as it is empty nobody passes by it.
func nftables(out io.Writer, s *Sheet, o report.Options) error {
	c := newCommands(s, o, "# ")
	chain := "netcheck_" + s.id()
	c.line("#")
	c.say("firewall.cmd.nft", i18n.Data{"Chain": chain, "Add": "nft add rule inet filter forward jump " + chain, "Fill": "nft add element inet filter SET { 192.0.2.7 }"})
	c.line("")
	c.line("table inet filter {")
	sets := &nftSets{c: c, chain: chain}
	var body strings.Builder
	for i := range s.Rules {
		r := &s.Rules[i]
		text := c.Len()
		c.rule("\t\t", i+1, r)
		if why := open(r); why != "" {
			c.left("\t\t", why)
		} else {
			c.nftRule(sets, r)
		}
		body.Write(c.Bytes()[text:])
		c.Truncate(text)
	}
	for _, set := range sets.all {
		c.line("%s", set)
	}
	c.line("\tchain %s {", chain)
	c.WriteString(strings.TrimPrefix(body.String(), "\n"))
	c.line("\t}\n}")
	_, err := out.Write(c.Bytes())
	return err
}

// nftRule writes the rule's matches, of each family of which addresses are known,
// and of IPv4 where none are.
func (c *commands) nftRule(sets *nftSets, r *Rule) {
	from, to := c.ends(r)
	for _, v6 := range []bool{false, true} {
		if v6 && len(from.of(true))+len(to.of(true)) == 0 || !v6 && len(from.of(false))+len(to.of(false)) == 0 && len(from.of(true))+len(to.of(true)) > 0 {
			continue
		}
		family := "ip"
		if v6 {
			family = "ip6"
		}
		match := fmt.Sprintf("%s saddr @%s %s daddr @%s ", family, sets.of(from, v6), family, sets.of(to, v6))
		if r.Direction == Forward {
			match += "ct status dnat "
		}
		for _, proto := range r.protos() {
			c.line("\t\t%s%s dport { %s } accept", match, proto, r.inner().Known)
		}
	}
}

// nftSets are the sets of a file, one for each end that its rules have.
type nftSets struct {
	c     *commands
	chain string
	all   []string
	known map[string]string
}

func (n *nftSets) of(e end, v6 bool) string {
	key := fmt.Sprint(e, v6)
	if name, ok := n.known[key]; ok {
		return name
	}
	if n.known == nil {
		n.known = map[string]string{}
	}
	name := fmt.Sprintf("%s_%d", n.chain, len(n.known)+1)
	n.known[key] = name
	kind := "ipv4_addr"
	if v6 {
		kind = "ipv6_addr"
	}
	var b strings.Builder
	if len(e.names) > 0 {
		text := n.c.Len()
		n.c.noteAt("\t", n.c.w.say("firewall.cmd.fill", i18n.Data{"Set": name, "Names": n.c.w.list(e.names)}))
		b.Write(n.c.Bytes()[text:])
		n.c.Truncate(text)
	}
	fmt.Fprintf(&b, "\tset %s {\n\t\ttype %s\n\t\tflags interval\n", name, kind)
	if all := e.of(v6); len(all) > 0 {
		slices.Sort(all)
		fmt.Fprintf(&b, "\t\tauto-merge\n\t\telements = { %s }\n", strings.Join(all, ", "))
	}
	b.WriteString("\t}\n")
	n.all = append(n.all, b.String())
	return name
}
