package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"netcheck/report"
)

// standView shows on stderr what a stand-in sees: a few lines that are redrawn
// where that is a terminal, a line per new visitor where it is not.
type standView struct {
	s      *streams
	log    *standLog
	live   bool
	quiet  bool
	screen redrawn

	stop    chan struct{}
	stopped sync.WaitGroup
}

func newStandView(s *streams, log *standLog, quiet bool) *standView {
	return &standView{s: s, log: log, live: !quiet && s.mayDraw(), quiet: quiet, screen: redrawn{s: s}, stop: make(chan struct{})}
}

// begin says what is open, and what to do on the other machines.
func (v *standView) begin() {
	if v.quiet {
		return
	}
	v.log.mu.Lock()
	defer v.log.mu.Unlock()
	var open []string
	for _, r := range rowsOf(v.log.seen.Ports) {
		if r.open {
			open = append(open, r.name())
			continue
		}
		v.s.message("%s: %s", r.name(), r.text)
	}
	if len(open) == 0 {
		return
	}
	v.s.message("standing in on %s", strings.Join(open, ", "))
	if commands := v.log.seen.commands; len(commands) > 0 {
		v.s.message("now, on the other machines:\n  %s", strings.Join(commands, "\n  "))
		if v.log.seen.choose != "" {
			v.s.message("%s", v.log.seen.choose)
		}
	}
	if runtime.GOOS == "windows" {
		v.s.message("if Windows asks whether netcheck may be reached: yes, on the networks of the shop, or nobody gets through")
	}
	if v.live {
		v.stopped.Go(v.redraw)
		return
	}
	v.s.message("Ctrl-C ends it")
	v.log.say = v.came
	for _, q := range v.log.seen.Ports { // who was quicker than these words
		for _, who := range q.Visitors {
			v.came(q, who)
		}
	}
}

// came is told of each new visitor; the log is locked.
func (v *standView) came(q *standPort, who visitor) {
	v.s.message("%s %s %d reached by %s", who.First.Local().Format(time.TimeOnly), q.Proto, q.Port, visitorText(who))
}

func (v *standView) redraw() {
	tick := time.NewTicker(redrawEvery)
	defer tick.Stop()
	for {
		v.screen.draw(v.lines())
		select {
		case <-v.stop:
			return
		case <-tick.C:
		}
	}
}

// mostRows fit on a small window below what else is said.
const mostRows = 14

func (v *standView) lines() []string {
	v.log.mu.Lock()
	defer v.log.mu.Unlock()
	open, reached := 0, 0
	for _, q := range v.log.seen.Ports {
		if q.open() {
			open++
		}
		if q.State == portReached {
			reached++
		}
	}
	lines := []string{fmt.Sprintf("%d of %s reached, %s; Ctrl-C ends it", reached, count(open, "port"), time.Since(v.log.seen.Started).Round(time.Second))}
	rows := rowsOf(v.log.seen.Ports)
	rows = slices.DeleteFunc(rows, func(r standRow) bool { return !r.open })
	for i, r := range rows {
		if i == mostRows && len(rows) > mostRows+1 {
			lines = append(lines, fmt.Sprintf("  and %d more", len(rows)-i))
			break
		}
		lines = append(lines, "  "+r.name()+"  "+r.text)
	}
	return lines
}

func (v *standView) close() {
	close(v.stop)
	v.stopped.Wait()
	v.screen.erase()
}

// standRow is ports of which the same is to be said.
type standRow struct {
	proto string
	ports []uint16
	open  bool
	state portState
	text  string
	hint  string
}

func (r standRow) name() string { return r.proto + " " + portsText(r.ports) }

// rowsOf folds the ports.
func rowsOf(ports []*standPort) (rows []standRow) {
	for _, q := range ports {
		text := q.text()
		i := slices.IndexFunc(rows, func(r standRow) bool {
			return r.proto == q.Proto && r.state == q.State && r.text == text && r.hint == q.Hint
		})
		if i < 0 {
			rows = append(rows, standRow{proto: q.Proto, open: q.open(), state: q.State, text: text, hint: q.Hint})
			i = len(rows) - 1
		}
		rows[i].ports = append(rows[i].ports, q.Port)
	}
	return rows
}

