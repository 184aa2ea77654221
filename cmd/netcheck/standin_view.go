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
	"netcheck/report/i18n"
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
	for _, r := range v.s.rowsOf(v.log.seen.Ports) {
		if r.open {
			open = append(open, r.name())
			continue
		}
		v.s.message("%s: %s", r.name(), r.text)
	}
	if len(open) == 0 {
		return
	}
	v.s.tell("standin.on", i18n.Data{"Ports": strings.Join(open, ", ")})
	if commands := v.log.seen.commands; len(commands) > 0 {
		v.s.message("%s\n  %s", v.s.say("standin.now", nil), strings.Join(commands, "\n  "))
		if v.log.seen.choose != "" {
			v.s.message("%s", v.log.seen.choose)
		}
	}
	if runtime.GOOS == "windows" {
		v.s.tell("standin.windows-asks", nil)
	}
	if v.live {
		v.stopped.Go(v.redraw)
		return
	}
	v.s.tell("standin.ends", nil)
	v.log.say = v.came
	for _, q := range v.log.seen.Ports { // who was quicker than these words
		for _, who := range q.Visitors {
			v.came(q, who)
		}
	}
}

// came is told of each new visitor; the log is locked.
func (v *standView) came(q *standPort, who visitor) {
	v.s.message("%s %s", who.First.Local().Format(time.TimeOnly), v.s.say("standin.came", i18n.Data{"Port": fmt.Sprintf("%s %d", q.Proto, q.Port), "Who": v.s.visitorText(who)}))
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
	lines := []string{v.s.say("standin.so-far", i18n.Data{"Reached": reached, "Count": open, "Time": i18n.Duration(v.s.lang, time.Since(v.log.seen.Started).Round(time.Second))})}
	rows := v.s.rowsOf(v.log.seen.Ports)
	rows = slices.DeleteFunc(rows, func(r standRow) bool { return !r.open })
	for i, r := range rows {
		if i == mostRows && len(rows) > mostRows+1 {
			lines = append(lines, "  "+v.s.say("terminal.and-more", i18n.Data{"Count": len(rows) - i}))
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
	who   string // reached it
	hint  string
}

func (r standRow) name() string { return r.proto + " " + portsText(r.ports) }

// rowsOf folds the ports.
func (s *streams) rowsOf(ports []*standPort) (rows []standRow) {
	for _, q := range ports {
		text := s.portText(q)
		i := slices.IndexFunc(rows, func(r standRow) bool {
			return r.proto == q.Proto && r.state == q.State && r.text == text && r.hint == q.Hint
		})
		if i < 0 {
			rows = append(rows, standRow{proto: q.Proto, open: q.open(), state: q.State, text: text, who: s.visitors(q), hint: q.Hint})
			i = len(rows) - 1
		}
		rows[i].ports = append(rows[i].ports, q.Port)
	}
	return rows
}

// portText is what a port's line says.
func (s *streams) portText(q *standPort) string {
	switch q.State {
	case portWaiting:
		return s.say("standin.waiting", nil)
	case portSelf:
		return s.say("standin.self", nil)
	case portReached:
		return s.say("standin.reached", i18n.Data{"Who": s.visitors(q)})
	case portInUse:
		if len(q.Holders) == 0 {
			return s.say("standin.in-use", i18n.Data{"Who": ""})
		}
		var who []string
		for _, h := range q.Holders {
			who = append(who, s.holderText(h))
		}
		return s.say("standin.in-use", i18n.Data{"Who": strings.Join(who, ", ")})
	case portNotPermitted:
		return s.say("standin.not-permitted", nil)
	}
	return s.say("standin.not-opened", i18n.Data{"Error": report.Clean(q.Err)})
}

// visitors are who reached a port.
func (s *streams) visitors(q *standPort) string {
	var who []string
	for _, v := range q.Visitors {
		who = append(who, s.visitorText(v))
	}
	if q.More > 0 {
		who = append(who, s.say("standin.others", nil))
	}
	return strings.Join(who, ", ")
}

func (s *streams) visitorText(v visitor) string {
	switch {
	case v.Self:
		return s.say("standin.itself", nil)
	case v.Netcheck:
		return v.Address + " (netcheck)"
	}
	return v.Address
}

func (s *streams) holderText(h holder) string {
	return s.say("standin.holder", i18n.Data{
		"Name": report.Clean(h.Name), "PID": h.PID, "URLs": report.Clean(strings.Join(h.URLs, ", ")), "Loopback": h.Loopback,
	})
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
	head := s.say("standin.stood", i18n.Data{
		"Role": seen.Role, "Profile": seen.Profile, "Opened": opened, "All": opened == len(seen.Ports), "Count": len(seen.Ports),
		"From": seen.Started.Local().Format(time.TimeOnly), "Till": seen.Ended.Local().Format(time.TimeOnly),
	})
	s.line(wrap(report.Clean(head), "", "  ", width))
	rows := s.rowsOf(seen.Ports)
	for _, part := range []struct {
		title  string
		states []portState
	}{
		{"standin.part-reached", []portState{portReached}},
		{"standin.part-not-reached", []portState{portWaiting, portSelf}},
		{"standin.part-not-opened", []portState{portInUse, portNotPermitted, portNotOpened}},
	} {
		titled := false
		for _, r := range rows {
			if !slices.Contains(part.states, r.state) {
				continue
			}
			if !titled {
				s.line("\n" + s.say(part.title, nil))
				titled = true
			}
			text := r.name()
			switch r.state {
			case portWaiting:
			case portReached:
				text += "  " + r.who
			default:
				text += "  " + r.text
			}
			s.line(wrap(text, "  ", "      ", width))
			if r.hint != "" {
				s.line(wrap(r.hint, "      ", "      ", width))
			}
		}
	}
	for _, note := range s.notes(seen, runtime.GOOS) {
		s.line("\n" + wrap(note, "", "", width))
	}
	return nil
}

// notes are what the ports' states mean, and what they don't.
func (s *streams) notes(seen *standing, system string) (all []string) {
	has := func(states ...portState) bool {
		return slices.ContainsFunc(seen.Ports, func(q *standPort) bool { return slices.Contains(states, q.State) })
	}
	if has(portReached) {
		all = append(all, s.say("standin.note-reached", i18n.Data{"PerProgram": system == "windows" || system == "darwin"}))
	}
	if has(portWaiting, portSelf) {
		all = append(all, s.say("standin.note-waiting", i18n.Data{"Commands": strings.Join(seen.commands, "; ")}))
	}
	if has(portInUse) {
		all = append(all, s.say("standin.note-in-use", nil))
	}
	return all
}
