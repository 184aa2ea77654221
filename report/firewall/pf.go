package firewall

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"netcheck/report"
	"netcheck/report/i18n"
)

// pf writes rules for the packet filter of the BSDs. It could take names, and
// would look them up once, when it is loaded: the addresses would be wrong later,
// so that they go into tables that are filled on purpose.
func pf(out io.Writer, s *Sheet, o report.Options) error {
	c := newCommands(s, o, "# ")
	c.line("#")
	c.say("firewall.cmd.pf", i18n.Data{"Fill": "pfctl -t TABLE -T add 192.0.2.7"})
	var tables, body strings.Builder
	known := map[string]string{}
	table := func(e end) string {
		key := fmt.Sprint(e)
		if known[key] != "" {
			return known[key]
		}
		name := fmt.Sprintf("netcheck_%d", len(known)+1)
		known[key] = name
		all := append(e.of(false), e.of(true)...)
		slices.Sort(all)
		if len(e.names) > 0 {
			at := c.Len()
			c.say("firewall.cmd.fill", i18n.Data{"Set": name, "Names": c.w.list(e.names)})
			tables.Write(c.Bytes()[at:])
			c.Truncate(at)
		}
		list := ""
		if len(all) > 0 {
			list = " { " + strings.Join(all, ", ") + " }"
		}
		fmt.Fprintf(&tables, "table <%s> persist%s\n", name, list)
		return name
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		at := c.Len()
		c.rule("", i+1, r)
		if why := open(r); why != "" {
			c.left("", why)
		} else {
			from, to := c.ends(r)
			source, target := table(from), table(to)
			for _, proto := range r.protos() {
				c.line("pass quick proto %s from <%s> to <%s> port { %s }", proto, source, target, r.inner().Known.Format(":", ", "))
			}
		}
		body.Write(c.Bytes()[at:])
		c.Truncate(at)
	}
	c.line("")
	c.WriteString(tables.String())
	c.WriteString(body.String())
	_, err := out.Write(c.Bytes())
	return err
}
