package checks

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

// hosts are the fields by which a kind is told whom to contact.
type hosts struct {
	Host  value.OneOrMany[value.Host] `yaml:"host" doc:"a name or an address, or a list of them"`
	Hosts value.OneOrMany[value.Host] `yaml:"hosts" doc:"the same as host"`
}

func (h hosts) list() []value.Host { return slices.Concat(h.Host, h.Hosts) }

func (h hosts) validate() error {
	switch {
	case len(h.Host) > 0 && len(h.Hosts) > 0:
		return &engine.FieldError{Field: "hosts", Message: "given beside host, which is the same", Hint: "write one list"}
	case len(h.list()) == 0:
		return &engine.FieldError{Field: "host", Message: "missing: which host?"}
	}
	return nil
}

// ports are the fields by which a kind is told on which ports.
type ports struct {
	Port  value.Ports `yaml:"port" doc:"a port, a range such as 8000-8005, or a list of both"`
	Ports value.Ports `yaml:"ports" doc:"the same as port"`
}

func (p ports) list() value.Ports { return slices.Concat(p.Port, p.Ports) }

func (p ports) validate() error {
	switch {
	case len(p.Port) > 0 && len(p.Ports) > 0:
		return &engine.FieldError{Field: "ports", Message: "given beside port, which is the same", Hint: "write one list"}
	case len(p.list()) == 0:
		return &engine.FieldError{Field: "port", Message: "missing: which port?"}
	}
	return nil
}

// targetName is hosts and ports for a reader: a, b:9000-9999.
func targetName(hs []value.Host, ps value.Ports) string {
	names := make([]string, len(hs))
	for i, h := range hs {
		names[i] = string(h)
	}
	if len(names) == 1 {
		return net.JoinHostPort(names[0], ps.String())
	}
	return strings.Join(names, ", ") + ":" + ps.String()
}

func texts[T fmt.Stringer](vs []T) []string {
	ss := make([]string, len(vs))
	for i, v := range vs {
		ss[i] = v.String()
	}
	return ss
}
