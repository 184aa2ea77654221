package checks

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// A filter gives a name that it blocks an address of no use: 0.0.0.0 or ::, to
// which a connect goes to this machine itself, or a loopback address. Whatever
// listens there by chance must not pass for the service.

// isNull reports whether an address is nobody's.
func isNull(a netip.Addr) bool { return a.Unmap().IsUnspecified() }

// real leaves the addresses that are somebody's. It is an error if that takes
// the last one.
func real(name string, as []netip.Addr) ([]netip.Addr, error) {
	kept := slices.DeleteFunc(slices.Clone(as), isNull)
	if len(kept) == 0 && len(as) > 0 {
		return nil, nullAddress(name, texts(as))
	}
	return kept, nil
}

func nullAddress(name string, as []string) error {
	return engine.Failed(result.FailNullAddress, fmt.Errorf("%s: the address %s is nobody's", name, strings.Join(as, ", ")))
}

// here is a name that leads to this machine, though it does not say so.
type here struct {
	text string
	code result.Code // why, as far as can be told
}

// leadsHere tells of a name that leads to this machine itself; nil if it does
// not, or may: it says so, it is this machine's own, or the run was told whom
// to ask.
func leadsHere(t *engine.Trace, host value.Host, as []netip.Addr) *here {
	i := slices.IndexFunc(as, netip.Addr.IsLoopback)
	if i < 0 || len(t.Env.Resolvers) > 0 {
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(string(host), "."))
	own, err := os.Hostname()
	_, literal := host.Addr()
	switch {
	case literal, name == "localhost", strings.HasSuffix(name, ".localhost"), err == nil && strings.EqualFold(own, name):
		return nil
	case slices.Contains(machine.Hosts(name), as[i]):
		return &here{fmt.Sprintf("%s leads to this machine itself: its hosts file says %s", host, as[i]), result.DNSHostsOverride}
	}
	return &here{fmt.Sprintf("%s leads to this machine itself: %s", host, as[i]), result.DNSRewritten}
}

// warn makes a warning of what is to be remarked. That names lead here is
// named as the cause where nothing else is wrong.
func warn(out *engine.Outcome, remarks []string, names []*here) {
	var all []string
	for _, h := range names {
		if h != nil && !slices.Contains(all, h.text) {
			all = append(all, h.text)
			if len(remarks) == 0 {
				out.Code = h.code
			}
		}
	}
	if all = append(all, remarks...); len(all) > 0 {
		out.Verdict, out.Detail = result.Warn, strings.Join(all, "; ")
	}
}
