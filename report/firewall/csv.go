package firewall

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"netcheck/report"
)

// csvHead are the columns' names, which are for programs and never translated.
var csvHead = []string{
	"number", "action", "direction", "network", "machine", "from", "to", "protocol", "ports", "forward_to", "forward_ports",
	"application", "level", "proxy", "why", "features", "owner", "checks", "source", "as_of", "addresses", "note",
}

// csvRows writes a sheet as RFC 4180 has it, a row to a rule.
func csvRows(out io.Writer, s *Sheet, o report.Options) error {
	o.Unicode = true
	w := newWords(&s.Profile, o)
	c := csv.NewWriter(out)
	c.UseCRLF = true
	rows := [][]string{csvHead}
	for i := range s.Rules {
		r := &s.Rules[i]
		action, network := "allow", "wan"
		switch {
		case r.Unsure:
			action = "see" // what is not certain is nothing to be typed without a look
		case r.Block:
			action = "block"
		}
		if r.LAN {
			network = "lan"
		}
		ports, inside, insidePorts := r.Ports, "", ""
		if r.Direction == Forward && !r.PublicAt.empty() {
			ports, insidePorts = r.PublicAt, r.Ports.String()
			if len(r.To.Roles)+len(r.To.Hosts) > 0 {
				inside = w.party(s, r.To)
			}
		}
		var features []string
		for _, id := range r.Features {
			features = append(features, w.feature(id))
		}
		machine := s.machine(r)
		if machine == everyMachine {
			machine = strings.Join(r.From.Roles, " ")
		}
		rows = append(rows, []string{
			strconv.Itoa(i + 1), action, string(r.Direction), network, machine, w.from(s, r), w.to(s, r), r.Proto, strings.ReplaceAll(ports.String(), ", ", ","), inside, insidePorts,
			strings.Join(r.Apps, ", "), string(r.Level), r.Policy, w.why(r), strings.Join(features, ", "), r.Act, strings.Join(r.Checks, " "),
			strings.Join(r.See, " "), r.AsOf, strings.Join(r.Addrs, " "), strings.Join(w.notes(s, r), " "),
		})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// cell keeps a spreadsheet from taking a text for a formula. Blanks before it do
// not keep it from that.
func cell(s string) string {
	s = report.Clean(s)
	if t := strings.TrimSpace(s); t != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(t)[0]) {
		return "'" + s
	}
	return s
}
