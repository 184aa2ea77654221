// Package i18n holds every word that netcheck itself says to a reader, by key,
// in two catalogues: words, a folder a language and in it a file for each place
// where they are said (report.json is what a report is made of), and explain, a
// file a language, which is `netcheck explain`. A third, said, has what the probes
// wrote into a report in English. It knows no report and decides
// nothing; texts that a profile brings are not here.
//
// A catalogue is read when the first of its words is asked for, so that a
// command that says nothing pays nothing.
package i18n

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed words/*/*.json explain/*.json said/*.json
var files embed.FS

// Data fills a text's placeholders. "Count" also chooses the plural form, and is
// written as the language writes numbers, so that no text may compute with it.
type Data map[string]any

// Languages lists the languages that netcheck speaks, English first: the one in
// which every text exists.
func Languages() []string { return []string{"en", "it", "fr", "de"} }

// Language is the language among Languages that serves a tag such as it-CH or
// it_IT.UTF-8; English serves whoever has none.
func Language(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), ".")
	base, _, _ = strings.Cut(strings.ReplaceAll(base, "_", "-"), "-")
	if slices.Contains(Languages(), base) {
		return base
	}
	return "en"
}

// T is the text of a key in a language, its placeholders filled in. A language
// or text that is missing falls back to English; a key that does not exist is
// its own text, which a test of this package's users keeps from happening.
func T(lang, key string, data Data) string {
	c := &i18n.LocalizeConfig{MessageID: key}
	if data != nil {
		if n, ok := data["Count"]; ok {
			c.PluralCount = n
			if n, ok := n.(int); ok && n >= 1000 {
				data = maps.Clone(data)
				data["Count"] = Count(lang, n)
			}
		}
		c.TemplateData = map[string]any(data)
	}
	s, err := localizers.of(lang).Localize(c)
	if s == "" && err != nil {
		return key
	}
	return s
}

// Has tells whether a key has a text.
func Has(key string) bool {
	_, err := localizers.of("en").Localize(&i18n.LocalizeConfig{MessageID: key})
	_, missing := errors.AsType[*i18n.MessageNotFoundErr](err)
	return !missing
}

// localizers are the languages' words, each read once.
var localizers = lazy[*i18n.Localizer]{load: readWords}

func readWords(lang string) *i18n.Localizer {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, l := range slices.Compact([]string{"en", lang}) {
		found, _ := fs.Glob(files, "words/"+l+"/*.json") // the pattern is none that can be wrong
		for _, f := range found {
			// The files are ours and a test reads them all: one that does not
			// parse costs its words, not the report. Of a file's path the last
			// part but the ending must be the language.
			data, _ := files.ReadFile(f)
			_, _ = b.ParseMessageFileBytes(data, l+".json")
		}
	}
	return i18n.NewLocalizer(b, lang)
}

// lazy is something that each language has, made when first asked for.
type lazy[T any] struct {
	load func(lang string) T
	mu   sync.Mutex
	have map[string]T
}

func (l *lazy[T]) of(lang string) T {
	lang = Language(lang)
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.have[lang]
	if !ok {
		if l.have == nil {
			l.have = map[string]T{}
		}
		v = l.load(lang)
		l.have[lang] = v
	}
	return v
}
