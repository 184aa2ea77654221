//go:build !linux

package standin

import (
	"net"
	"net/netip"
)

// packets are a port's datagrams. Here the routes choose which of this
// machine's addresses an answer comes from; with several on one network it may
// be another than the one that was asked.
type packets struct{ c *net.UDPConn }

func newPackets(c *net.UDPConn) *packets { return &packets{c} }

func (p *packets) read(b []byte) (n int, from netip.AddrPort, back []byte, err error) {
	n, from, err = p.c.ReadFromUDPAddrPort(b)
	return n, from, nil, err
}

func (p *packets) write(b, _ []byte, to netip.AddrPort) { _, _ = p.c.WriteToUDPAddrPort(b, to) }
