package i18n

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Said is what a probe said of its check, in a reader's language. A report has
// it as the one text, in English, that it was made with; so that is the key to
// the catalogue, with {A} for what was put in. Nothing is decided by it: what the
// catalogue does not have stays as it is. Several remarks stand in one text, with
// semicolons between them.
func Said(lang, english string) string {
	if Language(lang) == "en" || len(english) > maxSaid {
		return english
	}
	return sayings.of(lang).say(lang, english, 0)
}

const (
	maxSaid  = 2000 // longer than any probe's text
	deepSaid = 3    // a remark in a remark in a remark
)

// saying is a text of a probe, taken apart at what was put in, with what it is in
// another language.
type saying struct {
	pieces []string
	says   string
}

type said []saying

var sayings = lazy[said]{load: func(lang string) said {
	var m map[string]string
	if b, err := files.ReadFile("said/" + lang + ".json"); err == nil {
		_ = json.Unmarshal(b, &m) // a test reads every file
	}
	texts := make([]string, 0, len(m))
	for english := range m {
		texts = append(texts, english)
	}
	// What says more comes first: it would fit a shorter one as well.
	slices.SortFunc(texts, func(a, b string) int {
		if d := len(hole.ReplaceAllString(b, "")) - len(hole.ReplaceAllString(a, "")); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var all said
	for _, english := range texts {
		all = append(all, saying{hole.Split(english, -1), m[english]})
	}
	return all
}}

// hole is where something is put in.
var hole = regexp.MustCompile(`\{[A-Z]\}`)

// match gives what was put in, each as short as can be but the last.
func (s saying) match(english string) (in []string, ok bool) {
	last := len(s.pieces) - 1
	rest, ok := strings.CutPrefix(english, s.pieces[0])
	if !ok || last == 0 {
		return nil, ok && rest == ""
	}
	for _, piece := range s.pieces[1:last] {
		put, after, found := strings.Cut(rest, piece)
		if !found || put == "" {
			return nil, false
		}
		in, rest = append(in, put), after
	}
	put, ok := strings.CutSuffix(rest, s.pieces[last])
	return append(in, put), ok && put != ""
}

// dated is what was put in as a language writes it, where that is a day or a
// time, of which the day matters.
func dated(lang, s string) (string, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return Date(lang, t), true
		}
	}
	return "", false
}

func (all said) say(lang, english string, depth int) string {
	for _, s := range all {
		found, ok := s.match(english)
		if !ok {
			continue
		}
		return hole.ReplaceAllStringFunc(s.says, func(h string) string {
			i := int(h[1] - 'A') // {A} is the first, in order
			if i >= len(found) {
				return h
			}
			if day, ok := dated(lang, found[i]); ok {
				return day
			}
			if depth < deepSaid {
				return all.say(lang, found[i], depth+1)
			}
			return found[i]
		})
	}
	if first, rest, several := strings.Cut(english, "; "); several && depth < deepSaid {
		a, b := all.say(lang, first, depth), all.say(lang, rest, depth+1)
		if a == first && b == rest {
			return english
		}
		return a + Semicolon(lang) + b
	}
	// A name, which may hold colons itself, and what is said of it.
	if name, rest, named := strings.Cut(english, ": "); named && depth < deepSaid {
		if says := all.say(lang, rest, depth+1); says != rest {
			return name + Colon(lang) + says
		}
	}
	return english
}
