//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Cable connects two namespaces by a virtual cable, on which what the senders
// mean to be segments are segments: a router on the way must be able to see
// and to drop each.
func Cable(a *Space, nameA string, b *Space, nameB string) error {
	err := a.Do(func() error {
		return netlink.LinkAdd(&netlink.Veth{
			LinkAttrs: netlink.LinkAttrs{Name: nameA, Flags: net.FlagUp},
			PeerName:  nameB, PeerNamespace: netlink.NsPid(b.tid),
		})
	})
	if err != nil {
		return fmt.Errorf("a cable from %s to %s: %w", nameA, nameB, err)
	}
	return errors.Join(
		offload(a, nameA, unix.ETHTOOL_STSO, unix.ETHTOOL_SGSO, unix.ETHTOOL_SGRO),
		offload(b, nameB, unix.ETHTOOL_STSO, unix.ETHTOOL_SGSO, unix.ETHTOOL_SGRO),
		b.Up(nameB, true),
	)
}

// Up brings an interface up or down.
func (s *Space) Up(name string, up bool) error {
	return s.link(name, func(l netlink.Link) error {
		if up {
			return netlink.LinkSetUp(l)
		}
		return netlink.LinkSetDown(l)
	})
}

// MTU sets how large a packet an interface sends.
func (s *Space) MTU(name string, bytes int) error {
	return s.link(name, func(l netlink.Link) error { return netlink.LinkSetMTU(l, bytes) })
}

// Bridge makes a switch of interfaces; it is an interface itself.
func (s *Space) Bridge(name string, ports ...string) error {
	return s.Do(func() error {
		b := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name, Flags: net.FlagUp}}
		if err := netlink.LinkAdd(b); err != nil {
			return fmt.Errorf("bridge %s: %w", name, err)
		}
		for _, p := range ports {
			l, err := netlink.LinkByName(p)
			if err == nil {
				err = netlink.LinkSetMaster(l, b)
			}
			if err != nil {
				return fmt.Errorf("bridge %s: port %s: %w", name, p, err)
			}
		}
		return nil
	})
}

// Address gives an interface an address. One that is there already is no
// fault.
func (s *Space) Address(name string, p netip.Prefix) error {
	return s.link(name, func(l netlink.Link) error {
		a := &netlink.Addr{IPNet: ipNet(p, false)}
		if p.Addr().Is6() {
			a.Flags = unix.IFA_F_NODAD // usable at once
		}
		err := netlink.AddrAdd(l, a)
		if errors.Is(err, unix.EEXIST) {
			return nil
		}
		return err
	})
}

// Forget takes all addresses of a family from an interface.
func (s *Space) Forget(name string, family int) error {
	return s.link(name, func(l netlink.Link) error {
		addrs, err := netlink.AddrList(l, family)
		for _, a := range addrs {
			err = errors.Join(err, netlink.AddrDel(l, &a))
		}
		return err
	})
}

// Route is where packets to a network go: to a neighbour, or nowhere.
type Route struct {
	To   netip.Prefix
	Via  netip.Addr // none: to the interface's own network, or nowhere
	Dev  string     // needed for a link-local neighbour, and where there is none
	Kind int        // unix.RTN_*; 0: unicast
	Over bool       // goes before the route to the interface's own network
}

// Route adds a route, in place of one to the same network.
func (s *Space) Route(r Route) error {
	return s.Do(func() error {
		n, err := r.netlink()
		if err == nil {
			err = netlink.RouteReplace(n)
		}
		if err != nil {
			return fmt.Errorf("route to %s via %s: %w", r.To, r.Via, err)
		}
		return nil
	})
}

// NoRoute takes away every route to this very network.
func (s *Space) NoRoute(to netip.Prefix) error {
	return s.Do(func() error {
		filter := &netlink.Route{Dst: ipNet(to, true)}
		routes, err := netlink.RouteListFiltered(family(to.Addr()), filter, netlink.RT_FILTER_DST)
		if err == nil && len(routes) == 0 {
			err = unix.ESRCH
		}
		for _, r := range routes {
			err = errors.Join(err, netlink.RouteDel(&r))
		}
		if err != nil {
			return fmt.Errorf("no route to %s: %w", to, err)
		}
		return nil
	})
}

func (r Route) netlink() (*netlink.Route, error) {
	n := &netlink.Route{Dst: ipNet(r.To, true), Type: r.Kind}
	if r.Via.IsValid() {
		n.Gw = r.Via.AsSlice()
	}
	if r.Over && r.To.Addr().Is6() {
		n.Priority = 1 // IPv4's are replaced
	}
	if r.Dev == "" {
		return n, nil
	}
	l, err := netlink.LinkByName(r.Dev)
	if err != nil {
		return nil, err
	}
	n.LinkIndex = l.Attrs().Index
	if !r.Via.IsValid() {
		n.Scope = netlink.SCOPE_LINK
	}
	return n, nil
}

func (s *Space) link(name string, f func(netlink.Link) error) error {
	return s.Do(func() error {
		l, err := netlink.LinkByName(name)
		if err == nil {
			err = f(l)
		}
		if err != nil {
			return fmt.Errorf("interface %s: %w", name, err)
		}
		return nil
	})
}

func ipNet(p netip.Prefix, masked bool) *net.IPNet {
	a := p.Addr()
	if masked {
		a = p.Masked().Addr()
	}
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(p.Bits(), a.BitLen())}
}

func family(a netip.Addr) int {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}
