package talk

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"netcheck/checks/dial"
)

// group is where UPnP's devices listen on their own link.
var group = netip.AddrPortFrom(netip.AddrFrom4([4]byte{239, 255, 255, 250}), portSSDP)

// igd is the device that is looked for; its later versions answer as this one.
const igd = "urn:schemas-upnp-org:device:InternetGatewayDevice:"

const (
	mostSSDP    = 256             // datagrams that are read
	mostPlaces  = 4               // descriptions that are looked at: a gateway has one
	othersAfter = 2 * wanTime / 5 // a gateway has answered by then: another device of the link may be the one
)

// askUPnP looks for an internet gateway device: it asks the gateway, and the
// link's devices by multicast, since some answer only that; reads where its
// description is, and asks what it describes.
//
// What is fetched is on the device that answered alone, and that is the gateway,
// or says itself that it is one: nobody on the link can make this machine ask
// others for anything. That, and a bound for what is read, is why no library
// does it.
func askUPnP(ctx context.Context, network *dial.Network, q WANQuestion) WANAnswer {
	a := WANAnswer{Protocol: UPnP, Gateway: q.Gateway}
	conn, err := linkSocket(ctx, network, q.Gateway)
	if err != nil {
		a.Err = err
		return a
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(longAgo) })()
	start := time.Now()
	end, _ := ctx.Deadline()
	seen := map[string]bool{}
	var others []*place
	try := func(p *place) bool {
		if got := p.ask(ctx, network, q); got.Err == nil || a.Err == nil || a.Gateway != q.Gateway {
			a = got
		}
		if a.Gateway == q.Gateway {
			end = soonest(end, time.Now().Add(wanMore)) // it is there: what else it has to say comes at once
		}
		return a.Err == nil
	}
	buf := make([]byte, 2048) // an answer is one datagram that no path splits
	for wait, read := wanResend, 0; time.Now().Before(end) && read < mostSSDP; wait *= 2 {
		_ = conn.SetDeadline(soonest(end, time.Now().Add(wait)))
		if ctx.Err() != nil {
			break
		}
		seekUPnP(conn, q.Gateway)
		for read < mostSSDP {
			n, from, err := conn.ReadFrom(buf)
			if isTimeout(err) {
				break
			}
			read++
			at, ok := from.(*net.UDPAddr)
			if err != nil || !ok {
				continue // ICMP for what was asked, where the system hands it in
			}
			p := parseSSDP(buf[:n], at.AddrPort().Addr().Unmap(), q.Gateway)
			if p == nil || seen[p.url.String()] || len(seen) == mostPlaces {
				continue
			}
			seen[p.url.String()] = true
			if p.device != q.Gateway {
				others = append(others, p)
			} else if try(p) {
				return a
			}
		}
		if time.Since(start) < othersAfter {
			continue
		}
		for _, p := range others {
			if try(p) {
				return a
			}
		}
		others = nil
	}
	if a.Err == nil {
		a.Err = unanswered(ctx, 0)
	}
	return a
}

func soonest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// linkSocket is a socket on this machine's address on the gateway's link.
func linkSocket(ctx context.Context, network *dial.Network, gateway netip.Addr) (*dial.Unconnected, error) {
	probe, err := network.Datagram(ctx, netip.AddrPortFrom(gateway, portSSDP)) // sends nothing
	if err != nil {
		return nil, err
	}
	local, _ := probe.LocalAddr().(*net.UDPAddr)
	probe.Close()
	return network.Unconnected(ctx, local.AddrPort().Addr())
}

// seekUPnP asks (UPnP Device Architecture 1.1, 1.3.2 and 1.3.3). Some gateways
// answer only the question for all, which the other devices are spared. What
// can't be sent is not answered.
func seekUPnP(conn net.PacketConn, gateway netip.Addr) {
	ask := func(to netip.AddrPort, what, more string) {
		_, _ = conn.WriteTo(fmt.Appendf(nil, "M-SEARCH * HTTP/1.1\r\nHOST: %s\r\nST: %s\r\nMAN: \"ssdp:discover\"\r\n%s\r\n", to, what, more), net.UDPAddrFromAddrPort(to))
	}
	const soon = "MX: 1\r\n" // seconds within which a member of the group answers
	near := netip.AddrPortFrom(gateway, portSSDP)
	ask(near, igd+"1", soon)
	ask(near, "ssdp:all", soon)
	ask(group, igd+"1", soon)
}

// place is where a device keeps its description.
type place struct {
	device netip.Addr
	url    *url.URL
}

// parseSSDP reads an answer; nil if it is of no use: it is not the gateway's nor
// that of a device on this link which says that it is one, or its description is
// to be fetched from somebody else.
func parseSSDP(b []byte, from, gateway netip.Addr) *place {
	const end = "\r\n\r\n" // which some leave out
	res, err := http.ReadResponse(bufio.NewReader(io.MultiReader(bytes.NewReader(b), strings.NewReader(end))), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		return nil
	}
	if from != gateway && (!strings.HasPrefix(res.Header.Get("ST"), igd) || !near(from)) {
		return nil
	}
	at := onDevice(nil, res.Header.Get("Location"), from)
	if at == nil {
		return nil
	}
	return &place{device: from, url: at}
}

// near tells of an address whether only a device of this link can have it.
func near(a netip.Addr) bool { return a.Is4() && (a.IsPrivate() || a.IsLinkLocalUnicast()) }

// onDevice reads a reference to what the device itself serves by plain HTTP; nil
// if it leads anywhere else.
func onDevice(base *url.URL, ref string, device netip.Addr) *url.URL {
	const longest = 512
	if ref = strings.TrimSpace(ref); ref == "" || len(ref) > longest {
		return nil
	}
	u, err := url.Parse(ref)
	if err != nil {
		return nil
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	host, err := netip.ParseAddr(u.Hostname())
	if err != nil || host != device || u.Scheme != "http" || u.User != nil || u.Opaque != "" {
		return nil
	}
	u.Fragment = ""
	if !hostPort(u).IsValid() {
		return nil
	}
	return u
}

// hostPort is where a URL on a device leads.
func hostPort(u *url.URL) netip.AddrPort {
	port := u.Port()
	if port == "" {
		port = "80"
	}
	at, _ := netip.ParseAddrPort(net.JoinHostPort(u.Hostname(), port))
	if at.Port() == 0 {
		return netip.AddrPort{}
	}
	return at
}
