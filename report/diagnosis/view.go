package diagnosis

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// view is what a run as a whole shows from one machine: the controls that a
// single failure is held against. A conclusion about one target rests on what
// others showed in the same run.
type view struct {
	now      time.Time // of the run
	machine  *result.Machine
	prefixes []netip.Prefix
	gateways []netip.Addr

	open        map[netip.Addr]portset.Set // ports that accepted a connect, by address
	beyond      portset.Set                // those of all addresses beyond this link
	byHost      map[string][]netip.Addr    // addresses of a host that accepted a connect
	hosts       []control                  // hosts beyond this link that accepted a connect
	seen        map[string]bool            // their names and addresses
	resolvers   map[netip.Addr]bool        // that answered any question
	asked       map[string]asked           // by name and failure
	meant       map[string]bool            // names that a resolver of this machine answered which is not its own: whoever ran this named it
	served      map[string]bool            // hosts that answered a request as they should
	verified    []string                   // hosts whose certificate was verified with nothing to object to
	clocks      []clock                    // what servers say the time is
	linkAnswers bool                       // a device of the own link said something by ICMP
	firstSaid   map[said]firstAnswer       // of what devices say by ICMP
	sent        map[string][]string        // where redirects over plain HTTP led: the hosts that were asked
	issuers     map[string][]string        // of chains that no public root vouches for: the hosts that showed them

	names     names                  // what was said of names
	answers   answers                // what was said in the place of servers
	followups []*result.Followup     // what was asked once more
	passages  []passage              // ways that proxies were asked for
	origins   map[netip.Addr]*origin // who accepts connects, where that was looked at
	trails    []*trail               // how far packets to ports got

	asks       map[netip.Addr][]string // which TCP ports were asked, by address
	spoke      map[netip.Addr]bool     // those that accepted or refused
	silentIPv6 []netip.Addr            // IPv6 addresses beyond this link that are silent
	lostIPv6   []netip.Addr            // those of which IPv4 made up for it

	wans   []wan                    // what gateways say of their addresses towards the internet
	lost   map[result.Failure]asked // how the helper outside was lost, by the first check that asked it
	noWAN  bool                     // a gateway says that it has none
	cameIn bool                     // a call from outside is proven to have reached this machine
}

// asked is a question whose answer was a failure, and the check that asked it:
// others share the answer without having asked.
type asked struct {
	check *result.Check
	step  *result.Step
}

// said is that a device says by ICMP that an address does not answer.
type said struct{ device, of netip.Addr }

// firstAnswer is how long the first packet that brought such an answer had
// waited for it.
type firstAnswer struct {
	asked, waited time.Duration
}

type control struct {
	host string
	addr netip.Addr
}

// clock is how far a server's Date is ahead of this machine's clock.
type clock struct {
	host  string
	ahead time.Duration
}

// views makes one view a machine. A report of one run has one; of a merged one
// each machine's failures are held against what that machine saw, and nothing else.
func views(r *result.Report) map[string]*view {
	vs := make(map[string]*view)
	at := func(id string) *view {
		if vs[id] == nil {
			vs[id] = &view{
				asks: map[netip.Addr][]string{}, spoke: map[netip.Addr]bool{}, names: newNames(), now: r.Started, machine: &result.Machine{ID: id}, open: map[netip.Addr]portset.Set{}, seen: map[string]bool{}, asked: map[string]asked{},
				resolvers: map[netip.Addr]bool{}, served: map[string]bool{}, meant: map[string]bool{}, firstSaid: map[said]firstAnswer{}, byHost: map[string][]netip.Addr{}, origins: map[netip.Addr]*origin{}, sent: map[string][]string{}, issuers: map[string][]string{}, lost: map[result.Failure]asked{},
			}
		}
		return vs[id]
	}
	for i := range r.Machines {
		m := &r.Machines[i]
		v := at(m.ID)
		v.machine = m
		if m.Run != nil {
			v.now = m.Run.Started
		}
		for _, g := range append([]string{m.Gateway}, m.Gateways...) {
			if a, err := netip.ParseAddr(g); err == nil && !v.isGateway(a) {
				v.gateways = append(v.gateways, a.WithZone(""))
			}
		}
		for _, a := range m.Addresses {
			if p, err := netip.ParsePrefix(a); err == nil {
				v.prefixes = append(v.prefixes, p)
			}
		}
	}
	for i := range r.Checks { // before what was accepted is learnt
		for j := range r.Checks[i].Steps {
			if s := &r.Checks[i].Steps[j]; s.Op == result.OpSweep {
				at(r.Checks[i].Machine).learnOrigin(s)
			}
		}
	}
	for i := range r.Followups {
		if f := &r.Followups[i]; f.Name == followedOrigin {
			for j := range f.Steps {
				at(f.Machine).learnOrigin(&f.Steps[j])
			}
		}
	}
	for i := range r.Checks {
		at(r.Checks[i].Machine).learn(&r.Checks[i])
		at(r.Checks[i].Machine).learnNmap(&r.Checks[i])
	}
	for i := range r.Followups {
		f := &r.Followups[i]
		at(f.Machine).followups = append(at(f.Machine).followups, f)
		at(f.Machine).names.follow(f)
		at(f.Machine).vouch(f)
		at(f.Machine).learnPath(f)
		at(f.Machine).learnTalk(f)
		at(f.Machine).learnProxy(f)
	}
	for _, v := range vs {
		var sets []portset.Set
		for a, open := range v.open {
			if !v.near(a) {
				sets = append(sets, open)
			}
		}
		v.beyond = portset.Join(sets...)
	}
	return vs
}

