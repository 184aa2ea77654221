package machine

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// addresses asks the kernel by netlink, which tells what net.Interfaces leaves
// out: whether an address has an end.
func addresses() ([]Address, error) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETADDR, syscall.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	msgs, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	links, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	byIndex := make(map[int]net.Interface, len(links))
	for _, l := range links {
		byIndex[l.Index] = l
	}
	var as []Address
	for _, m := range msgs {
		if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg {
			continue
		}
		attrs, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			return nil, fmt.Errorf("list addresses: %w", err)
		}
		// struct ifaddrmsg: family, prefix length, flags, scope, index
		bits, flags := int(m.Data[1]), uint32(m.Data[2])
		link := byIndex[int(binary.NativeEndian.Uint32(m.Data[4:]))]
		if link.Flags&net.FlagUp == 0 {
			continue
		}
		a := Address{Interface: link.Name, Index: link.Index, MAC: link.HardwareAddr.String()}
		var ip netip.Addr
		for _, at := range attrs {
			switch at.Attr.Type {
			case unix.IFA_LOCAL: // this side of a point-to-point link
				ip, _ = netip.AddrFromSlice(at.Value)
			case unix.IFA_ADDRESS:
				if !ip.IsValid() {
					ip, _ = netip.AddrFromSlice(at.Value)
				}
			case unix.IFA_FLAGS:
				if len(at.Value) >= 4 {
					flags = binary.NativeEndian.Uint32(at.Value)
				}
			}
		}
		if !ip.IsValid() {
			continue
		}
		a.Prefix = netip.PrefixFrom(ip.Unmap(), bits)
		a.Endless = flags&unix.IFA_F_PERMANENT != 0
		as = append(as, a)
	}
	return as, nil
}

func gateways() ([]netip.Addr, error) {
	var all []route
	for _, family := range []int{syscall.AF_INET, syscall.AF_INET6} {
		rib, err := syscall.NetlinkRIB(syscall.RTM_GETROUTE, family)
		if err != nil {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		msgs, err := syscall.ParseNetlinkMessage(rib)
		if err != nil {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		var rs []route
		for _, m := range msgs {
			if r, ok := defaultRoute(m); ok {
				rs = append(rs, r)
			}
		}
		all = append(all, sorted(rs)...)
	}
	var gs []netip.Addr
	for _, r := range all {
		gs = append(gs, r.via...)
	}
	return gs, nil
}

// defaultRoute reads a message that describes a default route of the main
// table with a next hop.
func defaultRoute(m syscall.NetlinkMessage) (route, bool) {
	if m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg {
		return route{}, false
	}
	// struct rtmsg: family, dst length, src length, tos, table, protocol, scope, type, flags
	if m.Data[1] != 0 || m.Data[7] != syscall.RTN_UNICAST {
		return route{}, false
	}
	attrs, err := syscall.ParseNetlinkRouteAttr(&m)
	if err != nil {
		return route{}, false
	}
	r, table := route{}, uint32(m.Data[4])
	for _, at := range attrs {
		switch at.Attr.Type {
		case syscall.RTA_GATEWAY:
			if ip, ok := netip.AddrFromSlice(at.Value); ok {
				r.via = append(r.via, ip)
			}
		case syscall.RTA_MULTIPATH:
			r.via = append(r.via, nextHops(at.Value)...)
		case syscall.RTA_PRIORITY:
			if len(at.Value) >= 4 {
				r.metric = binary.NativeEndian.Uint32(at.Value)
			}
		case unix.RTA_TABLE:
			if len(at.Value) >= 4 {
				table = binary.NativeEndian.Uint32(at.Value)
			}
		}
	}
	return r, table == unix.RT_TABLE_MAIN && len(r.via) > 0
}

// nextHops reads a list of struct rtnexthop: length, flags, hops, index, and
// attributes behind each.
func nextHops(b []byte) []netip.Addr {
	var via []netip.Addr
	for len(b) >= unix.SizeofRtNexthop {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.SizeofRtNexthop || n > len(b) {
			break
		}
		for at := b[unix.SizeofRtNexthop:n]; len(at) >= unix.SizeofRtAttr; {
			l := int(binary.NativeEndian.Uint16(at))
			if l < unix.SizeofRtAttr || l > len(at) {
				break
			}
			if binary.NativeEndian.Uint16(at[2:]) == unix.RTA_GATEWAY {
				if ip, ok := netip.AddrFromSlice(at[unix.SizeofRtAttr:l]); ok {
					via = append(via, ip)
				}
			}
			at = at[min((l+3)&^3, len(at)):]
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return via
}