// text is what a port's line says.
func (q *standPort) text() string {
	switch q.State {
	case portWaiting:
		return "not reached yet"
	case portSelf:
		return "reached by this machine alone, which says nothing of the network"
	case portReached:
		var who []string
		for _, v := range q.Visitors {
			who = append(who, visitorText(v))
		}
		text := "reached by " + strings.Join(who, ", ")
		if q.More > 0 {
			text += ", and by others"
		}
		return text
	case portInUse:
		if len(q.Holders) == 0 {
			return "in use, and left to whoever has it"
		}
		var who []string
		for _, h := range q.Holders {
			who = append(who, h.text())
		}
		return "in use by " + strings.Join(who, ", ")
	case portNotPermitted:
		return "not permitted to this user"
	}
	return "can't be opened: " + report.Clean(q.Err)
}

func visitorText(v visitor) string {
	switch {
	case v.Self:
		return "this machine itself"
	case v.Netcheck:
		return v.Address + " (netcheck)"
	}
	return v.Address
}

func (h holder) text() string {
	text := "a program that the system does not name to this user"
	switch {
	case h.Name != "":
		text = fmt.Sprintf("%s (process %d)", report.Clean(h.Name), h.PID)
	case h.PID > 0:
		text = fmt.Sprintf("process %d", h.PID)
	}
	if len(h.URLs) > 0 {
		text += ", which serves " + report.Clean(strings.Join(h.URLs, " and "))
	}
	if h.Loopback {
		text += ", for this machine alone"
	}
	return text
}

// sumUp prints what was seen.
func (s *streams) sumUp(seen *standing) error {
	if seen.a.format == "json" {
		s.out.report = true
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(seen); err != nil {
			return &unwrittenError{"stdout", err}
		}
		return nil
	}
	width := min(s.width(s.out), 100)
	opened := 0
	for _, q := range seen.Ports {
		if q.open() {
			opened++
		}
	}
	ports := count(opened, "port")
	switch {
	case opened == 0:
		ports = "no port"
	case opened < len(seen.Ports):
		ports = fmt.Sprintf("%d of %s", opened, count(len(seen.Ports), "port"))
	}
	head := "stood in for " + ports
	if seen.Role != "" {
		head = fmt.Sprintf("stood in for %s of %s, %s", seen.Role, seen.Profile, ports)
	}
	head += fmt.Sprintf(", %s to %s", seen.Started.Local().Format(time.TimeOnly), seen.Ended.Local().Format(time.TimeOnly))
	s.line(wrap(report.Clean(head), "", "  ", width))
	rows := rowsOf(seen.Ports)
	for _, part := range []struct {
		title  string
		states []portState
	}{
		{"Reached:", []portState{portReached}},
		{"Not reached:", []portState{portWaiting, portSelf}},
		{"Not opened:", []portState{portInUse, portNotPermitted, portNotOpened}},
	} {
		titled := false
		for _, r := range rows {
			if !slices.Contains(part.states, r.state) {
				continue
			}
			if !titled {
				s.line("\n" + part.title)
				titled = true
			}
			text := r.name()
			switch r.state {
			case portWaiting:
			case portReached:
				text += "  " + strings.TrimPrefix(r.text, "reached ")
			default:
				text += "  " + r.text
			}
			s.line(wrap(text, "  ", "      ", width))
			if r.hint != "" {
				s.line(wrap(r.hint, "      ", "      ", width))
			}
		}
	}
	for _, note := range notes(seen, runtime.GOOS) {
		s.line("\n" + wrap(note, "", "", width))
	}
	return nil
}

// notes are what the ports' states mean, and what they don't.
func notes(seen *standing, system string) (all []string) {
	has := func(states ...portState) bool {
		return slices.ContainsFunc(seen.Ports, func(q *standPort) bool { return slices.Contains(states, q.State) })
	}
	if has(portReached) {
		note := "Who reached a port has proven the way to this machine."
		if system == "windows" || system == "darwin" {
			note += " Rules of this system's firewall are often for one program: the service's own rule is not proven by netcheck's."
		}
		all = append(all, note)
	}
	if has(portWaiting, portSelf) {
		note := "Not reached means that nobody got through or nobody tried. netcheck on the other machine says which, and where it ends"
		if len(seen.commands) > 0 {
			note += ": " + strings.Join(seen.commands, "; ")
		}
		all = append(all, note)
	}
	if has(portInUse) {
		all = append(all, "What is in use is left to the program that has it. If that is the product's service, netcheck on the other machine tests the service itself.")
	}
	return all
}