// followed is what a follow-up saw of a subject, of which what is left out
// does not matter; nil if it did not look.
func (v *view) followed(name string, s result.Subject) *result.Followup {
	for _, f := range v.followups {
		if f.Name == name && (s.Host == "" || s.Host == f.Host) && (s.Address == "" || s.Address == f.Address) && (s.Port == 0 || s.Port == f.Port) && (s.Proto == "" || s.Proto == f.Proto) {
			return f
		}
	}
	return nil
}

// learn takes from a check what may serve others as a control. What a proxy
// reached is none for the direct way: only servers' own words count from there.
func (v *view) learn(c *result.Check) {
	if c.Kind == kindInbound {
		v.learnInbound(c)
		return
	}
	v.learnAsked(c)
	v.learnPassages(c)
	told := toldByICMP(c)
	for i := range c.Results {
		res := &c.Results[i]
		if addr, ok := address(res.Address); ok && res.Via == "" && res.State == result.Open && res.Proto != "udp" && c.Kind != "listen" {
			v.accepted(cmp.Or(res.Host, addr.String()), addr, portset.Parse(res.Ports))
		}
		if told {
			v.heard(ofResult(v, c, res))
		}
	}
	for i := range c.Steps {
		s := &c.Steps[i]
		peer, ok := address(peerOf(c, s))
		switch {
		case s.Op == result.OpConnect && s.Failure == "" && ok && s.Via == "":
			v.accepted(cmp.Or(hostOf(c, s), peer.String()), peer, portset.Parse(str(s, factPeerPort)))
		case s.Op == result.OpQuery && ok:
			v.learnQuery(c, s, peer)
		case s.Op == result.OpRequest && s.Failure == "" && c.Verdict == result.Pass && sentTo(s) == "":
			v.served[hostOf(c, s)] = true
		case s.Op == result.OpVerify && s.Failure == "":
			if h := hostOf(c, s); h != "" && !slices.Contains(v.verified, h) {
				v.verified = append(v.verified, h)
			}
		case s.Op == result.OpVerify && slices.Contains([]result.Failure{result.FailIntercepted, result.FailUnknownCA, result.FailPin}, s.Failure) && str(s, factPublic) != "true":
			if issuer, h := str(s, factIssuer), hostOf(c, s); issuer != "" && !slices.Contains(v.issuers[issuer], h) {
				v.issuers[issuer] = append(v.issuers[issuer], h)
			}
		}
		if s.Op == result.OpVerify || s.Op == result.OpRequest {
			v.answers.learn(s, hostOf(c, s), peer)
		}
		if to := sentTo(s); to != "" {
			if h := hostOf(c, s); !slices.Contains(v.sent[to], h) {
				v.sent[to] = append(v.sent[to], h)
			}
		}
		if sec, ok := num(s, factClockAhead); ok {
			v.clocks = append(v.clocks, clock{hostOf(c, s), time.Duration(sec * float64(time.Second))})
		}
	}
}

// learnQuery takes what a question to a resolver showed.
func (v *view) learnQuery(c *result.Check, s *result.Step, peer netip.Addr) {
	v.names.learn(c, s)
	if answered(s.Failure) {
		v.resolvers[peer] = true
	}
	if s.Failure == "" && peer.IsLoopback() && !v.configured(peer, str(s, factPort)) {
		v.meant[str(s, factName)] = true
	}
	if s.Failure != "" {
		v.asked[str(s, factName)+" "+string(s.Failure)] = asked{c, s}
	}
}

// toldByICMP tells whether a device answered any of a check's packets by ICMP:
// most often none did, and there is nothing to be heard.
func toldByICMP(c *result.Check) bool {
	by := func(e *result.Evidence) bool { return e != nil && e.ICMP != nil }
	return slices.ContainsFunc(c.Results, func(r result.Result) bool { return by(r.Evidence) }) ||
		slices.ContainsFunc(c.Steps, func(s result.Step) bool { return by(s.Evidence) })
}

