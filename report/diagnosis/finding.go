package diagnosis

import (
	"cmp"
	"slices"

	"netcheck/report/result"
)

// maxListed is how many hosts, names or texts one finding spells out.
const maxListed = 4

// finding puts a group into words.
func (g *group) finding(r *result.Report, lang string) result.Finding {
	w := words{g: g, lang: lang, outside: g.outsideCommand(r)}
	cause := g.cause()
	f := result.Finding{
		ID: g.id, Code: cause.Code, Rule: g.rule.id, Confidence: cause.Confidence, At: cause.At,
		Level: g.level(), NotExcluded: cause.NotExcluded,
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if slices.Contains(c.Findings, g.id) {
			if !slices.Contains(f.Checks, c.ID) { // of several machines, which have it in a row
				f.Checks = append(f.Checks, c.ID)
			}
			if c.Level.Weight() > f.Level.Weight() {
				f.Level = c.Level
			}
		}
	}
	for _, t := range g.hosts() {
		if s := t.String(); s != "" {
			f.Targets = append(f.Targets, s)
		}
	}
	if len(r.Machines) > 1 {
		f.Machines = g.machines()
	}
	f.Act = g.act()
	f.Summary = w.text("summary")
	f.Remedy = w.remedy()
	f.Command = w.outside
	f.Evidence = w.evidence()
	switch first := g.members[0]; {
	case !g.rule.request || first.via != "":
	case first.about == inwardCall:
		f.Request = g.inboundRequest()
	default:
		f.Request = g.firewallRequest()
	}
	return f
}

// Who must act.
const (
	site    = "customer-site"    // whoever looks after the machine
	network = "customer-network" // whoever runs the shop's network
	vendor  = "vendor"
)

// act is who must act. The profile says it of a check, but what lies on this
// machine or on the gateway is the customer's in any case; and where it names
// whoever runs the network, that is of no use for what the server itself said.
func (g *group) act() string {
	if first := g.members[0]; first.about != outward && (g.rule.act == "provider" || g.rule.act == site && first.about == inwardHelper) {
		return g.rule.act // whoever runs the network can do nothing about it
	}
	said := g.checks()[0].Spec.Act
	if at := g.cause().At; said == network && at != nil && at.Owner == result.Destination && forData(g.members[0].symptom) {
		said = "" // where the server is, its own firewall or router is what answers
	}
	if said == network && (g.rule.act == vendor || g.rule.act == site) && saidAtServer(g.members[0].symptom) {
		said = ""
	}
	if first := g.members[0]; g.rule.act == vendor && ofMachine(first.check) {
		return cmp.Or(said, site)
	} else if g.rule.act == vendor && first.op() != result.OpQuery && first.addr.IsValid() && first.view.near(first.addr) {
		return cmp.Or(said, site) // the server stands in the shop
	} else if g.rule.act != "" {
		return cmp.Or(said, g.rule.act)
	}
	owner := result.UnknownOwner
	if at := g.cause().At; at != nil {
		owner = cmp.Or(at.Owner, owner)
	}
	switch owner {
	case result.ThisMachine:
		return site
	case result.Gateway, result.Site:
		return network
	case result.Provider:
		return "provider"
	case result.Destination:
		if near := g.members[0].addr; near.IsValid() && g.members[0].view.near(near) {
			return cmp.Or(said, site)
		}
		return cmp.Or(said, vendor)
	}
	return cmp.Or(said, network)
}

// saidAtServer tells whether it is about what was said with a server, by the
// server or by who asked: nobody in between had a word in it.
func saidAtServer(s *symptom) bool {
	return slices.Contains([]result.Failure{
		result.FailFTPUnavailable, result.FailFTPNoTLS, result.FailFTPTLSRequired, result.FailFTPLogin, result.FailFTPPassword, result.FailFTPClearText,
		result.FailFTPDirectory, result.FailFTPPassive, result.FailFTPAddress, result.FailFTPTLSReuse,
		result.FailAlgorithms, result.FailHostKey, result.FailSSHAuth, result.FailSFTP, result.FailMissing, result.FailForbidden, result.FailStale, result.FailKeyFile, result.FailAccess,
	}, s.failure)
}

// beyondNAT tells whether the place lies where this machine's private address
// means nothing: at the provider, or at a destination on the internet. What is
// seen there is the line's public address, which is not known here.
func (g *group) beyondNAT() bool {
	first, at := g.members[0], g.cause().At
	own, ok := address(first.local())
	if !ok || !own.IsPrivate() || at == nil {
		return false
	}
	return at.Owner == result.Provider || at.Owner == result.Destination && first.addr.IsValid() && !first.addr.IsPrivate() && !first.view.near(first.addr)
}

// checks are those that the group explains, the weightiest first.
func (g *group) checks() []*result.Check {
	var cs []*result.Check
	seen := map[*result.Check]bool{}
	for _, d := range g.all() {
		if !seen[d.check] {
			seen[d.check] = true
			cs = append(cs, d.check)
		}
	}
	slices.SortStableFunc(cs, compareWeight)
	return cs
}

// firewallRequest is the rule to ask for: names as the vendor writes them into
// rules, where the profile has them.
func (g *group) firewallRequest() *result.Request {
	q := &result.Request{Action: "allow", Proto: g.members[0].proto, App: g.rule.app, Ports: g.wanted().String()}
	asking := g.members[0].op() == result.OpQuery
	if asking {
		q.Proto, q.Ports = "tcp/udp", cmp.Or(portOf(g.members[0].shown, g.members[0].step), "53")
		if tcpAnswers(g.members[0].symptom) {
			q.Proto = "udp" // the other is open
		}
	}
	switch from := g.members[0].local(); {
	case g.beyondNAT():
		q.From = result.OwnPublicIP
	case from != thisMachine:
		q.From = from
	}
	for _, d := range g.members {
		to := []string{d.host}
		if asking {
			to[0] = d.addr.String()
		}
		if fw := d.check.Spec.Firewall; fw != nil && len(fw.Hosts) > 0 && !asking {
			to = fw.Hosts
		}
		for _, h := range to {
			if h != "" && !slices.Contains(q.To, h) {
				q.To = append(q.To, h)
			}
		}
	}
	q.Part = g.offeredOnly()
	if len(q.To) == 0 || q.Ports == "" {
		return nil
	}
	return q
}
