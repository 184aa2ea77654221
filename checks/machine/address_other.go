//go:build !linux && !windows

package machine

import (
	"fmt"
	"net"
	"net/netip"
)

func addresses() ([]Address, error) {
	links, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	var as []Address
	for _, l := range links {
		if l.Flags&net.FlagUp == 0 {
			continue
		}
		ips, err := l.Addrs()
		if err != nil {
			return nil, fmt.Errorf("list addresses of %s: %w", l.Name, err)
		}
		for _, ip := range ips {
			p, err := netip.ParsePrefix(ip.String())
			if err != nil {
				continue
			}
			as = append(as, Address{
				Prefix:    netip.PrefixFrom(p.Addr().Unmap(), p.Bits()),
				Interface: l.Name, Index: l.Index, MAC: l.HardwareAddr.String(),
			})
		}
	}
	return as, nil
}
