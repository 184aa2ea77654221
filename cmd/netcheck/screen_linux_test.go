package main

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// screen is what a person would see of what was written to a terminal: it
// follows the sequences that the form's library uses, and fails a test at any
// other, so that none is missed in silence.
type screen struct {
	rows    [][]rune
	x, y    int
	last    rune
	unknown []string
}

// screenOf plays what was written to a terminal of this size.
func screenOf(written string, columns, lines int) *screen {
	s := &screen{}
	for range lines {
		s.rows = append(s.rows, blank(columns))
	}
	for len(written) > 0 {
		r, n := utf8.DecodeRuneInString(written)
		if r == '\x1b' && len(written) > 1 && written[1] == '[' {
			end := strings.IndexFunc(written[2:], func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				break // the rest has not arrived yet
			}
			s.control(written[2:2+end], written[2+end])
			written = written[3+end:]
			continue
		}
		if r == '\x1b' {
			if len(written) == 1 {
				break
			}
			if written[1] == 'M' {
				s.y = max(s.y-1, 0)
			} else {
				s.unknown = append(s.unknown, written[:2])
			}
			written = written[2:]
			continue
		}
		s.char(r)
		written = written[n:]
	}
	return s
}

func blank(columns int) []rune { return []rune(strings.Repeat(" ", columns)) }

func (s *screen) char(r rune) {
	switch r {
	case '\r':
		s.x = 0
	case '\n':
		if s.y++; s.y == len(s.rows) {
			s.y--
			s.rows = append(s.rows[1:], blank(len(s.rows[0])))
		}
	case '\b':
		s.x = max(s.x-1, 0)
	case '\t':
		s.x = min(s.x/8*8+8, len(s.rows[0])-1)
	default:
		if s.x < len(s.rows[0]) {
			s.rows[s.y][s.x] = r
			s.x++
		}
		s.last = r
	}
}

// control plays a control sequence.
func (s *screen) control(parameters string, final byte) {
	if parameters != "" && strings.ContainsAny(parameters[:1], "?<>=") || final == 'm' {
		return // modes and colours
	}
	first, _, _ := strings.Cut(parameters, ";")
	given, _ := strconv.Atoi(first)
	n, columns := max(given, 1), len(s.rows[0])
	switch final {
	case 'A':
		s.y = max(s.y-n, 0)
	case 'B':
		s.y = min(s.y+n, len(s.rows)-1)
	case 'C':
		s.x = min(s.x+n, columns-1)
	case 'D':
		s.x = max(s.x-n, 0)
	case 'G':
		s.x = min(n-1, columns-1)
	case 'J':
		copy(s.rows[s.y][s.x:], blank(columns))
		for y := s.y + 1; y < len(s.rows) && given == 0; y++ {
			s.rows[y] = blank(columns)
		}
	case 'K':
		switch given {
		case 0:
			copy(s.rows[s.y][s.x:], blank(columns))
		case 1:
			copy(s.rows[s.y][:s.x+1], blank(columns))
		default:
			s.rows[s.y] = blank(columns)
		}
	case 'X':
		copy(s.rows[s.y][s.x:min(s.x+n, columns)], blank(n))
	case 'P':
		copy(s.rows[s.y][s.x:], append(s.rows[s.y][min(s.x+n, columns):], blank(n)...))
	case '@':
		copy(s.rows[s.y][s.x:], append(blank(n), s.rows[s.y][s.x:]...))
	case 'b':
		for range n {
			s.char(s.last)
		}
	default:
		s.unknown = append(s.unknown, parameters+string(final))
	}
}

// text is the screen without what is empty at the ends of lines and below.
func (s *screen) text() string {
	var lines []string
	for _, row := range s.rows {
		lines = append(lines, strings.TrimRight(string(row), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// screen is what the terminal shows now.
func (x *terminal) screen() string {
	x.t.Helper()
	s := screenOf(x.all(), x.columns, 24)
	if len(s.unknown) > 0 {
		x.t.Fatalf("the test does not know what %q does", s.unknown)
	}
	return s.text()
}

// shows waits until all the texts are on the screen at once.
func (x *terminal) shows(texts ...string) {
	x.t.Helper()
	limit := time.After(patience)
	for {
		now := x.screen()
		missing := ""
		for _, text := range texts {
			if !strings.Contains(now, text) {
				missing = text
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-x.more:
		case <-x.over:
			if now = x.screen(); !strings.Contains(now, missing) {
				x.t.Fatalf("%q is not on the screen:\n%s", missing, now)
			}
		case <-limit:
			x.t.Fatalf("%q was not on the screen in time:\n%s", missing, now)
		}
	}
}
