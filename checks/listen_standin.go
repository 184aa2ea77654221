package checks

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/standin"
	"netcheck/report/result"
)

// localPatience is how long this machine may take to answer itself.
const localPatience = 500 * time.Millisecond

// ownerOf finds a socket's process, and calls a stand-in by that name: netcheck
// that listens in place of a service, in this run or beside it, is no service.
// None but netcheck's own processes are asked.
func ownerOf(ctx context.Context, t *engine.Trace) func(machine.Socket) (machine.Owner, error) {
	return func(s machine.Socket) (machine.Owner, error) {
		o, err := machine.OwnerOf(s)
		if err == nil && isNetcheck(o.Name) && isStandin(ctx, t, s) {
			o.Name = result.NoteStandIn
		}
		return o, err
	}
}

// isNetcheck tells whether a program may be this one: netcheck, netcheck.exe,
// netcheck-windows-amd64.exe.
func isNetcheck(name string) bool {
	bare := strings.TrimSuffix(strings.ToLower(name), ".exe")
	return bare == "netcheck" || slices.ContainsFunc([]string{"netcheck-", "netcheck_"}, func(p string) bool { return strings.HasPrefix(bare, p) })
}

// isStandin asks what listens on a socket whether it is a stand-in.
func isStandin(ctx context.Context, t *engine.Trace, s machine.Socket) bool {
	to := s.Addr
	if to.Addr().IsUnspecified() {
		loopback := netip.IPv6Loopback()
		if to.Addr().Is4() {
			loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		to = netip.AddrPortFrom(loopback, to.Port())
	}
	ctx, cancel := context.WithTimeout(ctx, localPatience)
	defer cancel()
	nonce := standin.NewNonce()
	said, err := askStandin(ctx, t, s.Proto, to, nonce)
	_, ok := standin.Proof(said)
	return err == nil && ok
}
