package diagnosis

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/report/result"
)

// portalRules are about a network that wants a login before it lets anything
// through, where that shows in more than the symptom itself.
func portalRules() []rule {
	return []rule{
		{
			// Unrelated hosts all lead to one login page: what fails beside it
			// fails for that reason.
			id: "portal-shown", failures: []result.Failure{
				result.FailRedirect, result.FailStatus, result.FailHeader, result.FailBody, result.FailHTTP,
				result.FailNotTLS, result.FailTimeout, result.FailReset, result.FailEOF, result.FailConnectTimeout, result.FailRefused,
				result.FailNameMismatch, result.FailUnknownCA, result.FailSelfSigned, result.FailCertificate, result.FailIntercepted, result.FailExpired,
			}, when: []cond{sentAside, not(icmp)},
			code: result.HTTPCaptivePortal, sure: either(loginPlace, result.Strong, result.Likely), at: whereTaken, subject: one,
			alike: []alike{{result.HTTPBlockPage, nil}}, see: "RFC 8952",
		},
	}
}

// mistakenRules are about answers that would do, had the server given them.
func mistakenRules() []rule {
	return []rule{
		{
			id: "portal-passed", knows: []result.Code{result.HTTPCaptivePortal}, when: []cond{answersElse},
			sure: either(loginPlace, result.Strong, result.Likely), at: whereTaken, subject: one,
			alike: []alike{{result.HTTPRedirect, nil}}, see: "RFC 8952",
		},
		{
			id: "block-page-perhaps", knows: []result.Code{result.HTTPBlockPage},
			sure: always(result.Likely), at: whereTaken, subject: byHost,
			alike: []alike{{result.HTTPBody, nil}, {result.HTTPCaptivePortal, anyOf(passesElse, othersServed)}},
		},
	}
}

// answers are what was said in the place of servers, or by them: by hosts that
// can't have agreed on it unless one device speaks for all.
type answers struct {
	asides  map[string][]string  // where plain requests for a first page led: the hosts that were asked
	logins  []string             // hosts that demanded a login to the network
	plain   []string             // hosts that answered such a request by themselves
	portals []string             // hosts for which a check saw a login page
	leads   []string             // where those were sent
	keys    map[string][]control // who showed a key, by its digest
	dated   []string             // hosts whose certificate is out of date
}

const (
	factPin     = "tls.server.pin"
	factGenuine = "vantage.genuine"
)

// learn takes from a step who showed which key, and who was a login page.
func (a *answers) learn(s *result.Step, host string, addr netip.Addr) {
	if s.Op == result.OpVerify && (s.Failure == result.FailExpired || s.Failure == result.FailNotYetValid) {
		a.dated = append(a.dated, host)
	}
	switch pin := str(s, factPin); {
	case s.Op == result.OpVerify && pin != "":
		if a.keys == nil {
			a.keys = map[string][]control{}
		}
		a.keys[pin] = append(a.keys[pin], control{host, addr})
	case s.Op == result.OpRequest && s.Failure == result.FailPortal:
		a.portals = append(a.portals, host)
		if to := sentTo(s); to != "" {
			a.leads = append(a.leads, to)
		}
	}
}

// learnTalk takes from a follow-up what hosts said to a plain request: what the
// time is, and where they send.
func (v *view) learnTalk(f *result.Followup) {
	if f.Name != "web" {
		return
	}
	a := &v.answers
	for i := range f.Steps {
		st := &f.Steps[i]
		if sec, ok := num(st, factClockAhead); ok && !slices.ContainsFunc(v.clocks, func(k clock) bool { return k.host == f.Host }) {
			v.clocks = append(v.clocks, clock{f.Host, time.Duration(sec * float64(time.Second))})
		}
		switch to, status := sentTo(st), str(st, factStatus); {
		case str(st, factGenuine) == "true": // the helper outside, whose answer nobody else knows
			a.plain = append(a.plain, f.Host)
		case f.Port != 80 && str(st, factGenuine) == "" || status == "":
		case str(st, factGenuine) == "false" && to == "" && status != "511": // a page in its place, which may be anybody's
		case status == "511": // RFC 6585: network authentication required
			a.logins = append(a.logins, f.Host)
		case to == "":
			a.plain = append(a.plain, f.Host)
		default:
			if a.asides == nil {
				a.asides = map[string][]string{}
			}
			a.asides[to] = append(a.asides[to], f.Host)
		}
	}
}

