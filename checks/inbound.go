package checks

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strconv"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

var inboundKind = engine.Kind{
	Name: "inbound",
	Doc:  "a port of the shop is reached from the internet, and what answers there is this machine's service",
	Example: `- id: orders
  title: The orders reach the till
  inbound: {public_host: shop.example.com, public_port: 8080, local_port: 6767}`,
	New: func() engine.Prober { return new(inboundCheck) },
}

// inboundCheck is a port that calls from the internet must reach. A helper
// outside calls; here it is told whether the call arrived.
type inboundCheck struct {
	PublicHost value.Host `yaml:"public_host" doc:"the name or address that is called from outside; left out, the address from which this line is seen there"`
	PublicPort uint16     `yaml:"public_port" doc:"the port that is called from outside"`
	LocalHost  value.Host `yaml:"local_host" doc:"the machine to which the calls are forwarded; left out, this one"`
	LocalPort  *uint16    `yaml:"local_port" doc:"the port to which they are forwarded there; left out, the same as outside"`
	Family     string     `yaml:"family" default:"4" enum:"4,6" doc:"whether the call comes by IPv4 or IPv6"`
	Proto      string     `yaml:"proto" default:"tcp" enum:"tcp,udp" doc:"tcp or udp"`
	Proof      string     `yaml:"proof" default:"service" enum:"service,standin" doc:"service: the product's service must be there and be reached; standin: it need not be there yet, netcheck stands in for it"`
	AllowList  bool       `yaml:"allow_list" default:"false" doc:"the firewall lets only the vendor's addresses in: that a stranger's call fails then proves nothing"`
}

func (c *inboundCheck) localPort() uint16 {
	if c.LocalPort == nil {
		return c.PublicPort
	}
	return *c.LocalPort
}

func (c *inboundCheck) proto() string { return cmp.Or(c.Proto, "tcp") }

func (c *inboundCheck) service() bool { return c.Proof != "standin" }

func (c *inboundCheck) ipv6() bool { return c.Family == "6" }

func (c *inboundCheck) String() string {
	host := cmp.Or(string(c.PublicHost), result.Line)
	text := net.JoinHostPort(host, strconv.Itoa(int(c.PublicPort)))
	if c.proto() == "udp" {
		text += " udp"
	}
	return text + " " + result.FromOutside
}

// AsksOutside says that a helper outside is asked, where there is one.
func (c *inboundCheck) AsksOutside() bool { return true }

// Targets counts the port: one call is asked for.
func (c *inboundCheck) Targets() int { return 1 }

func (c *inboundCheck) Validate() error {
	var errs []error
	wrong := func(field, format string, words ...any) {
		errs = append(errs, &engine.FieldError{Field: field, Message: fmt.Sprintf(format, words...)})
	}
	if c.PublicPort == 0 {
		wrong("public_port", "missing: which port is called from outside, from 1 to 65535?")
	}
	if c.LocalPort != nil && *c.LocalPort == 0 {
		wrong("local_port", "0 is no port: it is a number from 1 to 65535")
	}
	if a, ok := c.PublicHost.Addr(); ok && a.Is6() != c.ipv6() {
		wrong("public_host", "%s is not an IPv%s address", a, cmp.Or(c.Family, "4"))
	}
	if a, ok := c.LocalHost.Addr(); ok && a.IsUnspecified() {
		wrong("local_host", "%s is no machine's address", a)
	}
	return errors.Join(errs...)
}
