package i18n

import (
	"encoding/json"

	"netcheck/report/result"
)

// Explanation is what netcheck knows of a cause code, under five headings.
type Explanation struct {
	Code  result.Code `json:"-"`
	Means string      `json:"means"` // what it means
	Knows string      `json:"knows"` // how netcheck knows
	Alike string      `json:"alike"` // what it can be confused with
	Do    string      `json:"do"`    // what to do
	Act   string      `json:"act"`   // who must act
}

// Part is one heading of an explanation, in the reader's language, and its
// text.
type Part struct{ Heading, Text string }

// Parts are the five headings with their texts, in the order to read them.
func (e Explanation) Parts(lang string) []Part {
	return []Part{
		{T(lang, "explain.means", nil), e.Means},
		{T(lang, "explain.knows", nil), e.Knows},
		{T(lang, "explain.alike", nil), e.Alike},
		{T(lang, "explain.do", nil), e.Do},
		{T(lang, "explain.act", nil), e.Act},
	}
}

// Explain explains a cause code in a language, else in English.
func Explain(lang string, code result.Code) (Explanation, bool) {
	e, ok := explanations.of(lang)[code]
	if !ok {
		e, ok = explanations.of("en")[code]
	}
	e.Code = code
	return e, ok
}

var explanations = lazy[map[result.Code]Explanation]{load: func(lang string) map[result.Code]Explanation {
	var m map[result.Code]Explanation
	if b, err := files.ReadFile("explain/" + lang + ".json"); err == nil {
		_ = json.Unmarshal(b, &m) // a test reads every file
	}
	return m
}}
