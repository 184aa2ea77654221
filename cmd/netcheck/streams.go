package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"netcheck/profiles"
	"netcheck/report"
)

// streams are the three standard streams and what is known of them. Their
// rules:
//
//   - stdout carries what was asked for (the report, a list, a schema) and
//     nothing else, so that it can always be piped or saved;
//   - stderr carries all else: errors, questions, progress;
//   - only a terminal is drawn upon: what is piped has neither colour nor
//     anything that moves, unless CLICOLOR_FORCE asks for colour;
//   - a question is asked only where stdin and stderr are both a terminal, so
//     that it can be seen and answered, and never under CI.
type streams struct {
	in   io.Reader
	out  *recorded
	err  io.Writer
	env  []string
	draw bool   // escape sequences work where a stream is a terminal
	lang string // the reader's, once the command line is understood
	here string // the folder where answers are remembered; "": the working folder

	claim func(file string) (string, error) // creates the file for a report where another may have its name; nil: it is written over

	public *x509.CertPool // the public authorities' roots, in a laboratory; nil: the real ones
}

func newStreams(in io.Reader, out, err io.Writer, env []string, draw bool) *streams {
	return &streams{in: in, out: &recorded{w: out}, err: err, env: env, draw: draw}
}

// recorded remembers the first error of a writer, so that a full disk behind
// stdout shows in the exit status of whatever wrote to it.
type recorded struct {
	w      io.Writer
	err    error
	report bool // what is written is a report
}

// lost is what was not written, if that matters: a reader that has seen enough
// of a list and left, as head does, is no fault; but a report is then not where
// it was asked for.
func (r *recorded) lost() error {
	if r.err == nil || readerLeft(r.err) && !r.report {
		return nil
	}
	return &unwrittenError{"stdout", reason(r.err)}
}

func (r *recorded) Write(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.w.Write(p)
	r.err = err
	return n, err
}

// getenv looks up the environment that the command was started with.
func (s *streams) getenv(name string) string {
	for i := len(s.env) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(s.env[i], "="); ok && k == name {
			return v
		}
	}
	return ""
}

// line writes a line of what was asked for to stdout, in the characters that it
// can show.
func (s *streams) line(text string) {
	if !s.unicode() {
		text = report.ASCIIIn(s.lang, text)
	}
	fmt.Fprintln(s.out, text)
}

// message writes lines for a person. On a terminal they are in the characters
// that it can show, and none is wider than the window, which would break it within
// a word.
func (s *streams) message(format string, args ...any) {
	lines := strings.Split(harmless(fmt.Sprintf(format, args...)), "\n")
	if isTerminal(s.err) {
		width := s.width(s.err)
		if !s.unicode() {
			lines = strings.Split(report.ASCIIIn(s.lang, strings.Join(lines, "\n")), "\n")
		}
		for i, l := range lines {
			if ansi.StringWidth(l) > width {
				indent := l[:len(l)-len(strings.TrimLeft(l, " "))]
				lines[i] = wrap(l, indent, indent, width)
			}
		}
	}
	fmt.Fprintln(s.err, strings.Join(lines, "\n"))
}

// harmless keeps what a profile or its file's name says from acting on the
// terminal; lines stay lines.
func harmless(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = report.Clean(l)
	}
	return strings.Join(lines, "\n")
}

// failure prints an error in the form that all commands share: what is wrong,
// then what to do about it. A verdict has no text: the report has said it.
func (s *streams) failure(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			s.failure(e)
		}
		return
	}
	if err.Error() == "" {
		return
	}
	if _, ok := errors.AsType[*profiles.FileError](err); ok {
		s.message("%v", err) // file:line:column first, so that editors can jump there
		return
	}
	text := err.Error()
	if words, ok := err.(interface{ in(lang string) string }); ok {
		text = words.in(s.lang)
	}
	s.message("netcheck: %s", text)
	if usage, ok := errors.AsType[*usageError](err); ok {
		if hint := usage.hintIn(s.lang); hint != "" {
			s.message("%s", hint)
		}
	}
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	if r, ok := stream.(*recorded); ok {
		stream = r.w
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// mayAsk tells whether a person is there to answer.
func (s *streams) mayAsk() bool {
	ci := s.getenv("CI")
	return isTerminal(s.in) && isTerminal(s.err) && (ci == "" || ci == "0" || ci == "false")
}

// mayDraw tells whether lines on stderr can be redrawn.
func (s *streams) mayDraw() bool {
	return s.draw && isTerminal(s.err) && s.getenv("TERM") != "dumb"
}

// width is how many columns a stream has: 80 where nothing says.
func (s *streams) width(stream any) int {
	if r, ok := stream.(*recorded); ok {
		stream = r.w
	}
	if f, ok := stream.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	if w, err := strconv.Atoi(s.getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return 80
}

// color is what stdout can show: https://no-color.org and
// https://bixense.com/clicolors.
func (s *streams) color() report.Color {
	force := s.getenv("CLICOLOR_FORCE")
	forced := force != "" && force != "0"
	kind := s.getenv("TERM")
	switch {
	case s.getenv("NO_COLOR") != "":
		return report.ColorNone
	case !forced && (kind == "dumb" || s.getenv("CLICOLOR") == "0" || !s.draw || !isTerminal(s.out)):
		return report.ColorNone
	}
	deep := s.getenv("COLORTERM")
	switch {
	case deep == "truecolor", deep == "24bit", runtime.GOOS == "windows":
		return report.ColorTrue
	case strings.Contains(kind, "256color"):
		return report.Color256
	}
	return report.Color16
}

// unicode tells whether stdout shows more than ASCII. A Windows console has
// the characters that we draw with only where its font is a newer terminal's;
// in a pipe there, whoever reads it assumes the old code page.
func (s *streams) unicode() bool {
	if runtime.GOOS == "windows" {
		return s.getenv("WT_SESSION") != "" || s.getenv("TERM_PROGRAM") != "" || s.getenv("ConEmuANSI") == "ON"
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(s.getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// language is the reader's, as its two letters: from the environment, else
// from the system, else English.
func (s *streams) language() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := s.getenv(name); v != "" {
			if l := languageTag(v); l != "" {
				return l
			}
			return "en" // C and POSIX are a choice, too
		}
	}
	if l := languageTag(systemLanguage()); l != "" {
		return l
	}
	return "en"
}

// languageTag takes it from it_CH.UTF-8 and from it-CH.
func languageTag(locale string) string {
	l, _, _ := strings.Cut(locale, ".")
	l, _, _ = strings.Cut(l, "@")
	l, _, _ = strings.Cut(strings.ReplaceAll(l, "_", "-"), "-")
	if len(l) != 2 {
		return ""
	}
	return strings.ToLower(l)
}
