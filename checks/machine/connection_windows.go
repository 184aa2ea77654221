package machine

import (
	"errors"
	"net/netip"

	"golang.org/x/sys/windows"
)

func connections() ([]Connection, error) {
	const (
		listening   = 2 // MIB_TCP_STATE_LISTEN
		synReceived = 4 // MIB_TCP_STATE_SYN_RCVD
		everything  = 5 // TCP_TABLE_OWNER_PID_ALL
	)
	var found []Connection
	add := func(local, remote netip.Addr, localPort, remotePort, state uint32) {
		c := Connection{
			Local: netip.AddrPortFrom(local.Unmap(), hostOrder(localPort)), Remote: netip.AddrPortFrom(remote.Unmap(), hostOrder(remotePort)),
			Half: state == synReceived,
		}
		if state != listening && c.Remote.Port() != 0 {
			found = append(found, c)
		}
	}
	err := errors.Join(
		table(getExtendedTCPTable, windows.AF_INET, everything, func(r *tcpRow) {
			add(ipv4(r.local), ipv4(r.remote), r.localPort, r.remotePort, r.state)
		}),
		table(getExtendedTCPTable, windows.AF_INET6, everything, func(r *tcp6Row) {
			add(netip.AddrFrom16(r.local), netip.AddrFrom16(r.remote), r.localPort, r.remotePort, r.state)
		}),
	)
	return found, err
}
