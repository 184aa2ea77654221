package diagnosis

import (
	"slices"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// ftpRules are about FTP: what the server said, and its data connections, which
// are connects like any other and need a rule in the firewall of their own. Of
// those the way tells where they end.
func ftpRules() []rule {
	connect := []result.Op{result.OpConnect}
	silence := []result.Failure{result.FailConnectTimeout, result.FailTimeout}
	refusal := []result.Failure{result.FailRefused, result.FailReset}
	cut := []result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}
	onWay := stops(onTheWay, onTheTrunk, atStart)
	return []rule{
		{
			// Another of its ports got through: a rule that does not know
			// them all.
			id: "ftp-data-partly", ops: connect, when: []cond{forData, not(staysHere), verdict(result.Warn), not(noRoute)},
			code: result.FTPDataBlocked, sure: always(result.Likely), at: swept, subject: byHost, request: true,
			alike: []alike{{result.HostFirewall, nil}, {result.PathLoss, refused}},
		},
		{
			id: "ftp-data-rejected", ops: connect, when: []cond{forData, icmp, not(fromOwn)},
			code: result.FTPDataBlocked, sure: always(result.Certain), at: atDevice, subject: byHost, request: true,
		},
		{
			// Only PASV was to be had, and its address is not the server's:
			// the port was tried at the server's own, where it need not be.
			id: "ftp-address-blocked", ops: connect, failures: slices.Concat(silence, refusal), when: []cond{forData, namesAnother, not(byEPSV)},
			code: result.FTPPassiveAddress, sure: always(result.Likely), at: swept, subject: byHost, act: vendor,
			alike: []alike{{result.FTPDataBlocked, nil}}, see: "RFC 959, 4.1.2; RFC 2428, 3",
		},
		{
			id: "ftp-data-dropped", ops: connect, failures: silence, when: []cond{forData, not(staysHere), onWay},
			code: result.FTPDataBlocked, sure: either(knownAway, result.Strong, result.Likely), at: swept, subject: byHost, request: true,
			alike: []alike{{result.HostFirewall, placed}, {result.LocalFirewall, leavesHere}},
		},
		{
			id: "ftp-data-silent", ops: connect, failures: silence, when: []cond{forData, not(staysHere)},
			code: result.FTPDataBlocked, sure: always(result.Likely), at: swept, subject: byHost, request: true,
			alike: []alike{{result.HostFirewall, nil}, {result.LocalFirewall, notHere}},
		},
		{
			id: "ftp-data-reset", ops: connect, failures: refusal, when: []cond{forData, not(staysHere), refusedBy(firstHop, nearer, nearBefore, otherDevice)},
			code: result.FTPDataBlocked, sure: always(result.Strong), at: atResetter, subject: byHost, request: true,
			alike: []alike{{result.LocalFirewall, anyOf(leavesHere, not(refusedBy(firstHop)))}},
		},
		{
			// It listens where it said that it does, or its router does not
			// pass the port on to it.
			id: "ftp-data-refused", ops: connect, failures: refusal, when: []cond{forData, not(staysHere)},
			code: result.FTPDataBlocked, sure: always(result.Likely), at: whoRefuses, subject: byHost, request: true,
			alike: []alike{{result.HostFirewall, nil}, {result.TCPResetByMiddlebox, refusedBy(destination, entrance)}},
		},
		{
			// The very command that firewalls read along for: EPSV and PASV
			// are where their helpers step in, and break it off.
			id: "ftp-passive-cut", ops: []result.Op{result.OpPassive}, failures: cut,
			code: result.FTPDataBlocked, sure: always(result.Likely), at: silent, subject: byHost, act: network,
			alike: []alike{{result.ProtoBlocked, nil}, {result.FTPUnavailable, nil}},
		},
		{
			id: "ftp-list-cut", ops: []result.Op{result.OpList}, failures: cut,
			code: result.FTPDataBlocked, sure: always(result.Likely), at: silent, subject: byHost, act: network,
			alike: []alike{{result.PathMTUBlackhole, nil}, {result.PathLoss, nil}, {result.TCPTransparentProxy, nil}},
		},
		{
			// STARTTLS of mail and the like has rules of its own.
			id: "ftp-tls-cut", ops: []result.Op{result.OpStartTLS}, failures: cut, when: []cond{kind("ftp", "fresh")},
			code: result.ProtoBlocked, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.FTPUnavailable, nil}},
		},
		{
			id: "ftp-cut", ops: []result.Op{result.OpFeatures, result.OpLogin, result.OpProtect, result.OpDirectory}, failures: cut,
			code: result.ProtoBlocked, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.FTPUnavailable, nil}, {result.PathLoss, nil}},
		},
		{
			id: "ftp-unavailable", failures: []result.Failure{result.FailFTPUnavailable},
			code: result.FTPUnavailable, sure: always(result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.FTPTLSRequired, anyOf(overTLS, not(atLogin))}},
		},
		{
			id: "ftp-no-tls", failures: []result.Failure{result.FailFTPNoTLS},
			code: result.FTPNoTLS, sure: always(result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, nil}}, see: "RFC 4217, 4",
		},
		{
			id: "ftp-tls-required", failures: []result.Failure{result.FailFTPTLSRequired},
			code: result.FTPTLSRequired, sure: either(byPolicy, result.Certain, result.Likely), at: atAnswer, subject: byHost, act: site,
			alike: []alike{{result.FTPLogin, byPolicy}}, see: "RFC 4217, 12",
		},
		{
			id: "ftp-login", failures: []result.Failure{result.FailFTPLogin},
			code: result.FTPLogin, sure: always(result.Strong), at: atAnswer, subject: byHost, act: site,
			alike: []alike{{result.FTPTLSRequired, anyOf(overTLS, passwordRefused)}},
		},
		{
			id: "ftp-password", failures: []result.Failure{result.FailFTPPassword},
			code: result.FTPLogin, sure: always(result.Certain), subject: byHost, act: site,
		},
		{
			id: "ftp-clear-text", failures: []result.Failure{result.FailFTPClearText},
			code: result.FTPClearText, sure: always(result.Certain), at: atTarget, subject: byHost, act: vendor, see: "RFC 4217",
		},
		{
			id: "ftp-directory", failures: []result.Failure{result.FailFTPDirectory},
			code: result.FTPDirectory, sure: always(result.Strong), at: atAnswer, subject: byHost, act: site,
		},
		{
			id: "ftp-passive", failures: []result.Failure{result.FailFTPPassive},
			code: result.FTPDataBlocked, sure: always(result.Likely), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, nil}}, see: "RFC 959, 4.1.2; RFC 2428, 3",
		},
		{
			id: "ftp-passive-address", failures: []result.Failure{result.FailFTPAddress},
			code: result.FTPPassiveAddress, sure: either(namesPublic, result.Likely, result.Strong), at: atTarget, subject: byHost, act: vendor, see: "RFC 959, 4.1.2; RFC 2428, 3",
			alike: []alike{{result.FTPDataBlocked, not(namesPublic)}}, // of an address that nobody tried
		},
		{
			id: "ftp-tls-reuse", failures: []result.Failure{result.FailFTPTLSReuse},
			code: result.FTPTLSReuse, sure: always(result.Likely), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.FTPDataBlocked, nil}},
		},
		{
			id: "ftp-data", failures: []result.Failure{result.FailFTPData},
			code: result.FTPDataBlocked, sure: always(result.Likely), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.TCPTransparentProxy, nil}},
		},
	}
}

