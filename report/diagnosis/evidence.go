package diagnosis

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// evidence puts into words what a finding rests on: what was seen of the
// targets, then what else the run showed.
func (w words) evidence() []string {
	e := &sentences{lang: w.lang}
	if w.g.members[0].about != outward {
		w.inbound(e)
		w.together(e)
		return e.list
	}
	w.whose(e)
	for _, d := range w.g.members {
		if len(e.list) >= maxListed {
			break
		}
		if !d.inferred {
			e.seen(d.symptom)
			e.illusion(d.symptom)
		}
	}
	w.inferred(e)
	if asked, all := w.g.tries(); asked > 0 {
		e.add("sample", i18n.Data{"Asked": i18n.Count(e.lang, asked), "All": i18n.Count(e.lang, all)})
	}
	w.path(e)
	w.ftpOffered(e)
	w.controls(e)
	if first := w.g.members[0].symptom; !first.byNmap {
		e.nmap(first)
	}
	w.names(e)
	w.proxy(e)
	w.together(e)
	if hidden := len(w.g.under); hidden > 0 {
		var names []string
		for _, d := range w.g.under {
			if !slices.Contains(names, d.host) && d.host != "" && d.check.Machine == w.g.members[0].check.Machine {
				names = append(names, d.host)
			}
		}
		if len(names) == 0 {
			return e.list // what others saw is told
		}
		e.add("under", i18n.Data{"Hosts": list(w.lang, names)})
	}
	return e.list
}

type sentences struct {
	lang string
	list []string
}

// add adds a sentence, once.
func (e *sentences) add(key string, data i18n.Data) {
	if s := i18n.T(e.lang, "evidence."+key, data); !slices.Contains(e.list, s) {
		e.list = append(e.list, s)
	}
}

// seen says what a symptom showed by itself.
func (e *sentences) seen(s *symptom) {
	if s.via != "" && s.op() == result.OpTunnel {
		return // what the proxy said is told beside
	}
	target := (&target{host: s.host, ports: s.ports}).short(e.lang)
	if s.addr.IsValid() && s.addr.String() != s.host {
		target = fmt.Sprintf("%s (%s)", target, s.addr)
	}
	step := s.step
	said := true // what failed, so that the error adds nothing
	switch m := s.ev.ICMP; {
	case s.byNmap:
		e.add("icmp-nmap", i18n.Data{"Device": m.From, "Name": icmpWords(e.lang, m), "Type": m.Type, "Code": m.Code, "Target": target})
	case m != nil:
		e.add("icmp", i18n.Data{"Device": m.From, "Name": icmpWords(e.lang, m), "Type": m.Type, "Code": m.Code, "Target": target})
	case s.op() == result.OpQuery && s.addr.IsValid() && unheard(s.failure):
		e.unheard(s.addr, s.host, s.failure, false)
	case s.op() == result.OpQuery && s.addr.IsValid():
		e.add("asked", i18n.Data{"Resolver": s.addr.String(), "Name": s.host, "Said": i18n.T(e.lang, "failure."+string(s.failure), nil)})
	case silentFailure(s) && s.op() == result.OpConnect || s.failure == result.FailNoReply:
		d := i18n.Data{"Target": target, "Waited": "", "Tries": s.ev.Attempts}
		if s.ev.Waited > 0 {
			d["Waited"] = span(e.lang, time.Duration(s.ev.Waited))
		}
		e.add("silence", d)
	case s.op() == result.OpConnect && s.failure != "" && s.failure != result.FailExpectation:
		said = s.failure.SaysAll()
		e.add("connect", i18n.Data{"Target": target, "Said": i18n.T(e.lang, "failure."+string(s.failure), nil), "Errno": s.ev.Errno})
	case s.op() == result.OpExchange && s.failure != "" && s.failure != result.FailReply:
		said = s.failure.SaysAll()
		e.add("exchange", i18n.Data{"Target": target, "Said": i18n.T(e.lang, "failure."+string(s.failure), nil), "Errno": s.ev.Errno})
	case s.failure == result.FailExpectation && s.res != nil && target != "": // of this machine the detail says it
		said = false
		e.add("expected", i18n.Data{"Target": target, "State": i18n.T(e.lang, "state."+string(s.res.State), nil)})
	default:
		said = false
	}
	if subject := str(step, factSubject); subject != "" {
		e.add("certificate", i18n.Data{
			"Subject": readable(subject), "Issuer": readable(str(step, factIssuer)),
			"From": dateOf(e.lang, str(step, factNotBefore)), "Till": dateOf(e.lang, str(step, factNotAfter)),
		})
	}
	if status := str(step, factStatus); status != "" && !saidByProxy(s) {
		e.add("status", i18n.Data{"Target": target, "Status": status})
	}
	if s.code == result.ProxyRequired || s.code == result.ProxyError && s.check.Code != result.ProxyError {
		return // the detail is what the finding says, or of the pass that was none
	}
	if s.check.Detail != "" {
		e.add("detail", i18n.Data{"Detail": i18n.Said(e.lang, s.check.Detail)})
	} else if !said && s.failure.SaysAll() {
		failure := s.failure
		if failure == result.FailDNSTimeout {
			failure = result.FailTimeout // nobody is known who said nothing
		}
		e.add("ended", i18n.Data{"Target": target, "Said": i18n.T(e.lang, "failure."+string(failure), nil)})
	} else if !said && step.Err != "" {
		e.add("error", i18n.Data{"Error": i18n.Said(e.lang, step.Err)})
	}
}

