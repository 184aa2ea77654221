package diagnosis

import (
	"time"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// dataRules are about files and their age.
func dataRules() []rule {
	stale := []result.Failure{result.FailStale}
	clock := []alike{{result.LocalClockSkew, clockRight}}
	return []rule{
		{
			id: "data-ageing", failures: stale, when: []cond{verdict(result.Warn)},
			code: result.DataStale, sure: always(result.Strong), subject: byCheck, act: vendor, alike: clock,
		},
		{
			id: "data-doubtful", failures: stale, when: []cond{verdict(result.Inconclusive)},
			code: result.DataStale, sure: always(result.Hint), subject: byCheck, act: vendor,
			alike: []alike{{result.LocalClockSkew, nil}},
		},
		{
			id: "data-stale", failures: stale,
			code: result.DataStale, sure: always(result.Strong), subject: byCheck, act: vendor, alike: clock,
		},
		{
			id: "data-missing", failures: []result.Failure{result.FailMissing},
			code: result.DataMissing, sure: always(result.Strong), subject: byCheck, act: vendor,
		},
		{
			id: "data-unreadable", failures: []result.Failure{result.FailAccess},
			code: result.LocalPermission, sure: always(result.Likely), at: atThisMachine, subject: byCheck, act: site,
			alike: []alike{{result.DataMissing, nil}},
		},
	}
}

func verdict(v result.Verdict) cond { return func(s *symptom) bool { return s.check.Verdict == v } }

// fileData is what the texts of rules about files may speak of.
func (w words) fileData(d i18n.Data) {
	step := w.g.members[0].step
	d["File"], d["Pattern"], d["Folder"] = str(step, "file.name"), str(step, "file.pattern"), str(step, "file.path")
	for key, fact := range map[string]string{"Age": "file.age_s", "Limit": "file.max_age_s"} {
		d[key] = ""
		if s, ok := num(step, fact); ok {
			d[key] = span(w.lang, time.Duration(s)*time.Second)
		}
	}
}
