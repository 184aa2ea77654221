package diagnosis

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// inboundData is what the texts of rules about the way in may speak of.
func (w words) inboundData(d i18n.Data) {
	for _, key := range []string{"Seen", "Inside", "InsideHost", "InsidePort", "Forward", "WAN", "WANProtocol", "WANGateway", "Model", "Helper", "HelperFrom", "Listener", "ListensAt", "Leads", "LastHop", "HopOut", "Reason", "Refusal", "Outside", "Knock", "Mapping"} {
		d[key] = ""
	}
	d["Direct"], d["Here"], d["Held"], d["Arrived"], d["Windows"], d["PastOuter"] = false, false, false, false, false, false
	d["CameIn"], d["Straight"], d["Before"], d["Six"], d["Farther"], d["ArrivedAt"], d["Others"], d["PrivateHost"] = false, false, false, false, false, "", "", false
	first := w.g.members[0]
	if first.about == outward {
		return
	}
	in, v := first.in, first.view
	d["Outside"], d["Knock"] = w.outside, pageOf(in.check)
	d["Direct"], d["Here"], d["Held"], d["Arrived"] = in.direct(), in.here(), in.held(), in.arrived()
	d["Windows"] = strings.Contains(strings.ToLower(v.machine.OS), "windows")
	d["CameIn"], d["Straight"] = v.cameIn, straightLine(first.symptom)
	d["PastOuter"] = in.goesIn()
	d["InsideHost"], d["InsidePort"] = w.insideHost(), shorten(w.lang, w.g.insidePorts())
	// A machine without a network has no address to name.
	d["Inside"] = cmp.Or(w.list(w.g.insides()), fmt.Sprintf("%s %s", strings.ToUpper(in.proto()), d["InsidePort"]))
	d["Listener"], d["ListensAt"] = str(in.sockets, factListener), w.list(texts(in.sockets, factListensAt))
	d["Leads"] = w.list(texts(in.name, factLeadsTo))
	d["Reason"] = i18n.Said(w.lang, cmp.Or(first.step.Err, in.check.Detail))
	if in.seen.IsValid() {
		d["Seen"] = in.seen.String()
	}
	if gw := v.gatewayFor(cmp.Or(in.seen, netip.IPv4Unspecified())); gw.IsValid() {
		d["Gateway"] = gw.String()
	}
	if in.helper != nil {
		d["Helper"], d["Refusal"] = str(in.helper, factHelper), str(first.step, factRefusal)
		if key := "inbound-refusal." + str(first.step, factRefusal); i18n.Has(key) {
			d["Reason"] = i18n.T(w.lang, key, nil)
		}
	}
	if from := in.helperFrom(); from.IsValid() {
		d["HelperFrom"] = from.String()
	}
	if wan, ok := v.wanOf(in.seen); ok {
		d["WAN"], d["WANProtocol"], d["Model"] = wan.address.String(), i18n.T(w.lang, "wan."+wan.protocol, nil), wan.device
		if wan.gateway.IsValid() {
			d["WANGateway"] = wan.gateway.String()
		}
	}
	if in.to != nil {
		if a, ttl := furthest(in.to); ttl > 0 {
			d["LastHop"] = a.String()
		}
	}
	for _, hop := range []func(*symptom) (netip.Addr, int){hopShared, hopPrivate} {
		if a, ttl := hop(first.symptom); ttl > 0 && d["HopOut"] == "" {
			d["HopOut"] = a.String()
		}
	}
	d["Six"], d["ArrivedAt"], d["Farther"] = fmt.Sprint(in.check.Spec.Fields["family"]) == "6", str(in.call, factArrivedAt), farther(first.symptom)
	named, literal := address(first.host)
	d["PrivateHost"] = literal && private(named)
	d["Others"] = w.list(in.otherAddresses())
	d["Before"] = first.about == inwardCall && first.ev.ICMP != nil && beforeShop(first.symptom)
	if in.mapping.IsValid() {
		d["Mapping"] = in.mapping.String()
	}
	d["Forward"] = i18n.T(w.lang, "inbound-forward", d)
}

// otherAddresses are those of this machine, of the same family, to which calls
// may be led instead of the one that is meant.
func (in *inward) otherAddresses() []string {
	var all []string
	inside := in.inside().Addr()
	for _, p := range in.view.prefixes {
		if a := p.Addr(); in.here() && inside.IsValid() && a.Is4() == inside.Is4() && a != inside && !a.IsLoopback() && !a.IsLinkLocalUnicast() {
			all = append(all, a.String())
		}
	}
	return all
}

// helperFrom is the address from which the helper called; where it does not
// say, that at which it was asked.
func (in *inward) helperFrom() netip.Addr {
	if a, ok := address(str(in.call, factCalledFrom)); ok {
		return a
	}
	for i := range in.check.Steps {
		s := &in.check.Steps[i]
		if a, ok := address(str(s, factPeer)); ok && s.Op == result.OpConnect && s.Failure == "" && within(in.check, s, result.OpVantage) {
			return a
		}
	}
	return netip.Addr{}
}

// insideHost is the address that the calls are to be handed on to.
func (w words) insideHost() string {
	a := w.g.members[0].in.inside().Addr()
	if !a.IsValid() {
		return i18n.T(w.lang, "owner.this-machine", nil)
	}
	return a.String()
}