// The facts of FTP.
const (
	factReplyCode = "ftp.reply_code"
	factReply     = "ftp.reply"
	factSecure    = "ftp.secure"
	factOffersTLS = "ftp.offers_tls"
	factCommand   = "ftp.command"
	factDataPort  = "ftp.passive.port"
	factDataPorts = "ftp.passive.ports"
	factNamed     = "ftp.passive.address"
	factDirectory = "ftp.directory"
)

// forData tells whether it was a data connection that failed.
func forData(s *symptom) bool {
	return slices.ContainsFunc(ancestry(s.shown, s.step), func(st *result.Step) bool { return st.Op == result.OpData })
}

// knownAway tells whether the way of a data connection is known to end on the
// way, and not on this machine.
func knownAway(s *symptom) bool { return placed(s) && leavesHere(s) }

func refused(s *symptom) bool { return s.failure == result.FailRefused }

// noRoute tells whether this machine said so by itself.
func noRoute(s *symptom) bool { return s.failure == result.FailNoRoute }

// namesAnother tells whether the server named another address for its data
// connections than its own.
func namesAnother(s *symptom) bool { return named(s) != nil }

// namesPublic tells whether it is one that may well lead to the server, such as
// another of its own: nobody tried.
func namesPublic(s *symptom) bool {
	st := named(s)
	if st == nil {
		return false
	}
	a, ok := address(str(st, factNamed))
	return ok && a.IsGlobalUnicast() && !private(a) && !sharedSpace.Contains(a)
}

func named(s *symptom) *result.Step {
	i := slices.IndexFunc(s.check.Steps, func(st result.Step) bool { return st.Failure == result.FailFTPAddress })
	if i < 0 {
		return nil
	}
	return &s.check.Steps[i]
}

// byEPSV tells whether a data connection was tried as EPSV has it, which names
// no address.
func byEPSV(s *symptom) bool {
	return slices.ContainsFunc(s.check.Steps, func(st result.Step) bool { return st.Op == result.OpData && str(&st, factCommand) == "EPSV" })
}

