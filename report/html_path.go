package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// picture is a finding's path, drawn twice: from left to right, and from top to
// bottom for a page that is too narrow for that. Its words say all that it
// shows.
type picture struct {
	ID, Title, Desc string
	Drawings        []canvas
}

// stop is what a picture shows of a path: a device, or some that it leaves out.
type stop struct {
	name, owner string
	icon        string
	reached     bool
}

// picture draws a finding's path, if sweeps saw one.
func (p *page) picture(f *result.Finding) *picture {
	w := pathOf(p.r, f)
	if w == nil {
		return nil
	}
	if len(f.Machines) > 1 {
		w.from = p.machine(f.Machines[0])
	}
	const most, mostTall = 6, 10 // what fits beside each other, and below
	wide, cut := p.onPicture(w, most)
	tall, cutTall := p.onPicture(w, mostTall)
	end := w.nodes[w.cut].address
	// A device that said itself that it ends here has the cross; of silence it is
	// only known behind which device it begins.
	at := w.cut == len(w.nodes)-1 || f.At != nil && end != "" && f.At.Address == end
	target := cmp.Or(p.text(w.host), tall[len(tall)-1].name)
	title := "html.path"
	switch {
	case w.back:
		title, target = "html.path-back", tall[0].name
	case w.inward:
		title = "html.path-in"
	}
	return &picture{
		ID: numbered("path", p.numbers[f.ID]), Title: p.say(title, i18n.Data{"Target": target}), Desc: p.pathSaid(tall, cutTall, at),
		Drawings: []canvas{beside(wide, cut, at), below(tall, cutTall, at)},
	}
}

// pathSaid is a picture for who does not see it.
func (p *page) pathSaid(stops []stop, cut int, at bool) string {
	var reached, beyond []string
	for _, s := range stops {
		name := s.name
		if s.owner != "" {
			name += " (" + s.owner + ")"
		}
		if s.reached {
			reached = append(reached, name)
		} else {
			beyond = append(beyond, name)
		}
	}
	key := "html.path-behind"
	if at {
		key = "html.path-at"
	}
	said := []string{
		p.say("html.path-reached", i18n.Data{"Devices": strings.Join(reached, ", ")}),
		p.say(key, i18n.Data{"Device": stops[cut].name}),
	}
	if len(beyond) > 0 {
		said = append(said, p.say("html.path-beyond", i18n.Data{"Devices": strings.Join(beyond, ", ")}))
	}
	return strings.Join(said, " ")
}

// onPicture are as many of a path's devices as can be shown: of a long one those
// near its ends and where it is cut. The second result is the one after which,
// or at which, the path ends.
func (p *page) onPicture(w *path, most int) ([]stop, int) {
	last := len(w.nodes) - 1
	hidden := func(i int) bool {
		near := i <= 1 || i == last || i == w.cut || i == w.cut+1
		return w.nodes[i].gap || !near && len(w.nodes) > most
	}
	var stops []stop
	cut := 0
	said := map[result.Owner]bool{}
	for i := 0; i <= last; i++ {
		var s stop
		if !hidden(i) {
			s = p.stopAt(w, i, said)
		} else {
			known, unseen := 0, false
			for ; ; i++ {
				if unseen = unseen || w.nodes[i].gap; !w.nodes[i].gap {
					known++
				}
				if i == last || i == w.cut || !hidden(i+1) {
					break
				}
			}
			s = stop{icon: "gap", name: p.say("html.path-more", i18n.Data{"Count": known})}
			if unseen {
				s.name = p.word("html.path-unseen")
			}
		}
		s.reached = i <= w.cut
		if stops = append(stops, s); i <= w.cut {
			cut = len(stops) - 1
		}
	}
	return stops, cut
}

// stopAt is one device of a path, by what it is called and whose it is.
func (p *page) stopAt(w *path, i int, said map[result.Owner]bool) stop {
	n, last := &w.nodes[i], len(w.nodes)-1
	switch {
	case i == 0 && w.inward, i == last && w.back:
		return stop{icon: "outside", name: p.word("path.outside")}
	case i == 0, n.owner == result.ThisMachine:
		return stop{icon: "machine", name: cmp.Or(w.from, p.word("owner.this-machine"))}
	case n.owner == result.Destination:
		s := stop{icon: "server", name: p.text(w.host), owner: p.word("html.destination")}
		if w.more > 0 {
			s.name = p.say("list.more", i18n.Data{"Some": s.name, "Count": w.more})
		}
		return s
	}
	s := stop{icon: "router", name: p.device(n, "", true, false)}
	switch n.owner {
	case result.Gateway, result.Site:
		s.owner = p.known("path.", string(n.owner))
	case result.Provider: // those behind the first may be anybody's
		if !said[n.owner] {
			said[n.owner], s.owner = true, p.known("path.", string(n.owner))
		}
	}
	switch {
	case n.owner == result.Gateway:
		s.icon = "gateway"
	case i == last && w.inward:
		s.icon = "machine"
	}
	return s
}

