package diagnosis

import (
	"testing"

	"netcheck/report/result"
)

// The helper outside is a host that answers for itself if it passed its
// challenge. A page in its place is nobody's word, unless it sends on.
func TestHelperAnswersForItself(t *testing.T) {
	const elsewhere = "http://login.lan/"
	for name, c := range map[string]struct {
		facts  result.Facts
		plain  int
		asides int
	}{
		"passed":            {result.Facts{factGenuine: true, factStatus: 204}, 1, 0},
		"a page":            {result.Facts{factGenuine: false, factStatus: 200}, 0, 0},
		"sent on":           {result.Facts{factGenuine: false, factStatus: 302, factLocation: elsewhere, factURL: "http://vantage.example:443/generate_204"}, 0, 1},
		"another port's":    {result.Facts{factStatus: 200}, 0, 0},
		"nothing was heard": {result.Facts{}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v := &view{}
			f := &result.Followup{Name: "web", Steps: []result.Step{{Op: result.OpRequest, Facts: c.facts}}}
			f.Host, f.Port = "vantage.example", 443
			v.learnTalk(f)
			if len(v.answers.plain) != c.plain || len(v.answers.asides) != c.asides {
				t.Errorf("by itself %v, sent on %v", v.answers.plain, v.answers.asides)
			}
		})
	}
}
