package diagnosis

import (
	"net/netip"
	"slices"
	"time"

	"netcheck/report/result"
)

// slowlyFound is a look-up that something is wrong with, though it succeeded:
// no healthy network needs so long, unless it is for the first time.
const slowlyFound = 1500 * time.Millisecond

// despite lists what is wrong with the names of a check that passed: a server
// that is dead beside one that works, or one that takes long each time, for
// both of which programs wait; and a name that leads to where every name leads.
func despite(v *view, c *result.Check) []*symptom {
	if c.Code != "" {
		return nil
	}
	return slices.Concat(v.deaf(c), v.slow(c), v.everyName(c))
}

// beside lists the servers that did not answer a check which failed for
// something else: another one gave the address, or said why there is none.
func beside(v *view, c *result.Check) []*symptom {
	if c.Kind == "dns" || c.Verdict != result.Fail && c.Verdict != result.Inconclusive && c.Verdict != result.Warn {
		return nil
	}
	told := slices.ContainsFunc(c.Steps, func(st result.Step) bool {
		return st.Op == result.OpResolve && st.Failure == "" || st.Op == result.OpQuery && answered(st.Failure)
	})
	if !told {
		return nil
	}
	ss := v.deaf(c)
	for _, s := range ss {
		s.beside = true
	}
	return ss
}

// deaf are the servers that did not answer while another one did. A check that
// did not pass speaks for those that did.
func (v *view) deaf(c *result.Check) []*symptom {
	var ss []*symptom
	for i := range c.Steps {
		st := &c.Steps[i]
		if st.Op != result.OpQuery || answered(st.Failure) || st.Failure == result.FailCanceled || st.Failure == result.FailDNSFormat || c.Kind == "dns" && st.Parent != nil {
			continue
		}
		s := ofStep(v, c, st)
		if s.addr.IsValid() && (c.Verdict != result.Pass || !v.names.missed[s.addr]) && !slices.ContainsFunc(ss, func(o *symptom) bool { return o.addr == s.addr }) {
			ss = append(ss, s)
		}
	}
	return ss
}

// slow is a look-up that took long, at a server that took long again.
func (v *view) slow(c *result.Check) []*symptom {
	for i := range c.Steps {
		st := &c.Steps[i]
		if st.Failure != "" || time.Duration(st.Duration) < slowlyFound || st.Op != result.OpResolve && st.Op != result.OpQuery {
			continue
		}
		name := str(st, factName)
		server, _ := address(peerOf(c, st))
		if st.Op == result.OpResolve {
			server = netip.Addr{}
		}
		if at, ok := v.slowAgain(name, server); ok {
			s := ofStep(v, c, st)
			s.code, s.addr, s.host = result.DNSSlow, at, name
			return []*symptom{s}
		}
	}
	return nil
}

// slowAgain is the server that took long for a name, or for random ones, and
// was not quick when it was asked once more: what it found by then it has in
// its memory.
func (v *view) slowAgain(name string, server netip.Addr) (netip.Addr, bool) {
	words := slices.Concat(v.names.words[nameKey(name)], v.names.random[server])
	for _, w := range words {
		if w.reference || w.tcp || w.took < longAnswer || !answered(w.failure) || server.IsValid() && w.server != server {
			continue
		}
		quick, again := false, false
		for _, o := range words {
			if o.server == w.server && o.again && !o.tcp {
				again = true
				quick = quick || o.took < longAnswer && answered(o.failure)
			}
		}
		if again && !quick {
			return w.server, true
		}
	}
	return netip.Addr{}, false
}

// everyName is a name that leads to where every name leads here.
func (v *view) everyName(c *result.Check) []*symptom {
	if len(v.names.random) == 0 || slices.ContainsFunc(c.Steps, func(st result.Step) bool { return st.Op == result.OpVerify && st.Failure == "" }) {
		return nil // what proves who it is was led right
	}
	for i := range c.Steps {
		st := &c.Steps[i]
		if st.Op != result.OpResolve && st.Op != result.OpQuery || st.Failure != "" {
			continue
		}
		if _, ok := v.rewriter(addresses(st, factAnswers)); ok {
			return []*symptom{ofStep(v, c, st)}
		}
	}
	return nil
}
