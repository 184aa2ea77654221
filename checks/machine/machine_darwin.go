package machine

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"

	netroute "golang.org/x/net/route"
	"golang.org/x/sys/unix"
)

func system() string {
	v, err := unix.Sysctl("kern.osproductversion")
	if err != nil {
		return "macOS"
	}
	return "macOS " + printable(v)
}

func originOf(a Address) (Origin, string) {
	ip := a.Prefix.Addr()
	switch {
	case ip.IsLoopback():
		return OriginStatic, "the loopback address"
	case ip.IsLinkLocalUnicast():
		return OriginAuto, "a link-local address"
	}
	return OriginUnknown, "macOS does not show without its own tools where an address came from"
}

func gateways() ([]netip.Addr, error) {
	var gs []netip.Addr
	for _, family := range []int{syscall.AF_INET, syscall.AF_INET6} {
		rib, err := netroute.FetchRIB(family, netroute.RIBTypeRoute, 0)
		if err != nil {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		msgs, err := netroute.ParseRIB(netroute.RIBTypeRoute, rib)
		if err != nil {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		for _, m := range msgs {
			r, ok := m.(*netroute.RouteMessage)
			if !ok || r.Flags&syscall.RTF_GATEWAY == 0 || len(r.Addrs) <= syscall.RTAX_NETMASK {
				continue
			}
			if !unspecified(r.Addrs[syscall.RTAX_DST]) || !unspecified(r.Addrs[syscall.RTAX_NETMASK]) {
				continue
			}
			if ip, ok := toAddr(r.Addrs[syscall.RTAX_GATEWAY]); ok {
				gs = append(gs, ip)
			}
		}
	}
	return gs, nil
}

func unspecified(a netroute.Addr) bool {
	if a == nil {
		return true
	}
	ip, ok := toAddr(a)
	return ok && ip.IsUnspecified()
}

func toAddr(a netroute.Addr) (netip.Addr, bool) {
	switch a := a.(type) {
	case *netroute.Inet4Addr:
		return netip.AddrFrom4(a.IP), true
	case *netroute.Inet6Addr:
		ip := netip.AddrFrom16(a.IP)
		if a.ZoneID != 0 {
			if l, err := net.InterfaceByIndex(a.ZoneID); err == nil {
				ip = ip.WithZone(l.Name)
			}
		}
		return ip, true
	}
	return netip.Addr{}, false
}
