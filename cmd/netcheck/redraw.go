package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// redrawn are lines on stderr, where that is a terminal, each drawing of which
// replaces the last.
type redrawn struct {
	s     *streams
	drawn int // lines on the screen
}

// width is how wide a line may be: a full one would wrap on some consoles.
func (r *redrawn) width() int { return max(r.s.width(r.s.err)-1, 1) }

// draw puts the lines over those of the last time, in one write.
func (r *redrawn) draw(lines []string) {
	width := r.width()
	var b strings.Builder
	b.WriteString(r.home())
	for i, l := range lines {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(ansi.Truncate(l, width, "") + ansi.EraseLineRight)
	}
	b.WriteString(ansi.EraseScreenBelow)
	r.drawn = len(lines)
	_, _ = r.s.err.Write([]byte(b.String()))
}

// home brings the cursor back to the first line that was drawn.
func (r *redrawn) home() string {
	if r.drawn < 2 {
		return "\r"
	}
	return "\r" + ansi.CursorUp(r.drawn-1)
}

// erase leaves nothing of them.
func (r *redrawn) erase() {
	if r.drawn > 0 {
		_, _ = r.s.err.Write([]byte(r.home() + ansi.EraseScreenBelow))
		r.drawn = 0
	}
}
