package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
)

var dnsKind = engine.Kind{
	Name: "dns",
	Doc:  "a name has an answer: from every resolver that this machine uses, and by the system's own way",
	Example: `- id: office-name
  title: Name of the office
  dns: {name: office.example.com, equals: own-public-ip}`,
	New: func() engine.Prober { return &dnsCheck{} },
}

// dnsCheck is a question and the answer that the product needs.
type dnsCheck struct {
	Name     string                        `yaml:"name" required:"true" doc:"the name to ask for, always in full; of PTR also an address"`
	Type     string                        `yaml:"type" default:"A" doc:"type of record: A, AAAA, CNAME, MX, TXT, SRV, PTR, NS; left out, an address of either family will do"`
	Expect   string                        `yaml:"expect" default:"answer" enum:"answer,nxdomain" doc:"answer, or nxdomain: that the name does not exist"`
	Equals   value.OneOrMany[string]       `yaml:"equals" doc:"exactly these values, in any order; own-public-ip stands for this machine's public address"`
	Within   value.OneOrMany[value.Prefix] `yaml:"within" doc:"every address lies within one of these networks"`
	Resolver string                        `yaml:"resolver" doc:"ask this server alone: an address, or address:port"`
}

// ownPublicIP is the value that stands for this machine's public address.
const ownPublicIP = "own-public-ip"

func (d *dnsCheck) String() string {
	s := d.Name
	if d.Type != "" {
		s += " " + strings.ToUpper(d.Type)
	}
	if d.Resolver != "" {
		s += " @" + d.Resolver
	}
	return s
}

// Targets counts the server that is named; the machine's own resolvers are
// asked anyway.
func (d *dnsCheck) Targets() int { return 1 }

// AsksOutside says whether a helper outside would be asked, where there is one.
func (d *dnsCheck) AsksOutside() bool { return slices.Contains(d.Equals, ownPublicIP) }

func (d *dnsCheck) Validate() error {
	var errs []error
	wrong := func(field, format string, args ...any) {
		errs = append(errs, &engine.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	types := d.types()
	switch _, isAddr := netip.ParseAddr(d.Name); {
	case d.Name == "":
		wrong("name", "is missing")
	case isAddr == nil && !slices.Equal(types, []string{"PTR"}):
		wrong("name", "%q is an address: its name is asked for by type PTR", d.Name)
	case isAddr != nil && !talk.IsName(d.Name):
		wrong("name", "%q is no name: its parts are 63 characters long at most, the whole 255", d.Name)
	}
	for _, t := range types {
		if _, ok := talk.QueryType(t); !ok {
			wrong("type", "%q is no type of record", d.Type)
		}
	}
	if d.Expect == "nxdomain" && (len(d.Equals) > 0 || len(d.Within) > 0) {
		wrong("expect", "a name that is not to exist has no value to compare")
	}
	if len(d.Within) > 0 && !d.asksAddress() {
		wrong("within", "only addresses lie within a network; the type is %s", d.Type)
	}
	if slices.Contains(d.Equals, ownPublicIP) && !d.asksAddress() {
		wrong("equals", "%s is an address; the type is %s", ownPublicIP, d.Type)
	}
	if d.asksAddress() {
		for _, v := range d.Equals {
			if _, err := netip.ParseAddr(v); err != nil && v != ownPublicIP {
				wrong("equals", "%q is not an address", v)
			}
		}
	}
	if d.Resolver != "" {
		if _, err := parseResolver(d.Resolver); err != nil {
			wrong("resolver", "%v", err)
		}
	}
	return errors.Join(errs...)
}

// parseResolver reads an address, or an address and a port.
func parseResolver(s string) (netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil && ap.Port() != 0 {
		return ap, nil
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	return netip.AddrPort{}, fmt.Errorf("%q is not an address or address:port", s)
}

// types are the questions to ask.
func (d *dnsCheck) types() []string {
	if d.Type == "" {
		return []string{"A", "AAAA"}
	}
	return []string{strings.ToUpper(d.Type)}
}

func (d *dnsCheck) asksAddress() bool {
	t := d.types()[0]
	return t == "A" || t == "AAAA"
}

// question is the name as it is asked for.
func (d *dnsCheck) question() string {
	if a, err := netip.ParseAddr(d.Name); err == nil {
		return talk.ReverseName(a)
	}
	return d.Name
}

// resolvers lists whom to ask, and whether the system's own way is to be gone
// as well.
func (d *dnsCheck) resolvers(ctx context.Context, t *engine.Trace) ([]netip.AddrPort, bool, error) {
	if d.Resolver != "" {
		r, err := parseResolver(d.Resolver)
		return []netip.AddrPort{r}, false, err
	}
	if len(t.Env.Resolvers) > 0 {
		return t.Env.Resolvers, false, nil
	}
	v, _, err := t.Env.Memo.Do(ctx, "dns: configured resolvers", func(context.Context) (any, error) {
		configured, err := machine.Resolvers()
		var all []netip.AddrPort
		for _, r := range configured {
			if !slices.Contains(all, r.Addr) {
				all = append(all, r.Addr)
			}
		}
		return all, err
	})
	if err != nil {
		return nil, true, err
	}
	return v.([]netip.AddrPort), d.asksAddress(), nil
}