// canvas is a drawing, all of it in whole units of its own.
type canvas struct {
	Class         string
	Width, Height int
	Strokes       []stroke
	Icons         []placed
	Words         []placed
	Crosses       []placed
}

// stroke is a line; what is not reached has another look.
type stroke struct{ Class, Path string }

// placed is something at a place.
type placed struct {
	X, Y        int
	Class, Text string
}

// beside draws devices from left to right.
func beside(stops []stop, cut int, at bool) canvas {
	const whole, widest, y, line, letter = 740, 160, 24, 15, 8 // of a wide font
	step := min(whole/len(stops), widest)
	c := canvas{Class: "wide", Width: step * len(stops)}
	lowest := 0
	for i, s := range stops {
		x := step*i + step/2
		c.Icons = append(c.Icons, placed{X: x - 16, Y: y - 16, Class: s.look(), Text: s.icon})
		names, owners := broken(s.name, step/letter), broken(s.owner, step/letter)
		below := y + 38
		for j, text := range slices.Concat(names, owners) {
			class := "name"
			if j >= len(names) {
				class = "owner"
			}
			c.Words = append(c.Words, placed{x, below, class, text})
			lowest, below = max(lowest, below), below+line
		}
		if i == cut && at {
			c.Crosses = append(c.Crosses, placed{X: x + 14, Y: y - 12})
		}
		if i == len(stops)-1 {
			break
		}
		from, to := x+22, x+step-22
		switch {
		case i < cut:
			c.Strokes = append(c.Strokes, stroke{"way", fmt.Sprintf("M%d %dH%dm-7-5l7 5-7 5", from, y, to)})
		case i == cut && !at:
			mid := (from + to) / 2
			c.Strokes = append(c.Strokes, stroke{"way", fmt.Sprintf("M%d %dH%d", from, y, mid-11)}, stroke{"lost", fmt.Sprintf("M%d %dH%d", mid+12, y, to)})
			c.Crosses = append(c.Crosses, placed{X: mid, Y: y})
		default:
			c.Strokes = append(c.Strokes, stroke{"lost", fmt.Sprintf("M%d %dH%d", from, y, to)})
		}
	}
	c.Height = lowest + 8
	return c
}

// below draws devices from top to bottom.
func below(stops []stop, cut int, at bool) canvas {
	const x, step, chars, line = 20, 60, 34, 15
	c := canvas{Class: "tall", Width: 300, Height: step*(len(stops)-1) + 48}
	for i, s := range stops {
		y := 24 + step*i
		c.Icons = append(c.Icons, placed{X: x - 16, Y: y - 16, Class: s.look(), Text: s.icon})
		names, owners := broken(s.name, chars), broken(s.owner, chars)
		from := y + 5 - (len(names)+len(owners)-1)*line/2
		for j, text := range slices.Concat(names, owners) {
			class := "name"
			if j >= len(names) {
				class = "owner"
			}
			c.Words = append(c.Words, placed{x + 30, from + j*line, class, text})
		}
		if i == cut && at {
			c.Crosses = append(c.Crosses, placed{X: x + 12, Y: y - 12})
		}
		if i == len(stops)-1 {
			break
		}
		top, bottom := y+19, y+step-19
		switch {
		case i < cut:
			c.Strokes = append(c.Strokes, stroke{"way", fmt.Sprintf("M%d %dV%dm-5-7l5 7 5-7", x, top, bottom)})
		case i == cut && !at:
			c.Strokes = append(c.Strokes, stroke{"way", fmt.Sprintf("M%d %dV%d", x, top-2, top+1)}, stroke{"lost", fmt.Sprintf("M%d %dV%d", x, bottom-1, bottom+2)})
			c.Crosses = append(c.Crosses, placed{X: x, Y: (top + bottom) / 2})
		default:
			c.Strokes = append(c.Strokes, stroke{"lost", fmt.Sprintf("M%d %dV%d", x, top, bottom)})
		}
	}
	return c
}

func (s *stop) look() string {
	if s.reached {
		return "icon"
	}
	return "icon beyond"
}

// broken is a name in lines of so many columns, broken where a reader would, and
// cut where even three lines are not enough: the words beside the picture have
// it whole.
func broken(s string, limit int) []string {
	const most = 3
	var lines []string
	for s != "" && len(lines) < most {
		if width(s) <= limit {
			return append(lines, s)
		}
		end, columns, good := 0, 0, 0
		for i, r := range s {
			if columns += width(string(r)); columns > limit && i > 0 {
				break
			}
			end = i + len(string(r))
			if strings.ContainsRune(" .-:/_,", r) {
				good = end
			}
		}
		if good > 0 {
			end = good
		}
		lines, s = append(lines, strings.TrimSpace(s[:end])), strings.TrimSpace(s[end:])
	}
	if s != "" && len(lines) > 0 {
		lines[len(lines)-1] += "…"
	}
	return lines
}