// byPolicy tells whether the reply's code says by itself that a policy forbids
// it (RFC 2228).
func byPolicy(s *symptom) bool { return str(s.step, factReplyCode) == "534" }

func overTLS(s *symptom) bool       { return str(s.step, factSecure) == "true" }
func tlsNotOffered(s *symptom) bool { return str(s.step, factOffersTLS) == "false" }

// atLogin tells whether it was the login that was answered so.
func atLogin(s *symptom) bool { return s.op() == result.OpLogin }

// passwordRefused tells whether a server that does not offer TLS wanted to know
// the password before it refused: one that wants TLS refuses the name.
func passwordRefused(s *symptom) bool { return tlsNotOffered(s) && str(s.step, factCommand) == "PASS" }

// whoRefuses is whoever refused, as far as the distance of its answer tells.
func whoRefuses(s *symptom) *result.Place {
	if refusedBy(destination, entrance)(s) {
		return atDestination(s)
	}
	return silent(s)
}

// wide is how many ports lie between those that a server offers if it has a
// range of its own; else it takes whichever the system gives it.
const wide = 4096

// dataPorts are the ports that the server's data connections need: those that
// the profile names, else what lies between those that were offered.
func dataPorts(c *result.Check, failed portset.Set) portset.Set {
	if declared := portset.Parse(declaredPorts(c.Spec.Fields["passive_ports"])); declared.Count() > 0 {
		return declared
	}
	all := failed
	for i := range c.Steps {
		st := &c.Steps[i]
		all = portset.Join(all, portset.Parse(str(st, factDataPorts)), portset.Parse(str(st, factDataPort)))
	}
	if len(all) == 0 {
		return failed
	}
	first, last := all[0].First, all[len(all)-1].Last
	if int(last)-int(first) > wide {
		return portset.Set{{First: 1024, Last: 65535}}
	}
	return portset.Set{{First: first, Last: last}}
}

// offeredOnly tells whether the ports are those that a server happened to offer
// for data connections, of a range that only whoever runs it knows.
func (g *group) offeredOnly() bool {
	return slices.ContainsFunc(g.members, func(d diagnosed) bool {
		return forData(d.symptom) && d.cover.Count() <= wide && declaredPorts(d.check.Spec.Fields["passive_ports"]) == ""
	})
}

// declaredPorts is a profile's field of ports as a set has it.
func declaredPorts(v any) string {
	return str(&result.Step{Facts: result.Facts{"": v}}, "")
}

// remarked are the steps with what is wrong about an FTP server that works all
// the same, but for the one that is told in any case.
func remarked(v *view, c *result.Check, fatal *result.Step) []*symptom {
	if c.Verdict != result.Warn {
		return nil
	}
	var ss []*symptom
	seen := map[result.Failure]bool{fatal.Failure: true}
	for i := range c.Steps {
		st := &c.Steps[i]
		if (st.Failure == result.FailFTPClearText || st.Failure == result.FailFTPAddress) && !seen[st.Failure] {
			seen[st.Failure] = true
			ss = append(ss, ofStep(v, c, st))
		}
	}
	return ss
}

// ftpData is what the texts of rules about FTP may speak of.
func (w words) ftpData(d i18n.Data) {
	first := w.g.members[0].symptom
	d["Reply"] = str(first.step, factReply)
	d["Directory"] = str(first.step, factDirectory)
	d["Files"] = first.step.Op == result.OpProtect // not the login, but what data connections carry
	d["Secure"] = slices.ContainsFunc(first.check.Steps, func(st result.Step) bool { return st.Op == result.OpLogin && str(&st, factSecure) == "true" })
	d["OffersTLS"] = str(first.step, factOffersTLS) == "true"
	d["Public"], d["AtServer"] = namesPublic(first), false
	d["Named"], d["Tried"], d["Declared"], d["Anywhere"], d["AtEnd"] = "", shorten(w.lang, first.ports), false, false, false
	if st := named(first); st != nil {
		d["Named"] = str(st, factNamed)
	}
	if forData(first) {
		d["Declared"] = declaredPorts(first.check.Spec.Fields["passive_ports"]) != ""
		if at := w.g.cause().At; at != nil {
			d["AtServer"] = at.Owner == result.Destination
		}
		d["AtEnd"] = first.stops() == atTheEnd
		d["Anywhere"] = first.cover.Count() > wide && d["Declared"] == false
	}
}

// ftpOffered says which ports the server offered for data connections.
func (w words) ftpOffered(e *sentences) {
	first := w.g.members[0].symptom
	if !forData(first) {
		return
	}
	var offered portset.Set
	for i := range first.check.Steps {
		offered = portset.Join(offered, portset.Parse(str(&first.check.Steps[i], factDataPorts)))
	}
	if offered.Count() > 1 {
		e.add("ftp-offered", i18n.Data{"Ports": shorten(w.lang, offered)})
	}
}