// aside is the one place where unrelated hosts send, none of which it belongs
// to; "" if there is none, or a host answers for itself.
func (v *view) aside() string {
	if len(v.answers.plain) > 0 {
		return ""
	}
	for to, hosts := range v.answers.asides {
		if unrelated(hosts) && !slices.ContainsFunc(hosts, func(h string) bool { return domain(h) == domain(to) }) {
			return to
		}
	}
	return ""
}

// answersItself tells whether some host answered a plain request by itself, as
// none does before a login.
func answersItself(s *symptom) bool { return len(s.view.answers.plain) > 0 }

// sentAside tells whether plain requests to unrelated hosts are all sent to one
// place, or told to log in, and the symptom is one that this explains.
func sentAside(s *symptom) bool {
	return answersElse(s) && (s.view.aside() != "" || len(s.view.answers.plain) == 0 && unrelated(s.view.answers.logins))
}

// answersElse tells whether a symptom may come of who answers in the place of
// servers: it is about a host beyond this link, and no host proved who it is.
func answersElse(s *symptom) bool {
	return !passesElse(s) && !answerGenuine(s) && str(s.step, factPublic) != "true" && s.addr.IsValid() && !s.view.near(s.addr)
}

// portalElse tells whether a login page answers for another, unrelated host
// too.
func portalElse(s *symptom) bool {
	return loginPlace(s) || sentAlike(s) || slices.ContainsFunc(s.view.answers.portals, func(h string) bool { return domain(h) != domain(s.host) })
}

// loginPlace tells whether where unrelated hosts send is a network's own place,
// or calls itself its login page.
func loginPlace(s *symptom) bool {
	if !sentAside(s) {
		return false
	}
	to := s.view.aside()
	a, err := netip.ParseAddr(to)
	if to == "" || err == nil && (a.IsPrivate() || s.view.near(a)) || !strings.Contains(to, ".") {
		return true // or by status 511
	}
	return slices.ContainsFunc([]string{"portal", "login", "hotspot", "captive", "guest", "wifi", "wlan", "auth", ".lan", ".local", ".home"}, func(w string) bool {
		return strings.Contains(strings.ToLower(to), w)
	})
}

// mistaken are the answers that satisfied a check and were a login page's, as
// other hosts' show.
func mistaken(v *view, c *result.Check) []*symptom {
	for i := range c.Steps {
		st := &c.Steps[i]
		to := sentTo(st)
		if st.Op != result.OpRequest || st.Failure != "" || !byUsed(c, st) || to == "" || to != v.aside() && !slices.Contains(v.answers.leads, to) {
			continue
		}
		if s := ofStep(v, c, st); s.code == "" && domain(s.host) != domain(to) && !s.view.near(s.addr) {
			s.code = result.HTTPCaptivePortal
			return []*symptom{s}
		}
	}
	return nil
}

// unrelated tells whether there are two hosts of different domains.
func unrelated(hosts []string) bool {
	if len(hosts) == 0 {
		return false
	}
	first := domain(hosts[0])
	return slices.ContainsFunc(hosts[1:], func(h string) bool { return h != hosts[0] && domain(h) != first })
}

// keyShared tells whether an unrelated host showed the very same key: one
// answers for both.
func keyShared(s *symptom) bool {
	return !hostedTogether(s) && slices.ContainsFunc(s.view.answers.keys[str(s.step, factPin)], func(k control) bool { return domain(k.host) != domain(s.host) })
}

// hostedTogether tells whether it is rather a service that runs both, and shows
// its own certificate where it has none for them: no login page has one from an
// authority that all trust, while other hosts are genuine.
func hostedTogether(s *symptom) bool {
	return s.failure == result.FailNameMismatch && (publicRootsTrust(s) || systemTrusts(s) && passesElse(s))
}

// keyAtAddresses tells whether those who showed it have different addresses, so
// that no name leads astray.
func keyAtAddresses(s *symptom) bool {
	return slices.ContainsFunc(s.view.answers.keys[str(s.step, factPin)], func(k control) bool {
		return domain(k.host) != domain(s.host) && k.addr.IsValid() && k.addr != s.addr
	})
}
