package main

import (
	"maps"
	"strings"

	"netcheck/profiles/value"
	"netcheck/report"
	"netcheck/report/i18n"
)

// sentence is what is said to a person: a text of the catalogue, by key, so that
// it can be made where nobody knows the reader's language yet. What is put into
// it may be a sentence again.
//
// English alone are the help, what is wrong with the flags of a command line,
// what the author of a profile is told (new, validate, schema), and vantage.
type sentence struct {
	key  string
	data i18n.Data
}

// in is the sentence in a language.
func (t sentence) in(lang string) string {
	var data i18n.Data
	for name, v := range t.data {
		if inner, ok := v.(interface{ in(lang string) string }); ok {
			if data == nil {
				data = maps.Clone(t.data)
			}
			data[name] = inner.in(lang)
		}
	}
	if data == nil {
		data = t.data
	}
	return i18n.T(lang, t.key, data)
}

// Error is the sentence in English, for whoever handles it as an error.
func (t sentence) Error() string { return t.in("en") }

// say is a text of the catalogue in the reader's language.
func (s *streams) say(key string, data i18n.Data) string { return i18n.T(s.lang, key, data) }

// tell writes a text of the catalogue for a person.
func (s *streams) tell(key string, data i18n.Data) { s.message("%s", s.say(key, data)) }

// wrong is a request that can't be met as it was made.
func wrong(key string, data i18n.Data) *usageError {
	return &usageError{says: sentence{key, data}}
}

// advised adds what to do about it.
func (e *usageError) advised(advice interface{ in(lang string) string }) *usageError {
	e.advice = advice
	return e
}

// closest is the advice for a misspelt word, or otherwise.
func closest(word string, known []string, otherwise sentence) sentence {
	if k := value.Closest(word, known); k != "" {
		return sentence{"cli.did-you-mean", i18n.Data{"Word": k}}
	}
	return otherwise
}

// among is a list in a sentence: "a, b and c", "a, b or c", by the key of its end.
func among(lang, end string, all []string) string {
	switch n := len(all); n {
	case 0:
		return ""
	case 1:
		return all[0]
	default:
		return i18n.T(lang, end, i18n.Data{"Others": strings.Join(all[:n-1], ", "), "Last": all[n-1]})
	}
}

// verdictWord is a verdict as a reader calls it.
func verdictWord(lang, verdict string) string {
	if key := "verdict." + verdict; i18n.Has(key) {
		return i18n.T(lang, key, nil)
	}
	return report.Clean(verdict)
}
