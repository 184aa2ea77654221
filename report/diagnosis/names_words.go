package diagnosis

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// names says what else was heard of the names that a finding is about: from
// other servers, to random names, by TCP, from nearer than the server is.
func (w words) names(e *sentences) {
	first := w.g.members[0].symptom
	if !strings.HasPrefix(string(w.g.cause().Code), "dns.") {
		return
	}
	v := first.view
	asked := first.addr // the server that the finding is about
	if first.op() != result.OpQuery {
		asked = netip.Addr{}
	}
	if own := v.names.hosts[nameKey(first.host)]; len(own) > 0 {
		e.add("hosts-file", i18n.Data{"Name": first.host, "Addresses": w.listed(own)})
	}
	if long, ok := captured(first); ok {
		e.add("suffixed", i18n.Data{"Name": first.host, "Longer": long, "Address": first.addr.String()})
	}
	for _, r := range v.names.replies(first.host) {
		d := i18n.Data{"Resolver": r.server.String(), "Name": first.host, "Compared": r.reference, "Addresses": w.listed(r.addrs), "Said": i18n.T(w.lang, "failure."+string(r.failure), nil)}
		switch {
		case len(r.addrs) > 0:
			e.add("gives", d)
		case r.server != asked && r.failure != "" && unheard(r.failure):
			e.unheard(r.server, first.host, r.failure, r.reference)
		case r.server != asked && r.failure != "" && r.reference:
			e.add("denies", d)
		case r.server != asked && r.failure != "":
			e.add("asked", d)
		}
		if hop, _, ok := v.answeredNear(r.server); ok {
			e.add("near", i18n.Data{"Resolver": r.server.String(), "Hop": hop})
		}
	}
	if server, ok := v.rewriter(first.leads()); ok {
		e.add("rewrites", i18n.Data{"Resolver": server.String(), "Addresses": w.listed(v.given(server))})
	}
	if asked.IsValid() {
		w.server(e, first)
	}
	if w.g.cause().Code == result.DNSSlow {
		w.took(e, first)
	}
	for _, a := range v.names.there[nameKey(first.host)] {
		e.add("there", i18n.Data{"Host": first.host, "Compared": len(v.names.hosts[nameKey(first.host)]) == 0, "Address": a.addr.String(), "Port": a.port, "Open": a.open, "Trusted": a.trusted})
	}
}

// otherServer names a DNS server that answers where the one that a finding is
// about does not.
func (w words) otherServer() string {
	switch w.g.cause().Code {
	case result.DNSResolverUnreachable, result.DNSServFail, result.DNSRefused:
	default:
		return ""
	}
	fails := func(a netip.Addr) bool {
		return slices.ContainsFunc(w.g.members, func(d diagnosed) bool { return d.op() == result.OpQuery && d.addr == a })
	}
	for _, d := range w.g.members {
		for _, r := range d.view.elsewhere(d.host, netip.Addr{}) {
			if len(r.addrs) > 0 && !fails(r.server) {
				return i18n.T(w.lang, "other-server", i18n.Data{"Resolver": r.server.String(), "Name": d.host})
			}
		}
	}
	return ""
}

// took says how long answers took, asked once more.
func (w words) took(e *sentences, s *symptom) {
	if s.failure == "" && time.Duration(s.step.Duration) >= slowlyFound {
		e.add("looked-up", i18n.Data{"Name": s.host, "Took": span(w.lang, time.Duration(s.step.Duration))})
	}
	for _, said := range slices.Concat(s.view.names.words[nameKey(s.host)], s.view.names.random[s.addr]) {
		if said.again && said.server == s.addr && said.took >= longAnswer && answered(said.failure) {
			e.add("took", i18n.Data{"Resolver": s.addr.String(), "Took": span(w.lang, said.took)})
			return
		}
	}
}

// server says what else was seen of the server that a finding is about.
func (w words) server(e *sentences, s *symptom) {
	d := i18n.Data{"Resolver": s.addr.String(), "Name": s.host}
	if said := s.view.names.random[s.addr]; len(said) > 0 && len(s.view.given(s.addr)) == 0 && s.failure != result.FailNXDomain {
		d["Said"] = i18n.T(w.lang, "failure."+string(said[0].failure), nil)
		e.add("random", d)
	}
	var texts []string
	for _, said := range s.view.names.words[nameKey(s.host)] {
		if said.server != s.addr {
			continue
		}
		for _, t := range said.extended {
			if !slices.Contains(texts, t) {
				texts = append(texts, t)
			}
		}
	}
	if len(texts) > 0 {
		d["Text"] = strings.Join(texts, "; ")
		e.add("extended", d)
	}
	switch {
	case signed(s):
		e.add("unsigned", d)
	case unsigned(s):
		e.add("signed-or-not", d)
	}
	if slices.Contains(resolverSilence, s.failure) {
		switch {
		case tcpAnswers(s):
			e.add("by-tcp", d)
		case hangs(s):
			e.add("hangs", d)
		case tcpReached(s):
			e.add("tcp-refused", d)
		}
		if last, _, hop := s.view.lastHop(s.addr); hop > 0 {
			d["Last"], d["Hop"] = last, hop
			e.add("questions-reach", d)
		}
	} else if s.failure == result.FailDNSTCP && tcpDead(s) {
		e.add("tcp-dead", d)
	}
}

func (w words) listed(as []netip.Addr) string {
	all := make([]string, len(as))
	for i, a := range as {
		all[i] = a.String()
	}
	return list(w.lang, all)
}
