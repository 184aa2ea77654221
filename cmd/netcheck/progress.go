package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"netcheck/checks/engine"
	"netcheck/report"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

const (
	redrawEvery = 100 * time.Millisecond // smooth to the eye, and cheap
	drawAfter   = 250 * time.Millisecond // a run that is over sooner shows nothing: no flicker
	shownAtOnce = 3                      // running checks that are named
)

// progress shows on stderr how far a run is: a few lines that are redrawn and
// erased at the end where stderr is a terminal, one line per finished check
// where it is not and that was asked for, else nothing.
type progress struct {
	s       *streams
	live    bool
	verbose bool
	counts  bool // only how many are done: what they are called is not for every log
	plan    *engine.Plan
	lang    string // of titles
	start   time.Time

	mu       sync.Mutex
	finished []bool
	left     int
	done     map[int][2]int // how far a running check is: done, total
	looked   [2]int         // how far the look at what failed is: done, total
	scanned  [2]int         // how far nmap is: done, total
	screen   redrawn

	stop    chan struct{}
	stopped sync.WaitGroup
}

func newProgress(s *streams, plan *engine.Plan, a *asking) *progress {
	p := &progress{
		s: s, live: !a.quiet && s.mayDraw(), verbose: !a.quiet && a.verbose, counts: a.redacting.by != nil, plan: plan, lang: a.lang, start: time.Now(),
		finished: make([]bool, len(plan.Checks)), left: len(plan.Checks),
		done: make(map[int][2]int), stop: make(chan struct{}),
		screen: redrawn{s: s},
	}
	if p.live {
		p.stopped.Go(p.redraw)
	}
	return p
}

// observe is told by the engine, one event at a time.
func (p *progress) observe(e engine.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Check == nil {
		p.done[e.Index] = [2]int{e.Done, e.Total}
		return
	}
	p.finished[e.Index] = true
	p.left--
	delete(p.done, e.Index)
	if p.verbose && !p.live && p.plan.Checks[e.Index].Fixed == "" {
		line := p.doneLine()
		if !p.counts {
			line = p.finishedLine(e.Check)
		}
		p.s.message("%s", line)
	}
}

// closer is told by the follow-ups how many of them are done.
func (p *progress) closer(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked = [2]int{done, total}
	if p.verbose && !p.live && done == 0 {
		p.s.tell("progress.closer", nil)
	}
}

// nmap is told how far nmap is.
func (p *progress) nmap(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verbose && !p.live && p.scanned[1] == 0 {
		p.s.tell("progress.nmap", nil)
	}
	p.scanned = [2]int{done, total}
}

// finishedLine is what is said of a finished check where nothing can be redrawn.
func (p *progress) finishedLine(c *result.Check) string {
	word := verdictWord(p.s.lang, string(c.Verdict))
	line := word + strings.Repeat(" ", max(13-ansi.StringWidth(word), 2)) + c.ID
	if c.Target != "" {
		line += "  " + c.Target
	}
	return line + "  " + i18n.Seconds(p.s.lang, time.Duration(c.Duration))
}

// doneLine is how far the run is.
func (p *progress) doneLine() string {
	total := len(p.finished)
	return p.s.say("progress.done", i18n.Data{"Done": i18n.Count(p.s.lang, total-p.left), "Count": total, "Time": i18n.Seconds(p.s.lang, time.Since(p.start))})
}

// portion is how much of something is done.
func (p *progress) portion(done [2]int) string {
	return p.s.say("progress.portion", i18n.Data{"Done": i18n.Count(p.s.lang, done[0]), "Total": i18n.Count(p.s.lang, done[1])})
}

func (p *progress) redraw() {
	wait := time.NewTimer(drawAfter)
	defer wait.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-wait.C:
			p.draw()
			wait.Reset(redrawEvery)
		}
	}
}

func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen.draw(p.lines(p.screen.width()))
}

// lines are how far the run is, then the longest running checks.
func (p *progress) lines(width int) []string {
	lines := []string{p.doneLine()}
	if p.scanned[1] > 0 {
		line := "  " + p.s.say("progress.nmap", nil)
		if percent := 100 * p.scanned[0] / p.scanned[1]; percent > 0 { // of a few ports nmap says nothing until it is done
			line += fmt.Sprintf("  %d %%", percent)
		}
		return append(lines, line)
	}
	if p.looked[1] > 0 {
		return append(lines, "  "+p.s.say("progress.closer", nil)+"  "+p.portion(p.looked))
	}
	if p.counts {
		return lines
	}
	running := p.running()
	for i, at := range running {
		if i == shownAtOnce {
			lines = append(lines, "  "+p.s.say("terminal.and-more", i18n.Data{"Count": len(running) - i}))
			break
		}
		c := p.plan.Checks[at].Check
		rest := ""
		if c.Item != "" {
			rest = " (" + report.Clean(c.Item) + ")"
		}
		if d, ok := p.done[at]; ok && d[1] > 1 {
			rest += "  " + p.portion(d)
		}
		// Of a title that is too long its beginning will do; the rest is what
		// is looked at.
		title := report.Clean(cmp.Or(c.Title.In(p.lang), c.ID))
		if room := max(width-2-ansi.StringWidth(rest), 8); ansi.StringWidth(title) > room {
			title = ansi.Truncate(title, room, "...")
		}
		lines = append(lines, "  "+title+rest)
	}
	return lines
}

// running lists the checks whose needs are done and that are not, those that
// tell how far they are first.
func (p *progress) running() []int {
	var running []int
	for i, c := range p.plan.Checks {
		waits := slices.ContainsFunc(c.Needs, func(n int) bool { return !p.finished[n] })
		if !p.finished[i] && !waits {
			running = append(running, i)
		}
	}
	slices.SortStableFunc(running, func(a, b int) int {
		return cmp.Compare(p.done[b][1], p.done[a][1])
	})
	return running
}

// close erases what was drawn. The report comes next.
func (p *progress) close() {
	close(p.stop)
	p.stopped.Wait()
	p.screen.erase()
}