// configured tells whether a resolver is one that this machine is set up with.
func (v *view) configured(a netip.Addr, port string) bool {
	return slices.ContainsFunc(v.machine.Resolvers, func(r string) bool {
		if ap, err := netip.ParseAddrPort(r); err == nil {
			return ap.Addr() == a && strconv.Itoa(int(ap.Port())) == port
		}
		return r == a.String() && (port == "53" || port == "")
	})
}

// heard keeps how soon a device said for the first time that an address does
// not answer. Later answers tell less: they may come soon, as the router waits
// for the address already, or late, as routers send only so many.
func (v *view) heard(s *symptom) {
	if s.ev.ICMP == nil {
		return
	}
	device, ok := address(s.ev.ICMP.From)
	v.linkAnswers = v.linkAnswers || ok && v.onLink(device) && !v.own(device)
	if !ok || kindOf(s.ev.ICMP) != icmpHost {
		return
	}
	key, a := said{device, s.addr}, firstAnswer{time.Duration(s.step.Start), waited(s)}
	if first, ok := v.firstSaid[key]; !ok || a.asked < first.asked || a.asked == first.asked && a.waited < first.waited {
		v.firstSaid[key] = a
	}
}

func (v *view) accepted(host string, addr netip.Addr, ports portset.Set) {
	if taken, _ := v.illusory(addr, ports); taken.Count() > 0 {
		return // somebody else did
	}
	v.open[addr] = portset.Join(v.open[addr], ports)
	if !slices.Contains(v.byHost[host], addr) {
		v.byHost[host] = append(v.byHost[host], addr)
	}
	if v.near(addr) || v.seen[host] || v.seen[addr.String()] {
		return // two names of one address are one control
	}
	v.seen[host], v.seen[addr.String()] = true, true
	v.hosts = append(v.hosts, control{host, addr})
}

// answered tells whether a resolver answered at all, whatever it said.
func answered(f result.Failure) bool {
	switch f {
	case "", result.FailNXDomain, result.FailNoData, result.FailServFail, result.FailDNSRefused, result.FailRCode, result.FailDNSTCP, result.FailNullAddress:
		return true
	}
	return false
}

// unheard tells whether a question ended without anything from the resolver;
// a wrong answer is one too.
func unheard(f result.Failure) bool { return !answered(f) && f != result.FailDNSFormat }

// own tells whether an address is this machine's.
func (v *view) own(a netip.Addr) bool {
	return a.IsLoopback() || slices.ContainsFunc(v.prefixes, func(p netip.Prefix) bool { return p.Addr() == a })
}

// onLink tells whether an address is in one of this machine's networks, so
// that no router lies in between.
func (v *view) onLink(a netip.Addr) bool {
	return slices.ContainsFunc(v.prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// isGateway tells whether an address is that of a next hop of this machine.
func (v *view) isGateway(a netip.Addr) bool { return slices.Contains(v.gateways, a.WithZone("")) }

// gatewayFor is the next hop on the way to an address; invalid where none is
// known, or several are and it can't be told which.
func (v *view) gatewayFor(a netip.Addr) netip.Addr {
	var only netip.Addr
	for _, g := range v.gateways {
		if a.IsValid() && g.Is4() != a.Is4() {
			continue
		}
		if only.IsValid() {
			return netip.Addr{}
		}
		only = g
	}
	return only
}

// reached tells whether anything beyond this link, of the same family as an
// address, accepted a connect.
func (v *view) reached(a netip.Addr) bool {
	for o := range v.open {
		if o != a && !v.near(o) && (!a.IsValid() || o.Is4() == a.Is4()) {
			return true
		}
	}
	return false
}

// near tells whether an address is this machine's or on its link.
func (v *view) near(a netip.Addr) bool { return v.own(a) || v.onLink(a) }

// others are the hosts beyond this link that answered, but for one: as many as
// a reader cares to see.
func (v *view) others(host string, addr netip.Addr) []string {
	const enough = 4
	var names []string
	for _, k := range v.hosts {
		if k.host != host && k.addr != addr {
			if names = append(names, k.host); len(names) == enough {
				break
			}
		}
	}
	return names
}

// skew is how far this machine's clock is behind, if at least one server's
// Date says that it is wrong and none says otherwise; and the servers' names.
func (v *view) skew() (time.Duration, []string) {
	const wrong = 5 * time.Minute // Kerberos' and many a token's tolerance
	var hosts []string
	var least time.Duration
	for _, k := range v.clocks {
		if k.ahead.Abs() < wrong {
			return 0, nil
		}
		if len(hosts) > 0 && (k.ahead-least).Abs() > wrong {
			return 0, nil // they disagree: it is theirs that are wrong
		}
		if !slices.Contains(hosts, k.host) {
			hosts = append(hosts, k.host)
		}
		least = k.ahead
	}
	return least, hosts
}

// address reads an address with or without a port.
func address(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap(), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap(), true
	}
	return netip.Addr{}, false
}