// unheard says that a resolver did not answer, and what ended the question
// instead, which the resolver did not say.
func (e *sentences) unheard(resolver netip.Addr, name string, f result.Failure, compared bool) {
	d := i18n.Data{"Resolver": resolver.String(), "Name": name, "Compared": compared, "Ended": ""}
	if f != result.FailDNSTimeout && f != result.FailTimeout && f != result.FailConnectTimeout && f != result.FailNoReply {
		d["Ended"] = i18n.T(e.lang, "failure."+string(f), nil)
	}
	e.add("unheard", d)
}

// inferred says which ports were not asked to the end.
func (w words) inferred(e *sentences) {
	var sets []portset.Set
	for _, d := range w.g.members {
		if d.inferred {
			sets = append(sets, d.ports)
		}
	}
	if ports := portset.Join(sets...); ports.Count() > 0 {
		e.add("inferred", i18n.Data{"Ports": shorten(w.lang, ports)})
	}
}

// controls says what else the run showed that the conclusion rests on.
func (w words) controls(e *sentences) {
	first := w.g.members[0]
	v := first.view
	switch first.op() {
	case result.OpHandshake, result.OpRequest, result.OpGreeting, result.OpStartTLS, result.OpKeyExchange:
		e.retried(first.symptom)
		e.redirected(first.symptom)
	case result.OpConnect, result.OpExchange:
		e.redirected(first.symptom)
		open := v.open[first.addr]
		if first.via == "" && addressMadeUpFor(first.symptom) {
			e.add("sibling", i18n.Data{"Host": first.host})
		}
		if open.Count() > 0 && !open.Overlaps(w.g.ports()) {
			e.add("same-address", i18n.Data{"Address": first.addr.String(), "Ports": shorten(w.lang, open)})
		}
		if others := v.others(first.host, first.addr); len(others) > 0 {
			e.add("others", i18n.Data{"Hosts": list(w.lang, others)})
		} else if first.joint == nil && w.g.cause().Code != result.ProxyRequired && open.Count() == 0 && silentFailure(first.symptom) && first.addr.IsValid() && !v.near(first.addr) && !addressMadeUpFor(first.symptom) {
			e.add("no-others", nil)
		}
	case result.OpQuery:
		if !slices.Contains(resolverSilence, first.failure) {
			return
		}
		var working []string
		for a := range v.resolvers {
			if a != first.addr {
				working = append(working, a.String())
			}
		}
		if slices.Sort(working); len(working) > 0 {
			e.add("resolvers", i18n.Data{"Resolvers": list(w.lang, working)})
		}
	case result.OpVerify:
		if ahead, hosts := v.skew(); len(hosts) > 0 {
			e.add("clock-off", i18n.Data{"Hosts": list(w.lang, hosts), "Off": span(w.lang, ahead), "Behind": ahead > 0})
		} else if clockRight(first.symptom) {
			e.add("clock-right", i18n.Data{"Hosts": v.clocks[0].host})
		}
	}
}

// span is a duration as people say it: two figures are enough. Where a single
// one is all of the larger unit, the smaller one says the rest.
func span(lang string, d time.Duration) string {
	d = d.Abs()
	units := []struct {
		unit time.Duration
		key  string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}}
	said := func(i, n int) string { return i18n.T(lang, "unit."+units[i].key, i18n.Data{"Count": n}) }
	for i, u := range units {
		if d < 2*u.unit {
			continue
		}
		if d < 10*u.unit && i+1 < len(units) {
			rest := d.Round(units[i+1].unit)
			if n := int(rest % u.unit / units[i+1].unit); n > 0 {
				return said(i, int(rest/u.unit)) + " " + said(i+1, n)
			}
		}
		return said(i, int((d+u.unit/2)/u.unit))
	}
	if d < 10*time.Second {
		return i18n.Seconds(lang, d)
	}
	return i18n.Number(lang, d.Seconds(), 0) + " s"
}

// dateOf is the day of a time in a certificate.
func dateOf(lang, s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return i18n.Date(lang, t)
	}
	return s
}
