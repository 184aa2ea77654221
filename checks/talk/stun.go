package talk

import (
	"context"
	"net/netip"

	"github.com/pion/stun/v3"

	"netcheck/checks/dial"
)

// askSTUN asks a server outside from where a datagram reached it (RFC 8489): that
// is the last translator's address, which need not be the gateway's own.
func askSTUN(ctx context.Context, network *dial.Network, q WANQuestion) WANAnswer {
	a := WANAnswer{Protocol: STUN, Gateway: q.STUN.Addr().Unmap()}
	ask, err := stun.Build(stun.TransactionID, stun.BindingRequest)
	if err != nil {
		a.Err = err
		return a
	}
	var told error
	a.Err = askDatagram(ctx, network, q.STUN,
		func(netip.Addr) []byte { return ask.Raw },
		func(b []byte) (ok bool) {
			a.Address, ok, told = parseSTUN(b, ask.TransactionID)
			return ok
		})
	if a.Err == nil {
		a.Err = told
	}
	return a
}

// parseSTUN reads the answer to the request of this number, and tells whether it
// is one. A server older than RFC 5389 gives the address as it is, which some
// gateways rewrite: it is not taken.
func parseSTUN(b []byte, id [stun.TransactionIDSize]byte) (netip.Addr, bool, error) {
	if !stun.IsMessage(b) {
		return netip.Addr{}, false, nil
	}
	m := &stun.Message{Raw: b}
	if m.Decode() != nil || m.TransactionID != id {
		return netip.Addr{}, false, nil
	}
	switch m.Type {
	case stun.BindingSuccess:
	case stun.BindingError:
		var code stun.ErrorCodeAttribute
		_ = code.GetFrom(m)
		return netip.Addr{}, true, noWAN("code %d: %s", int(code.Code), Clean(string(code.Reason), mostWANError))
	default:
		return netip.Addr{}, false, nil
	}
	var seen stun.XORMappedAddress
	if err := seen.GetFrom(m); err != nil {
		return netip.Addr{}, true, noWAN("it gives no address")
	}
	addr, ok := netip.AddrFromSlice(seen.IP)
	if !ok {
		return netip.Addr{}, true, noWAN("it gives no address")
	}
	addr, err := ofLine(addr)
	return addr, true, err
}
