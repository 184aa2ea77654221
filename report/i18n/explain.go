package i18n

import "encoding/json"

// Explanation is what netcheck knows of a cause code, under five headings.
type Explanation struct {
	Code  string `json:"-"`
	Means string `json:"means"` // what it means
	Knows string `json:"knows"` // how netcheck knows
	Alike string `json:"alike"` // what it can be confused with
	Do    string `json:"do"`    // what to do
	Act   string `json:"act"`   // who must act
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
func Explain[Code ~string](lang string, code Code) (Explanation, bool) {
	e, ok := explanations.of(lang)[string(code)]
	if !ok {
		e, ok = explanations.of("en")[string(code)]
	}
	e.Code = string(code)
	return e, ok
}

var explanations = lazy[map[string]Explanation]{load: func(lang string) map[string]Explanation {
	var m map[string]Explanation
	if b, err := files.ReadFile("explain/" + lang + ".json"); err == nil {
		_ = json.Unmarshal(b, &m) // a test reads every file
	}
	return m
}}
