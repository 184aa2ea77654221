package diagnosis

import (
	"net/url"
	"strings"

	"netcheck/report/result"
)

// showing is the step that shows a result's failure: the one that names its
// address, else any with that failure.
func showing(c *result.Check, res *result.Result, f result.Failure) *result.Step {
	best := &result.Step{}
	for i := range c.Steps {
		s := &c.Steps[i]
		if s.Failure != f || s.Via != res.Via {
			continue
		}
		peer, ok := address(peerOf(c, s))
		if want, _ := address(res.Address); ok && peer == want {
			best = s // the last attempt's is the last
		} else if best.Op == "" {
			best = s
		}
	}
	return best
}

// fatalStep is the step at which a check failed by one way: of the last attempt's
// outermost steps the last that has a failure, and within it the innermost
// with the same one. What failed earlier was made up for.
func fatalStep(c *result.Check, via string) *result.Step {
	attempt := 0
	for i := range c.Steps {
		attempt = max(attempt, c.Steps[i].Attempt)
	}
	at := -1
	for i := range c.Steps {
		if s := &c.Steps[i]; s.Parent == nil && s.Via == via && s.Failure != "" && s.Attempt == attempt {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	for deeper := true; deeper; {
		deeper = false
		for i := at + 1; i < len(c.Steps); i++ {
			if p := c.Steps[i].Parent; p != nil && *p == at && c.Steps[i].Failure == c.Steps[at].Failure {
				at, deeper = i, true
			}
		}
	}
	return &c.Steps[at]
}

// ancestry is a step and the steps that it is nested in, from within.
func ancestry(c *result.Check, s *result.Step) []*result.Step {
	line := []*result.Step{s}
	for s.Parent != nil && len(line) <= len(c.Steps) && *s.Parent >= 0 && *s.Parent < len(c.Steps) {
		s = &c.Steps[*s.Parent]
		line = append(line, s)
	}
	return line
}

// hostOf is the host that a step is about, by its own facts, those of the
// steps around it, or the check's target.
func hostOf(c *result.Check, s *result.Step) string {
	if h := inherited(c, s, factName, factHost, factPeer); h != "" {
		return h
	}
	if u, err := url.Parse(inherited(c, s, factURL)); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	host, _, _ := strings.Cut(c.Target, " ")
	if u, err := url.Parse(host); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	if i := strings.LastIndexByte(host, ':'); i > 0 && !strings.Contains(host[:i], ":") {
		host = host[:i]
	}
	return host
}

// peerOf is the address that a step spoke with: a question's server, which by
// OpenTelemetry's names is the server's address, else the network peer.
func peerOf(c *result.Check, s *result.Step) string {
	if s.Op == result.OpQuery {
		return str(s, factHost)
	}
	return inherited(c, s, factPeer)
}

func portOf(c *result.Check, s *result.Step) string { return inherited(c, s, factPeerPort, factPort) }

func inherited(c *result.Check, s *result.Step, keys ...string) string {
	for _, key := range keys {
		for _, a := range ancestry(c, s) {
			if v := str(a, key); v != "" {
				return v
			}
		}
	}
	return ""
}

func protoOf(c *result.Check, s *result.Step) string {
	if c.Kind == "udp" || s.Op == result.OpExchange || s.Op == result.OpQuery || s.Op == result.OpResolve {
		return "udp"
	}
	return "tcp"
}
