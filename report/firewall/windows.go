package firewall

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"netcheck/report"
	"netcheck/report/i18n"
	"netcheck/report/portset"
)

// local is a rule as the firewall of the machine itself has it, which knows
// addresses alone.
type local struct {
	name   string
	in     bool
	proto  string
	ports  portset.Set
	remote []string
}

// locals are the rules of a sheet's machine for its own firewall; write writes
// one.
func (c *commands) locals(write func(local)) {
	machine := c.s.Role
	if machine == "" && len(c.s.Profile.Roles) == 1 {
		machine = c.s.Profile.Roles[0].ID
	}
	for i := range c.s.Rules {
		r := &c.s.Rules[i]
		c.rule("", i+1, r)
		if why := open(r); why != "" {
			c.left("", why)
			continue
		}
		if r.Away {
			c.left("", "firewall.cmd.away")
			continue
		}
		in := r.Direction != Out && (slices.Contains(r.To.Roles, machine) || len(r.From.Roles) == 0)
		other := r.To
		from, at := c.ends(r)
		if in {
			other, at = r.From, from
		}
		remote := append(at.of(false), at.of(true)...)
		switch {
		case other.Unsaid, in && r.LAN && len(remote) == 0:
			remote = []string{"LocalSubnet"}
			c.say("firewall.cmd.subnet", nil)
		case len(remote) == 0 && in:
			c.left("", "firewall.cmd.names")
			continue
		case len(remote) == 0:
			c.left("", "firewall.cmd.names-out")
			continue
		case len(at.names) > 0:
			c.say("firewall.cmd.also", i18n.Data{"Names": c.w.list(at.names)})
		}
		for _, proto := range r.protos() {
			write(local{fmt.Sprintf("netcheck %s %d %s", word(c.s.Profile.ID), i+1, proto), in, proto, r.inner().Known, remote})
		}
	}
}

// netsh writes commands for the command line of Windows.
func netsh(out io.Writer, s *Sheet, o report.Options) error {
	c := newCommands(s, o, "rem ")
	c.say("firewall.cmd.windows", nil)
	c.locals(func(l local) {
		dir, side := "out", "remoteport"
		if l.in {
			dir, side = "in", "localport"
		}
		c.line(`netsh advfirewall firewall add rule name="%s" dir=%s action=allow protocol=%s %s=%s remoteip=%s`,
			l.name, dir, strings.ToUpper(l.proto), side, l.ports.Format("-", ","), strings.Join(l.remote, ","))
	})
	text := "@echo off\n" + c.String()
	_, err := io.WriteString(out, strings.ReplaceAll(text, "\n", "\r\n"))
	return err
}

// powershell writes the same for PowerShell.
func powershell(out io.Writer, s *Sheet, o report.Options) error {
	c := newCommands(s, o, "# ")
	c.say("firewall.cmd.windows", nil)
	c.locals(func(l local) {
		dir, side := "Outbound", "RemotePort"
		if l.in {
			dir, side = "Inbound", "LocalPort"
		}
		c.line("New-NetFirewallRule -DisplayName '%s' -Direction %s -Action Allow -Protocol %s -%s @('%s') -RemoteAddress @('%s')",
			l.name, dir, strings.ToUpper(l.proto), side, l.ports.Format("-", "','"), strings.Join(l.remote, "','"))
	})
	_, err := io.WriteString(out, strings.ReplaceAll(c.String(), "\n", "\r\n"))
	return err
}
