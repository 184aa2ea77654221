package talk

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		name, in string
		limit    int
		want     string
	}{
		{"plain", "220 ready", 40, "220 ready"},
		{"nothing", "", 40, ""},
		{"a blank before", " a", 40, "a"},
		{"a blank behind", "a ", 40, "a"},
		{"two blanks", "a  b", 40, "a b"},
		{"a blank alone", " ", 40, ""},
		{"no room", "220 ready", 0, ""},
		{"lines become one", "220-hello\r\n220 ready\r\n", 40, "220-hello 220 ready"},
		{"white space at the ends", " \t a \u2028 b \n", 40, "a b"},
		{"colour", "\x1b[31mred\x1b[0m", 40, "red"},
		{"window title", "\x1b]0;owned\x07text", 40, "text"},
		{"link", "\x1b]8;;http://evil.test\x1b\\here\x1b]8;;\x1b\\", 40, "here"},
		{"raw C1", "a\x9b31mb", 40, "ab"},
		{"C1 in UTF-8", "a\u009b31mb", 40, "a31mb"},
		{"an escape that never ends", "a\x1b", 40, "a"},
		{"backspaces", "pass\b\b\b\bfail", 40, "passfail"},
		{"delete and null", "a\x7f\x00b", 40, "ab"},
		{"right to left", "exe\u202egnp\u202c.\u2066x\u2069", 40, "exegnp.x"},
		{"invisible", "a\u200b\u200d\ufeff\u00adb\u3164c\ufe0f", 40, "abc"},
		{"private use", "a\ue000b", 40, "ab"},
		{"not UTF-8", "caf\xe9", 40, "caf\ufffd"},
		{"other scripts", "Ελλάδα 日本 é", 40, "Ελλάδα 日本 é"},
		{"cut", "abcdefghij", 5, "abcd…"},
		{"just fits", "abcde", 5, "abcde"},
		{"cut before a blank", "abc defgh", 5, "abc…"},
		{"cut to one", "abc", 1, "…"},
		{"long and invisible", strings.Repeat("\u200b", 5000) + "end", 5, "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Clean(c.in, c.limit); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"220 ready\r\n", "\x1b]0;t\x07\x9b2J", "\x1bP1$r\x1b\\", "\u202eabc", "\xff\xfe\x00", strings.Repeat("é", 200)} {
		f.Add(s, 20)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = min(limit, 4096)
		got := Clean(s, limit)
		if n := utf8.RuneCountInString(got); n > max(limit, 0) {
			t.Errorf("%d runes, at most %d were wanted", n, limit)
		}
		if !utf8.ValidString(got) {
			t.Errorf("not UTF-8: %q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
				t.Errorf("%U is in %q", r, got)
			}
		}
		if again := Clean(got, limit); again != got {
			t.Errorf("cleaning twice makes %q of %q", again, got)
		}
	})
}
