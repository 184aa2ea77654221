package diagnosis

import (
	"net/netip"
	"slices"
	"strconv"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// pathData is what the texts of rules about the path may speak of.
func (w words) pathData(d i18n.Data) {
	first := w.g.members[0]
	d["At"], d["Last"], d["Next"], d["Hop"], d["Passes"], d["Network"] = "", "", "", 0, "", ""
	d["Tunnel"] = first.tunnelLink()
	lost, asked := first.view.lossOf(first.addr)
	d["Lost"], d["Asked"] = lost, asked
	d["Near"] = gatewayLoses(first.symptom) || first.addr.IsValid() && first.view.near(first.addr)
	if at := w.g.cause().At; at != nil {
		d["At"], d["Hop"] = at.Address, at.Hop
		if len(at.Between) == 2 {
			d["Last"], d["Next"] = router(first.symptom, at.Between[0]), router(first.symptom, at.Between[1])
		}
	}
	if hosts := w.g.hosts(); len(hosts) == 1 && first.addr.IsValid() {
		if open := first.view.open[first.addr]; open.Count() > 0 && !open.Overlaps(w.g.ports()) {
			if declared, asked := portset.Sampled(first.check, first.addr.String()); declared != nil {
				open = portset.Join(open, open.And(declared).Between(asked, declared)) // as the ports that fail are told
			}
			d["Passes"] = shorten(w.lang, open)
		}
	}
	for _, p := range first.view.prefixes {
		if first.addr.IsValid() && p.Contains(first.addr) {
			d["Network"] = p.Masked().String()
		}
	}
}

// router is one end of an interval if it is a device on the way, and not this
// machine or nobody known.
func router(s *symptom, end string) string {
	if a, ok := address(end); !ok || s.view.own(a) || a == s.addr {
		return ""
	}
	return end
}

// path says what sweeps, and this machine and its link, showed of the targets.
func (w words) path(e *sentences) {
	rests := []result.Code{
		result.TCPFiltered, result.TCPRejected, result.TCPResetByMiddlebox, result.TCPClosed, result.TCPRefused, result.PathNoRoute, result.PathLoop, result.PathLoss,
		result.PathIPv6Broken, result.PathAddressDead, result.HostDown, result.HostFirewall, result.LocalFirewall, result.LocalGatewayDown, result.LocalWrongNetmask, result.LocalVPN,
		result.UDPNoReply, result.UDPRejected, result.UDPClosed, result.FTPDataBlocked,
	}
	if !slices.Contains(rests, w.g.cause().Code) {
		return
	}
	told := 0
	said := map[*trail]bool{}
	for _, d := range w.g.members {
		if told == maxListed {
			break
		}
		if t := d.trail(); t != nil && !said[t] {
			said[t] = true
			told++
			e.way(d.symptom, t)
		}
	}
	if first := w.g.members[0].symptom; first.trail() == nil && first.bornAt(first.ports) > 0 {
		e.unswept(first)
	}
	e.here(w.g.members[0].symptom)
	e.lost(w.g.members[0].symptom)
}

// again says that the place may be found later, where no router answered, not
// even for packets that went past it.
func (w words) again() string {
	at := w.g.cause().At
	if at == nil || len(at.Between) != 2 || at.Between[1] != unknownPlace || at.Hop > 0 {
		return ""
	}
	s := w.g.members[0].symptom
	t := s.trail()
	if t == nil || !t.quiet || t.last > 0 {
		return ""
	}
	for _, k := range s.view.trails {
		if k.end.State == result.Open && k.end.TTL > 1 && k.last == 0 && k.to.Is4() == s.addr.Is4() {
			return i18n.T(w.lang, "again", nil)
		}
	}
	return ""
}

// way says how far packets got, and how far a control's did.
func (e *sentences) way(s *symptom, t *trail) {
	name := func(t *trail, host string) string {
		if t.to != s.addr || host == "" {
			host = t.to.String()
		}
		return (&target{host: host}).at(strconv.Itoa(t.port))
	}
	d := i18n.Data{"Target": name(t, s.host), "Last": "", "Hop": t.last}
	if a, ok := t.at(t.last); ok {
		d["Last"] = a.String()
	}
	switch {
	case t.end.State == result.Closed:
		d["Hop"] = t.end.TTL
		e.add("way-refused", d)
		e.answered(s, t)
	case t.end.TTL > 0:
		return // it was said who
	case t.last == 0:
		e.add("way-none", d)
	default:
		e.add("way", d)
	}
	control := s.goal()
	if further := s.further(); control == nil && len(further) > 0 {
		control = further[0]
	}
	if control == nil || control.end.State != result.Open {
		return
	}
	d = i18n.Data{"Target": name(control, s.host), "Hop": control.end.TTL, "Last": ""}
	if a, ok := control.next(t.last); ok && t.end.TTL == 0 {
		d["Last"] = a.String()
	}
	e.add("way-control", d)
}

// answered says with which TTL a refusal came.
func (e *sentences) answered(s *symptom, t *trail) {
	ttl := s.answerTTL(t.port)
	if ttl == 0 || distance(ttl) == 0 {
		return
	}
	d := i18n.Data{"Target": (&target{host: s.host}).at(strconv.Itoa(t.port)), "TTL": ttl, "Open": 0, "Port": 0}
	d["Hops"] = i18n.T(e.lang, "unit.hops", i18n.Data{"Count": distance(ttl)})
	if g := s.sameGoal(); g != nil && s.answerTTL(g.port) > 0 {
		d["Open"], d["Port"] = s.answerTTL(g.port), g.port
	}
	e.add("answer-ttl", d)
}

// here says what this machine and its link told.
func (e *sentences) here(s *symptom) {
	target := (&target{host: s.host, ports: s.ports}).short(e.lang)
	if leaves, known := s.departs(); known && !leaves {
		e.add("stays", i18n.Data{"Target": target})
	} else if known && silentFailure(s) {
		e.add("leaves", i18n.Data{"Target": target})
	}
	switch next, is := s.neighbour(); {
	case is == "silent":
		e.add("neighbour-silent", i18n.Data{"Next": next.String()})
	case is == "answers" && next == s.addr && next != (netip.Addr{}):
		e.add("neighbour-answers", i18n.Data{"Next": next.String()})
	}
}

// lost says how many packets got lost, and where it was counted.
func (e *sentences) lost(s *symptom) {
	for _, a := range []netip.Addr{s.addr, s.view.gatewayFor(s.addr)} {
		if lost, asked := s.view.lossOf(a); asked > 0 {
			e.add("lost", i18n.Data{"Address": a.String(), "Lost": lost, "Asked": asked})
		}
		if lost, asked := s.view.countLost(a, factAskedSlowly, factLostSlowly); asked > 0 {
			e.add("lost-slowly", i18n.Data{"Address": a.String(), "Lost": lost, "Asked": asked})
		}
	}
}

// unswept says with which TTLs a refusal and another port's answer came, where
// no sweep was made.
func (e *sentences) unswept(s *symptom) {
	born, open := s.bornAt(s.ports), s.bornAt(s.view.open[s.addr])
	if open == 0 {
		return
	}
	hops := func(n int) string { return i18n.T(e.lang, "unit.hops", i18n.Data{"Count": n}) }
	e.add("answers-ttl", i18n.Data{"Target": (&target{host: s.host, ports: s.ports}).short(e.lang), "Refused": hops(born), "Open": hops(open)})
}
