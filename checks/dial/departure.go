package dial

import (
	"context"
	"net/netip"
)

// Departs tells whether packets of a connect leave this machine, or end in its
// own packet filter, be it silently or with a refusal that looks as another's.
// The system notes of a packet that it sends again whether it could, and does
// so for each socket. It is an error where that can't be told, and
// errors.ErrUnsupported where the system does not note it.
func (n *Network) Departs(ctx context.Context, to netip.AddrPort) (bool, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if err := n.admit(ctx, to.Addr(), 1); err != nil {
		return false, waited(ctx, to, err)
	}
	defer n.limits.files.leave(1)
	return departs(ctx, to)
}
