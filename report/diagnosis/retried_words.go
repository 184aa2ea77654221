package diagnosis

import (
	"net/url"
	"slices"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// retried says what asking again with a difference showed.
func (e *sentences) retried(s *symptom) {
	r := s.retried()
	if t := s.tcp(); t != nil && slices.Contains([]result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}, s.failure) {
		switch {
		case lost(s):
			e.add("tcp-lost", i18n.Data{"Times": t.Retransmits})
		case gap(s):
			e.add("tcp-gap", nil)
		case s.op() == result.OpKeyExchange && restLost(s):
			e.add("tcp-rest-lost", i18n.Data{"Times": t.Retransmits})
		case heardOnly(s):
			e.add("tcp-heard", nil)
		}
	}
	switch {
	case worksNow(s) && s.op() == result.OpRequest:
		e.add("retry-page", nil)
		return
	case worksNow(s):
		e.add("retry-works", nil)
		return
	}
	if r.variant["repeat"] != nil && !stillFails(s) {
		return
	}
	e.difference(r, s, "small")
	e.difference(r, s, "segments")
	e.difference(r, s, "no-name")
	if plainAnswered(s) {
		e.add("retry-plain", i18n.Data{"Status": str(r.variant["plain"], factStatus)})
	}
	e.greeting(r, s)
	if objectsInText(s) {
		e.add("retry-as-text", nil)
	}
	e.others("name", s, r.names, factWanted)
	e.others("elsewhere", s, r.places, factPeer)
	for _, what := range []string{"hello", "large"} {
		if last, _, known := r.reach(what); known && last > 0 && r.router(s, last+1) != s.addr.String() {
			e.add("far-"+what, i18n.Data{"Device": r.router(s, last), "Hop": last, "Known": r.router(s, last) != unknownPlace})
		}
	}
}

// difference says whether a single change made one.
func (e *sentences) difference(r *retried, s *symptom, variant string) {
	switch st := r.variant[variant]; {
	case answeredStep(st):
		e.add("retry-"+variant, nil)
	case failedLike(s, st):
		e.add("retry-"+variant+"-fails", nil)
	}
}

// others says how other names or addresses fared.
func (e *sentences) others(sort string, s *symptom, steps []*result.Step, key string) {
	var well, ill []string
	for _, st := range steps {
		switch {
		case answeredStep(st):
			well = append(well, str(st, key))
		case failedLike(s, st):
			ill = append(ill, str(st, key))
		}
	}
	if len(well) > 0 {
		e.add("retry-"+sort, i18n.Data{"Names": list(e.lang, well), "Name": certificateFor(s)})
	}
	if len(ill) > 0 {
		e.add("retry-"+sort+"-fails", i18n.Data{"Names": list(e.lang, ill), "Name": certificateFor(s)})
	}
}

// redirected says that it was another host that sent there: a profile need not
// name it.
func (e *sentences) redirected(s *symptom) {
	for i := range s.check.Steps {
		st := &s.check.Steps[i]
		to, err := url.Parse(str(st, factLocation))
		if from := hostOf(s.check, st); err == nil && s.host != "" && to.Hostname() == s.host && from != s.host {
			e.add("redirected", i18n.Data{"From": from, "To": s.host})
		}
	}
}
