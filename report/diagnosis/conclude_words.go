package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// called is a machine in a sentence, in the words of the profile's role.
func (o *party) called(lang string) string {
	return cmp.Or(o.title.In(lang), o.machine.Role, o.machine.Name, o.machine.ID)
}

// jointData is what the texts of conclusions may speak of.
func (w words) jointData(d i18n.Data) {
	first := w.g.members[0]
	j := first.joint
	if j == nil {
		return
	}
	d["Own"], d["Other"] = j.own.called(w.lang), j.other.called(w.lang)
	d["There"], d["From"], d["Silent"] = "", "", first.ev.ICMP == nil && !refusedOnWay(first.symptom)
	d["Meet"], d["MayBeDown"] = w.g.meet(), slices.Contains(w.g.cause().NotExcluded, result.HostDown)
	d["MayBeClosed"] = slices.Contains(w.g.cause().NotExcluded, result.TCPClosed)
	d["OneGateway"] = oneGateway(first.symptom)
	there := whereKnown(&first)
	d["Both"] = there.IsValid() && passesToo(j.other, there)
	d["Listed"] = listedOnly(first.symptom)
	d["Sure"] = settled(w.g.cause())
	d["Loopback"] = w.g.cause().Code == result.ListenLoopbackOnly
	d["Listens"] = w.list(listenedAt(j))
	d["AtOther"] = list(w.lang, j.other.addresses(first.symptom))
	if first.check.Kind == "listen" { // its ports are no target
		d["Service"] = strings.ToUpper(protoListened(first.check)) + " " + shorten(w.lang, w.g.notListened())
	}
	if j.from != nil {
		d["From"] = j.from.called(w.lang)
	}
	if at := w.g.cause().At; at != nil && len(at.Between) == 2 {
		d["There"] = router(first.symptom, at.Between[0])
	} else if at != nil {
		d["There"] = at.Address
	}
}

// meet is the device that all machines' packets are known to get to; "" if it is
// not known of all of them.
func (g *group) meet() string {
	device := whereKnown(&g.members[0])
	met := device.IsValid()
	n := 0
	for i := range g.under {
		if d := &g.under[i]; d.joint != nil {
			met = met && whereKnown(d) == device
			n++
		}
	}
	if !met || n == 0 {
		return ""
	}
	return device.String()
}

// notListened are the ports of checks that look for who listens.
func (g *group) notListened() portset.Set {
	var sets []portset.Set
	for _, d := range g.members {
		if d.res != nil {
			sets = append(sets, portset.Parse(d.res.Ports))
		}
	}
	return portset.Join(sets...)
}

// listenedAt is where programs of the other machine listen.
func listenedAt(j *joint) []string {
	var all []string
	for _, ap := range j.sockets {
		if s := ap.String(); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// addresses are a machine's own, of the family that a symptom is of.
func (o *party) addresses(s *symptom) []string {
	var all []string
	for _, p := range o.view.prefixes {
		if a := p.Addr(); a.Is4() == s.addr.Is4() && !a.IsLinkLocalUnicast() && !a.IsLoopback() {
			all = append(all, a.String())
		}
	}
	return all
}

// whose says from which machine a conclusion's finding is told.
func (w words) whose(e *sentences) {
	if first := w.g.members[0]; first.joint != nil {
		e.add("joint-own", i18n.Data{"Machine": first.joint.own.called(w.lang)})
	}
}

// onceMore asks for runs at one time, where these were not.
func (w words) onceMore() string {
	for _, d := range w.g.all() {
		if d.joint != nil && d.joint.apart() > oneTime {
			return i18n.T(w.lang, "joint-again", i18n.Data{"Apart": span(w.lang, d.joint.apart())})
		}
	}
	return ""
}

// together says what other machines showed that a conclusion rests on, and when,
// where something may have changed in between.
func (w words) together(e *sentences) {
	var earliest, latest *party
	saw := func(o *party) {
		if earliest == nil || o.view.now.Before(earliest.view.now) {
			earliest = o
		}
		if latest == nil || o.view.now.After(latest.view.now) {
			latest = o
		}
	}
	for _, d := range w.g.members {
		j := d.joint
		if j == nil || len(e.list) >= 3*maxListed {
			continue
		}
		saw(j.own)
		saw(j.other)
		key := map[jointKind]string{outerPasses: "joint-passes", innerPasses: "joint-passes", listens: "joint-listens", comesIn: "joint-passes", comesInElsewhere: "joint-passes", otherWay: "joint-passes"}[j.kind]
		if j.check.Kind == "listen" {
			key = "joint-listens"
		}
		if key != "" {
			e.add(key, i18n.Data{"Machine": j.other.called(w.lang), "Check": titles([]*result.Check{j.check}, w.lang)[0], "Back": j.kind == otherWay})
		}
		if j.inside != nil && j.inside != j.check {
			e.add("joint-passes", i18n.Data{"Machine": j.from.called(w.lang), "Check": titles([]*result.Check{j.inside}, w.lang)[0], "Back": false})
		}
	}
	for _, d := range w.g.under {
		if d.joint != nil && d.about == outward && len(e.list) < 4*maxListed {
			saw(d.joint.own)
			e.add("joint-fails", i18n.Data{"Machine": d.joint.own.called(w.lang), "Check": titles([]*result.Check{d.check}, w.lang)[0], "Said": i18n.T(w.lang, "failure."+string(d.failure), nil)})
		}
	}
	if earliest != nil && latest.view.now.Sub(earliest.view.now) > oneTime {
		e.add("joint-apart", i18n.Data{"Apart": span(w.lang, latest.view.now.Sub(earliest.view.now)), "First": earliest.called(w.lang), "FirstAt": i18n.Minute(w.lang, earliest.view.now.UTC()), "Last": latest.called(w.lang), "LastAt": i18n.Minute(w.lang, latest.view.now.UTC())})
	}
}