// inbound says what the outside and the inside showed.
func (w words) inbound(e *sentences) {
	first := w.g.members[0]
	v := first.view
	for _, d := range w.g.members {
		if len(e.list) >= maxListed {
			break
		}
		e.called(d.symptom)
	}
	in := first.in
	if wan, ok := v.wanOf(in.seen); ok && first.about != inwardService {
		e.add("inbound-wan", i18n.Data{"Gateway": wan.gateway.String(), "Protocol": i18n.T(e.lang, "wan."+wan.protocol, nil), "WAN": wan.address.String(), "Seen": shown(in.seen), "Same": wan.address == in.seen, "Model": wan.device})
	}
	if wanNone(first.symptom) && first.about != inwardService {
		e.add("inbound-wan-none", nil)
	}
	if in.mapping.IsValid() {
		e.add("inbound-mapping", i18n.Data{"Proto": strings.ToUpper(in.proto()), "Port": first.ports.String(), "Mapping": in.mapping.String()})
	}
	switch first.about {
	case inwardHelper:
		if in.helper != nil && in.helper.Err != "" {
			e.add("error", i18n.Data{"Error": in.helper.Err})
			if t := first.trail(); t != nil {
				e.way(first.symptom, t)
			}
		} else if in.helper == nil {
			e.add("inbound-no-helper", nil)
		}
	case inwardName:
		e.add("inbound-name", i18n.Data{"Host": str(in.name, factPublicHost), "Leads": list(e.lang, texts(in.name, factLeadsTo)), "Seen": shown(in.seen)})
	case inwardCall, inwardLine:
		if a, ttl := hopShared(first.symptom); ttl > 0 {
			e.add("inbound-hop", i18n.Data{"Hop": ttl, "Device": a.String(), "Shared": true})
		} else if a, ttl := hopPrivate(first.symptom); ttl > 0 {
			e.add("inbound-hop", i18n.Data{"Hop": ttl, "Device": a.String(), "Shared": false})
		}
		if n, known := in.further(); known && n > 0 {
			e.add("inbound-further", i18n.Data{"Count": n, "Seen": shown(in.seen)})
		}
	}
	e.inside(first.symptom)
	if v.cameIn && !in.arrived() && first.about == inwardCall {
		e.add("inbound-others-came", nil)
	}
}

// shown is an address, or nothing where there is none.
func shown(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// called says what became of a call, how far it got, and what became of the one
// for control.
func (e *sentences) called(s *symptom) {
	in := s.in
	if in.state() == "" {
		return
	}
	state := func(st *result.Step) string {
		return i18n.T(e.lang, "state."+cmp.Or(str(st, factCallState), "unknown"), nil)
	}
	d := i18n.Data{"Target": (&target{host: in.seen.String()}).at(s.ports.String()), "Proto": strings.ToUpper(in.proto()), "State": state(in.call), "Device": "", "Words": ""}
	if m := s.ev.ICMP; m != nil {
		d["Device"], d["Words"] = m.From, icmpWords(e.lang, m)
	}
	e.add("inbound-call", d)
	how := func(key string, t *trail, st *result.Step) {
		if t == nil {
			return
		}
		d := i18n.Data{"Last": "", "Hop": t.end.TTL, "Public": in.passed(t) > 0, "Seen": in.seen.String(), "State": state(st), "Port": str(st, factCallPort)}
		if a, ttl := furthest(t); ttl > 0 {
			d["Last"] = a.String()
		}
		e.add(key, d)
	}
	how("inbound-way", in.to, in.call)
	how("inbound-control", in.past, in.control)
}

// inside says who listened here, and who came in.
func (e *sentences) inside(s *symptom) {
	in := s.in
	d := i18n.Data{
		"Scope": str(in.sockets, factScope), "Inside": in.inside().String(), "Port": in.inside().Port(), "Proto": strings.ToUpper(in.proto()),
		"Process": str(in.sockets, factListener), "Sockets": list(e.lang, texts(in.sockets, factListensAt)), "Held": in.held(),
	}
	if d["Scope"] != "" && in.here() {
		e.add("inbound-listens", d)
	}
	if in.state() == "" {
		return
	}
	came := slices.Concat(texts(in.stood, factCameIn), texts(in.connections, factHalfOpen))
	switch {
	case in.arrived():
		e.add("inbound-arrived", i18n.Data{"Proof": in.proof()})
	case in.proof() == "foreign":
		e.add("inbound-foreign", nil)
	case in.held() && len(came) == 0:
		e.add("inbound-nobody-came", i18n.Data{"Inside": in.inside().String()})
	case len(came) > 0:
		e.add("inbound-came", i18n.Data{"From": list(e.lang, came)})
	case in.state() == result.Open && in.listens() && in.here() && in.readable():
		e.add("inbound-no-connection", nil)
	}
}

// pageOf is what a phone's browser can be told to open where nothing better
// looks from outside: whatever the service speaks, the browser connects to it.
func pageOf(c *result.Check) string {
	s := &result.Step{Facts: c.Spec.Fields}
	host, port := str(s, "public_host"), str(s, "public_port")
	if host == "" || port == "" || str(s, "proto") == "udp" {
		return ""
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}
