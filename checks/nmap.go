package checks

import (
	"errors"
	"fmt"
	"regexp"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

var nmapKind = engine.Kind{
	Name: "nmap",
	Doc:  "ports of a host as the scanner nmap sees them, where it is installed: with its questions by UDP, and who serves them",
	Example: `- id: phone-service
  title: Telephone exchange
  nmap: {host: sip.example.com, port: 5060, proto: udp}`,
	New: func() engine.Prober { return new(nmapCheck) },
}

type nmapCheck struct {
	hosts   `yaml:",inline"`
	ports   `yaml:",inline"`
	Proto   string `yaml:"proto" default:"tcp" enum:"tcp,udp" doc:"udp takes administrator's rights: nmap then asks each port in the words of the service that is usual there"`
	Service string `yaml:"service" doc:"ask who serves the open ports, in which version, which takes some seconds more: any, or a pattern that the answer must match: /regexp/"`
}

// maxNmapPorts bounds one check: what takes nmap long is silence, and a second
// or two a port is what UDP takes it.
const maxNmapPorts = 100

func (c *nmapCheck) String() string { return targetName(c.hosts.list(), c.ports.list()) }

func (c *nmapCheck) Targets() int { return len(c.ports.list().All()) * len(c.hosts.list()) }

func (c *nmapCheck) Validate() error {
	errs := []error{c.hosts.validate(), c.ports.validate()}
	if n := c.ports.list().Count(); n > maxNmapPorts {
		errs = append(errs, &engine.FieldError{Field: "port", Message: fmt.Sprintf("%d ports, at most %d", n, maxNmapPorts)})
	}
	if _, err := c.pattern(); err != nil {
		errs = append(errs, &engine.FieldError{Field: "service", Message: err.Error(), Hint: "any, or /regexp/"})
	}
	return errors.Join(errs...)
}

func (c *nmapCheck) udp() bool { return c.Proto == "udp" }

// pattern is what the service must match; nil: anything will do.
func (c *nmapCheck) pattern() (*regexp.Regexp, error) {
	if c.Service == "" || c.Service == "any" {
		return nil, nil
	}
	if len(c.Service) < 2 || c.Service[0] != '/' || c.Service[len(c.Service)-1] != '/' {
		return nil, errors.New("neither any nor an expression between slashes")
	}
	return value.ParseRegexp(c.Service[1 : len(c.Service)-1])
}
