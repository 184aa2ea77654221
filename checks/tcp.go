package checks

import (
	"context"
	"errors"
	"fmt"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

var tcpKind = engine.Kind{
	Name: "tcp",
	Doc:  "TCP ports of a host: open, closed, or at least not held up on the way",
	Example: `- id: payment-port
  title: Payment service
  tcp: {host: pay.example.com, port: 8443}`,
	New: func() engine.Prober { return new(tcpCheck) },
}

type tcpCheck struct {
	hosts    `yaml:",inline"`
	ports    `yaml:",inline"`
	Expect   string      `yaml:"expect" default:"open" enum:"open,allowed,closed" doc:"open; allowed: open, or closed by the host itself, so that nothing on the way forbids it; closed: refused or forbidden, or silent while the host answers elsewhere"`
	Match    string      `yaml:"match" default:"all" enum:"all,any" doc:"whether all ports must be as expected or any one will do"`
	Prefer   value.Ports `yaml:"prefer" doc:"of the ports those that are asked first; with match any the others are left alone if one of these is as expected"`
	Sample   int         `yaml:"sample" doc:"how many of the ports to ask at first: both ends and an even spread; where answers differ, more in between; left out, all"`
	Identify bool        `yaml:"identify" default:"false" doc:"find out who answers: wait for a greeting, then try TLS, then HTTP"`
}

const (
	expectOpen    = "open"
	expectAllowed = "allowed"
	expectClosed  = "closed"
)

func (c *tcpCheck) String() string { return targetName(c.hosts.list(), c.ports.list()) }

// Targets counts the ports of a sample as the sample.
func (c *tcpCheck) Targets() int {
	n := len(c.ports.list().All())
	if c.Sample > 0 {
		n = min(n, c.Sample)
	}
	return n * len(c.hosts.list())
}

// Endpoints are what it connects to. That a proxy gives no way to a port says
// nothing of a port that must be closed.
func (c *tcpCheck) Endpoints() []engine.Endpoint {
	if c.Expect == expectClosed {
		return nil
	}
	return endpoints(c.hosts.list(), c.ports.list())
}

func (c *tcpCheck) Validate() error {
	errs := []error{c.hosts.validate(), c.ports.validate()}
	all := c.ports.list()
	if len(all) > 0 {
		for _, p := range c.Prefer.All() {
			if !all.Contains(p) {
				errs = append(errs, &engine.FieldError{Field: "prefer", Message: fmt.Sprintf("%d is not one of the ports", p)})
				break
			}
		}
	}
	if c.Sample < 0 || c.Sample == 1 {
		errs = append(errs, &engine.FieldError{Field: "sample", Message: "a sample has at least two ports, one at each end"})
	}
	if c.Identify && c.Expect == expectClosed {
		errs = append(errs, &engine.FieldError{Field: "identify", Message: "nobody is to answer on a port that is expected to be closed"})
	}
	return errors.Join(errs...)
}

func (c *tcpCheck) any() bool { return c.Match == "any" }

// Probe looks at every address of every host at once.
func (c *tcpCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	hs := c.hosts.list()
	seen := make([]hostSeen, len(hs))
	done := newProgress(t.Progress)
	inTurn(len(hs), func(i int, begun func()) {
		seen[i] = c.probeHost(ctx, t, hs[i], done, begun)
	})
	out := engine.Outcome{}
	for _, h := range seen {
		out.Results = append(out.Results, h.results...)
	}
	v := c.judge(seen)
	if err := ctx.Err(); err != nil && (v.met != yes || c.Identify) {
		return out, err
	}
	out.Detail = v.detail
	switch v.met {
	case no:
		if c.Expect == expectClosed && engine.Classify(v.err) == result.FailExpectation {
			out.Code = result.TCPOpen
		}
	case unknown:
		out.Verdict = result.Inconclusive
	case yes:
		v.err = nil
		var remarks []string
		var names []*here
		for _, h := range seen {
			if h.warning != "" && len(remarks) == 0 {
				remarks = append(remarks, h.warning)
			}
			names = append(names, h.here)
		}
		warn(&out, remarks, names)
	}
	return out, v.err
}
