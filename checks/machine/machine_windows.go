package machine

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

func system() string {
	v := windows.RtlGetVersion()
	name := "Windows"
	if v.ProductType != 1 { // VER_NT_WORKSTATION
		name = "Windows Server"
	}
	return fmt.Sprintf("%s %d.%d.%d", name, v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

// adapters calls f for each network adapter that is up.
func adapters(f func(*windows.IpAdapterAddresses)) error {
	const flags = windows.GAA_FLAG_INCLUDE_PREFIX | windows.GAA_FLAG_INCLUDE_GATEWAYS |
		windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	size := uint32(16 << 10)
	for range 8 { // adapters may come between the question and its repetition
		buf := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		if errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) {
			continue
		}
		if err != nil {
			return fmt.Errorf("list adapters: %w", err)
		}
		for a := first; a != nil; a = a.Next {
			if a.OperStatus == windows.IfOperStatusUp {
				f(a)
			}
		}
		return nil
	}
	return errors.New("list adapters: the list keeps growing")
}

func sockAddr(s windows.SocketAddress) (netip.Addr, bool) {
	ip, ok := netip.AddrFromSlice(s.IP())
	return ip.Unmap(), ok
}

func addresses() ([]Address, error) {
	var as []Address
	err := adapters(func(ad *windows.IpAdapterAddresses) {
		mac := net.HardwareAddr(ad.PhysicalAddress[:min(ad.PhysicalAddressLength, uint32(len(ad.PhysicalAddress)))]).String()
		for u := ad.FirstUnicastAddress; u != nil; u = u.Next {
			ip, ok := sockAddr(u.Address)
			if !ok {
				continue
			}
			as = append(as, Address{
				Prefix:    netip.PrefixFrom(ip, int(u.OnLinkPrefixLength)),
				Interface: printable(windows.UTF16PtrToString(ad.FriendlyName)),
				MAC:       mac,
				Index:     int(ad.IfIndex),
				Said:      windowsOrigin(u.PrefixOrigin, u.SuffixOrigin),
			})
		}
	})
	return as, err
}

// windowsOrigin reads NL_PREFIX_ORIGIN and NL_SUFFIX_ORIGIN.
func windowsOrigin(prefix, suffix int32) Origin {
	const manual, wellKnown, dhcp, router = 1, 2, 3, 4
	switch {
	case prefix == dhcp || suffix == dhcp:
		return OriginDHCP
	case prefix == manual:
		return OriginStatic
	case prefix == wellKnown, prefix == router:
		return OriginAuto
	}
	return OriginUnknown
}

func originOf(a Address) (Origin, string) {
	switch {
	case a.Prefix.Addr().IsLoopback():
		return OriginStatic, "the loopback address"
	case a.Said == OriginUnknown:
		return OriginUnknown, "Windows does not say where the address came from"
	}
	return a.Said, "Windows says so of the address"
}

func gateways() ([]netip.Addr, error) {
	var v4, v6 []route
	err := adapters(func(ad *windows.IpAdapterAddresses) {
		for g := ad.FirstGatewayAddress; g != nil; g = g.Next {
			ip, ok := sockAddr(g.Address)
			switch {
			case !ok:
			case ip.Is4():
				v4 = append(v4, route{[]netip.Addr{ip}, ad.Ipv4Metric})
			default:
				v6 = append(v6, route{[]netip.Addr{ip}, ad.Ipv6Metric})
			}
		}
	})
	var gs []netip.Addr
	for _, r := range append(sorted(v4), sorted(v6)...) {
		gs = append(gs, r.via...)
	}
	return gs, err
}

func resolvers() ([]Resolver, error) {
	var v4, v6 []route // a resolver list sorts as a route list does: by the adapter's metric
	err := adapters(func(ad *windows.IpAdapterAddresses) {
		if ad.IfType == windows.IF_TYPE_SOFTWARE_LOOPBACK {
			return
		}
		for d := ad.FirstDnsServerAddress; d != nil; d = d.Next {
			ip, ok := sockAddr(d.Address)
			switch {
			case !ok || siteLocal.Contains(ip):
			case ip.Is4():
				v4 = append(v4, route{[]netip.Addr{ip}, ad.Ipv4Metric})
			default:
				v6 = append(v6, route{[]netip.Addr{ip}, ad.Ipv6Metric})
			}
		}
	})
	var rs []Resolver
	seen := map[netip.Addr]bool{}
	for _, r := range append(sorted(v4), sorted(v6)...) {
		if ip := r.via[0]; !seen[ip] {
			seen[ip] = true
			rs = append(rs, Resolver{Addr: netip.AddrPortFrom(ip, 53)})
		}
	}
	return rs, err
}

// siteLocal holds the three resolver addresses that Windows notes for every
// adapter without a configured IPv6 resolver. Nobody answers there.
var siteLocal = netip.MustParsePrefix("fec0:0:0:ffff::/64")

func search() []string {
	var all []string
	seen := map[string]bool{}
	add := func(p *uint16) {
		s := strings.TrimSuffix(windows.UTF16PtrToString(p), ".")
		if isName(s) && !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	err := adapters(func(ad *windows.IpAdapterAddresses) {
		add(ad.DnsSuffix)
		for s := ad.FirstDnsSuffix; s != nil; s = s.Next {
			add(&s.String[0])
		}
	})
	if err != nil {
		return nil
	}
	return all
}
