package diagnosis

import (
	"slices"
	"strconv"

	"netcheck/report/result"
)

// page tells whether the proxy was asked for a page in the server's place, and
// not for a tunnel: then what it says itself looks like what it passes on.
func (p *passage) page() bool { return p.step.Op == result.OpRequest }

// leads tells whether the proxy gave a way. Of a page that is so only where a
// server must have written it: an error's may be anybody's.
func (v *view) leads(p *passage) bool {
	return p.failure == "" && (!p.page() || byServer(p.step) && !v.ownPage(p))
}

// ownPage tells whether a page that came by a proxy is its own as far as can be
// told: it knows no tunnels, and does not say that it passed the page on.
func (v *view) ownPage(p *passage) bool {
	return v.foreign(p.key) && str(p.step, factVia) == ""
}

// byServer tells whether an answer that came by a proxy can be taken for the
// server's: one that is as the check wants it and no error, or the wish for a
// login at the server.
func byServer(st *result.Step) bool {
	n, _ := strconv.Atoi(str(st, factStatus))
	return st.Failure == "" && (n/100 == 2 || n/100 == 3) || n == 401
}

// foreign tells whether something at a proxy's port does not know what a proxy
// is asked for: it speaks another protocol, or knows no such request. Its pages
// are its own, where nothing in them says that they were passed on (RFC 9110,
// 7.6.3).
func (v *view) foreign(proxy string) bool {
	return slices.ContainsFunc(v.passages, func(p passage) bool {
		return p.key == proxy && uncomprehending(&p)
	}) && !slices.ContainsFunc(v.passages, func(p passage) bool { return p.key == proxy && p.failure == "" && !p.page() })
}

// uncomprehending tells whether a wish for a tunnel was answered as by one who
// knows no tunnels.
func uncomprehending(p *passage) bool {
	said := slices.Contains([]string{"400", "404", "405", "501"}, str(p.step, factStatus))
	return !p.page() && (said || slices.Contains([]result.Failure{result.FailHTTP, result.FailHTTPFormat}, p.step.Failure))
}

// byPage tells whether the symptom is of a page that a proxy was asked for.
func byPage(s *symptom) bool {
	p := s.passage()
	return s.via != "" && p != nil && p.check == s.check && p.page() && !p.unreached
}

// tunnelling tells whether the symptom is of the wish for a tunnel.
func tunnelling(s *symptom) bool { return s.via != "" && s.op() == result.OpTunnel }

// unproved tells whether nothing shows that the proxy leads anywhere: then it
// may well have written the answer itself.
func unproved(s *symptom) bool {
	key := s.passage().key
	return str(s.passage().step, factVia) == "" && !slices.ContainsFunc(s.view.passages, func(p passage) bool { return p.key == key && s.view.leads(&p) })
}

// noProxy tells whether what stands at the proxy's port is none.
func noProxy(s *symptom) bool {
	p := s.passage()
	return p != nil && s.view.ownPage(p)
}

// noHTTPAtAll tells whether what came was not HTTP: no proxy passes that on.
func noHTTPAtAll(s *symptom) bool { return s.failure == result.FailHTTP }
