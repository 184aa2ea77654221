package diagnosis

import (
	"fmt"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// askedData is what texts may say of the question that a person was asked, and
// how it is answered without a terminal.
func (w words) askedData(d i18n.Data) {
	d["Question"], d["AnswerBy"] = "", ""
	c := w.g.members[0].check
	if c.Kind != "attest" {
		return
	}
	answer := c.ID + "=yes"
	if strings.ContainsAny(answer, "[] ") { // an item's, which shells would take for a pattern
		answer = "'" + answer + "'"
	}
	d["Question"], d["AnswerBy"] = question(c, w.lang), "--answer "+answer
}

// question is what an attest check asks, as its report holds it.
func question(c *result.Check, lang string) string {
	switch ask := c.Spec.Fields["ask"].(type) {
	case string:
		return ask
	case map[string]any:
		text := make(result.Text, len(ask))
		for lang, s := range ask {
			text[lang] = fmt.Sprint(s)
		}
		return text.In(lang)
	}
	return ""
}
