package diagnosis

import "netcheck/report/result"

// dataRules are about files and their age.
func dataRules() []rule {
	stale := []result.Failure{result.FailStale}
	clock := []alike{{result.LocalClockSkew, clockRight}}
	return []rule{
		{
			id: "data-ageing", failures: stale, when: []cond{verdict(result.Warn)},
			code: result.DataStale, sure: always(result.Strong), subject: byCheck, act: site, alike: clock,
		},
		{
			id: "data-doubtful", failures: stale, when: []cond{verdict(result.Inconclusive)},
			code: result.DataStale, sure: always(result.Hint), subject: byCheck, act: site,
			alike: []alike{{result.LocalClockSkew, nil}},
		},
		{
			id: "data-stale", failures: stale,
			code: result.DataStale, sure: always(result.Strong), subject: byCheck, act: site, alike: clock,
		},
		{
			id: "data-missing", failures: []result.Failure{result.FailMissing},
			code: result.DataMissing, sure: always(result.Strong), subject: byCheck, act: site,
		},
		{
			id: "data-unreadable", failures: []result.Failure{result.FailAccess},
			code: result.LocalPermission, sure: always(result.Likely), at: atThisMachine, subject: byCheck, act: site,
			alike: []alike{{result.DataMissing, nil}},
		},
	}
}

func verdict(v result.Verdict) cond { return func(s *symptom) bool { return s.check.Verdict == v } }
