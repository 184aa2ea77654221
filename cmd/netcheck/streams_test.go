package main

import (
	"runtime"
	"strings"
	"testing"

	"netcheck/report"
)

func TestLanguage(t *testing.T) {
	for env, want := range map[string]string{
		"LANG=it_CH.UTF-8":                   "it",
		"LANG=de":                            "de",
		"LANG=C.UTF-8":                       "en",
		"LANG=POSIX":                         "en",
		"LC_ALL=fr_FR@euro LANG=it_IT.UTF-8": "fr",
		"LC_MESSAGES=it_IT.UTF-8 LANG=en_US": "it",
		"LC_ALL= LANG=fr_BE.UTF-8":           "fr",
		"LANG=../../etc/passwd":              "en",
	} {
		t.Run(env, func(t *testing.T) {
			s := newStreams(nil, nil, nil, strings.Fields(env), true)
			if got := s.language(); got != want {
				t.Errorf("%q, not %q", got, want)
			}
		})
	}
}

func TestColor(t *testing.T) {
	for env, want := range map[string]report.Color{ // stdout is no terminal here
		"TERM=xterm":                                      report.ColorNone,
		"TERM=xterm CLICOLOR_FORCE=1":                     report.Color16,
		"TERM=xterm CLICOLOR_FORCE=0":                     report.ColorNone,
		"TERM=xterm-256color CLICOLOR_FORCE=1":            report.Color256,
		"TERM=xterm COLORTERM=truecolor CLICOLOR_FORCE=1": report.ColorTrue,
		"TERM=xterm CLICOLOR_FORCE=1 NO_COLOR=1":          report.ColorNone,
		"TERM=xterm CLICOLOR_FORCE=1 NO_COLOR=":           report.Color16,
	} {
		t.Run(env, func(t *testing.T) {
			if runtime.GOOS == "windows" && want > report.ColorNone {
				want = report.ColorTrue
			}
			s := newStreams(nil, nil, nil, strings.Fields(env), true)
			if got := s.color(); got != want {
				t.Errorf("%d, not %d", got, want)
			}
		})
	}
}

func TestUnicode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a Windows console does not go by the locale")
	}
	for env, want := range map[string]bool{
		"LANG=C":                          false,
		"LANG=":                           false,
		"LANG=de_DE.UTF-8":                true,
		"LANG=de_DE.utf8":                 true,
		"LANG=de_DE.UTF-8 LC_ALL=C":       false,
		"LANG=de_DE.UTF-8 LC_CTYPE=POSIX": false,
		"LANG=de_DE.ISO-8859-1":           false,
	} {
		t.Run(env, func(t *testing.T) {
			s := newStreams(nil, nil, nil, strings.Fields(env), true)
			if got := s.unicode(); got != want {
				t.Errorf("%t, not %t", got, want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	for name, test := range map[string]struct {
		text, first, rest string
		width             int
		want              string
	}{
		"short":                  {"one two", "", "", 20, "one two"},
		"breaks at spaces":       {"one two three", "", "", 8, "one two\nthree"},
		"never inside of a name": {"see start-live01.example.com now", "", "", 10, "see\nstart-live01.example.com\nnow"},
		"indents":                {"one two three", "- ", "  ", 9, "- one two\n  three"},
		"counts columns":         {"ää öö üü", "", "", 5, "ää öö\nüü"},
		"nothing":                {"", "- ", "  ", 9, "- "},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wrap(test.text, test.first, test.rest, test.width); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}
