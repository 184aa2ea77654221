package followup

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"netcheck/report/result"
)

// The follow-ups that ask a web server for its first page's header, and send
// nothing else: no path, no credentials, no body of the check's.
var (
	webPages = Followup{
		Name:  "web",
		Doc:   "Where a login page, a filter or a wrong clock may be at work: what hosts of the profile answer to a plain request, and what time they say it is.",
		Wants: wantsWeb,
		Look:  lookWeb,
	}
	request = Followup{
		Name:  "request",
		Doc:   "Where an HTTP request stalled or broke: the same server asked again, for its first page, and in small segments.",
		Wants: func(_ *Seen, c *result.Check) []result.Subject { return halfServed(c, "http") },
		Look:  plainly.again,
	}
	requestTLS = Followup{
		Name:  "request-tls",
		Doc:   "Where an HTTPS request stalled or broke: the same server asked again, for its first page, and in small segments.",
		Wants: func(_ *Seen, c *result.Check) []result.Subject { return halfServed(c, "https") },
		Look:  securely.again,
	}
	greeting = Followup{
		Name:  "greeting",
		Doc:   "Where a server's greeting never came: a plain HTTP request and a TLS handshake on the same port.",
		Wants: wantsGreeting,
		Look:  lookGreeting,
	}
)

// strange are failures by which somebody in between may have answered, or which
// are about dates.
var (
	strange = []result.Failure{
		result.FailPortal, result.FailBlockPage, result.FailRedirect, result.FailStatus, result.FailHeader, result.FailBody, result.FailHTTP, result.FailNotTLS,
		result.FailNameMismatch, result.FailUnknownCA, result.FailSelfSigned, result.FailCertificate, result.FailIntercepted,
		result.FailTimeout, result.FailReset, result.FailEOF, result.FailConnectTimeout,
	}
	dates = []result.Failure{result.FailExpired, result.FailNotYetValid}
)

// wantsWeb asks port 80, which a login page answers for every host, of the
// host and two strangers; about dates, whichever port is known to be open.
func wantsWeb(s *Seen, c *result.Check) []result.Subject {
	if !failing(c) {
		return nil
	}
	var subjects []result.Subject
	add := func(o result.Subject) {
		if !slices.Contains(subjects, o) {
			subjects = append(subjects, o)
		}
	}
	for i := range c.Steps {
		st := &c.Steps[i]
		at := peer(st)
		if at.Port == 0 || !slices.Contains([]result.Op{result.OpHandshake, result.OpVerify, result.OpRequest}, st.Op) {
			continue
		}
		odd, dated := slices.Contains(strange, st.Failure), slices.Contains(dates, st.Failure)
		if !odd && !dated {
			continue
		}
		n := 0
		for _, o := range append([]result.Subject{at}, strangersFirst(at.Host, hosts(s.Report))...) {
			switch {
			case n > others, n > 0 && o == at:
				continue
			case dated && (o.Port == 80 || o.Port == 443):
			case dated:
				continue
			default:
				o.Port = 80
			}
			if n++; !slices.Contains(subjects, o) {
				add(o)
			}
		}
	}
	for _, o := range behindLogin(s, c) {
		add(o)
	}
	return subjects
}

// behindLogin are the web servers of a check that can't even be reached over
// TLS, in a run where none can: until a login, networks answer port 80 alone.
func behindLogin(s *Seen, c *result.Check) []result.Subject {
	if len(greeted(s.Report)) > 0 {
		return nil
	}
	var subjects []result.Subject
	for i := range c.Results {
		res := &c.Results[i]
		a, err := netip.ParseAddr(res.Address)
		if err != nil || a.IsPrivate() || a.IsLoopback() || res.Ports != "443" || res.State != result.Filtered && res.State != result.Closed {
			continue
		}
		subjects = append(subjects, result.Subject{Host: cmp.Or(res.Host, res.Address), Address: res.Address, Port: 80, Proto: "tcp"})
	}
	return subjects
}

// hosts are some of the profile that accepted a connect, by an address of
// each, whatever was spoken there.
func hosts(r *result.Report) []result.Subject {
	var subjects []result.Subject
	seen := map[string]bool{}
	for i := range r.Checks {
		for j := range r.Checks[i].Results {
			res := &r.Checks[i].Results[j]
			port, err := strconv.Atoi(res.Ports)
			if err != nil || res.Via != "" || res.State != result.Open && res.State != result.Reset || res.Proto == "udp" || r.Checks[i].Kind == "listen" || calledFromOutside(&r.Checks[i]) {
				continue
			}
			host := cmp.Or(res.Host, res.Address)
			if key := host + " " + res.Ports; !seen[key] {
				seen[key] = true
				subjects = append(subjects, result.Subject{Host: host, Address: res.Address, Port: port, Proto: "tcp"})
			}
			if len(subjects) == candidates {
				return subjects
			}
		}
	}
	return subjects
}

// halfServed are the servers that took a request of this scheme and did not
// answer it, or not to the end.
func halfServed(c *result.Check, scheme string) []result.Subject {
	if !failing(c) {
		return nil
	}
	var subjects []result.Subject
	for i := range c.Steps {
		st := &c.Steps[i]
		if st.Op != result.OpRequest || !slices.Contains([]result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}, st.Failure) {
			continue
		}
		full, _ := st.Facts["url.full"].(string)
		u, err := url.Parse(full)
		if err != nil || u.Scheme != scheme {
			continue
		}
		// The innermost step that failed alike is where it happened.
		var at *result.Step
		deeper := false
		for j := range c.Steps {
			if p := c.Steps[j].Parent; p != nil && *p == i {
				deeper = deeper || c.Steps[j].Failure == st.Failure
				if c.Steps[j].Failure == "" && peer(&c.Steps[j]).Port > 0 {
					at = &c.Steps[j]
				}
			}
		}
		if deeper || at == nil {
			continue
		}
		s := peer(at)
		if s.Host = u.Hostname(); !slices.Contains(subjects, s) {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// wantsGreeting is where a port that was opened never spoke, or hung up.
func wantsGreeting(_ *Seen, c *result.Check) []result.Subject {
	if !failing(c) {
		return nil
	}
	var subjects []result.Subject
	for i := range c.Steps {
		st := &c.Steps[i]
		if st.Op != result.OpGreeting && st.Op != result.OpStartTLS || !slices.Contains([]result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}, st.Failure) {
			continue
		}
		if s := peer(st); s.Port > 0 && !slices.Contains(subjects, s) {
			subjects = append(subjects, s)
		}
	}
	return subjects
}
