package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/standin"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// note is what is known of an open port beyond that it is open.
type note struct {
	who     string // answers
	warning string
}

// notes are those of an address, by port.
type notes map[uint16]note

// warning is the one of the lowest port; "" if there is none.
func (n notes) warning() string {
	for _, port := range slices.Sorted(maps.Keys(n)) {
		if w := n[port].warning; w != "" {
			return w
		}
	}
	return ""
}

// on writes the notes on the results: where different peers answer, a run of
// open ports becomes several.
func (n notes) on(rs []result.Result) []result.Result {
	if len(n) == 0 {
		return rs
	}
	var out []result.Result
	for _, r := range rs {
		ports, err := value.ParsePorts(r.Ports)
		if err != nil || r.State != result.Open {
			out = append(out, r)
			continue
		}
		var peers []string
		members := map[string][]uint16{}
		for _, port := range ports.All() {
			who := n[port].who
			if members[who] == nil {
				peers = append(peers, who)
			}
			members[who] = append(members[who], port)
		}
		for _, who := range peers {
			one := r
			one.Ports, one.Note = portList(members[who]), who
			out = append(out, one)
		}
	}
	return out
}

// maxIdentified bounds how many ports of a range are talked to.
const maxIdentified = 16

// identifyOpen finds out who answers on the first open ports of a range.
func (p *tcpProbe) identifyOpen(ctx context.Context) {
	var open []uint16
	for _, port := range p.seen.ports {
		if isOpen(port) && len(open) < maxIdentified {
			open = append(open, port.Port)
		}
	}
	found := make([]note, len(open))
	inTurn(len(open), func(i int, begun func()) {
		to := netip.AddrPortFrom(p.seen.address, open[i])
		if conn, err := p.t.Network().Connect(ctx, to); err == nil {
			found[i] = p.identify(ctx, conn, p.peer(to), begun)
		}
	})
	p.notes = notes{}
	for i, port := range open {
		p.notes[port] = found[i]
	}
}

// peer is whom a port is talked to as, and how it is connected to again.
type peer struct {
	addr   netip.Addr // invalid: the proxy's business
	port   uint16
	redial func(context.Context) (net.Conn, error)
}

// peer is an address that was connected to directly.
func (p *tcpProbe) peer(to netip.AddrPort) peer {
	return peer{to.Addr(), to.Port(), func(ctx context.Context) (net.Conn, error) {
		return p.t.Network().DialContext(ctx, "tcp", to.String())
	}}
}

const (
	// greetingPatience is how long a greeting is waited for: a mail or file
	// server that looks up its client's name first takes seconds.
	greetingPatience = 3 * time.Second
	// talkPatience is how long TLS and HTTP have after that, where a run sets
	// no time of its own.
	talkPatience = 5 * time.Second
)

// identify finds out who answers and closes the connection. That nobody can be
// told is no failure of the port: it is open. That it breaks unasked is worth a
// warning, as firewalls do that which answer in a server's place.
func (p *tcpProbe) identify(ctx context.Context, conn *dial.Conn, to peer, begun func()) (n note) {
	name := ""
	if _, literal := p.host.Addr(); !literal {
		name = string(p.host)
	}
	rest := cmp.Or(p.t.Env.Timeout, talkPatience)
	wait := min(greetingPatience, rest)
	ctx, cancel := context.WithTimeout(ctx, wait+rest)
	defer cancel()
	err := p.t.Span(ctx, result.OpGreeting, func(ctx context.Context, s *engine.Step) error {
		begun()
		if to.addr.IsValid() {
			s.Set("network.peer.address", to.addr.String())
			s.Set("network.peer.port", int(to.port))
		} else {
			s.Set("server.address", string(p.host))
			s.Set("server.port", int(to.port))
		}
		peer, err := talk.Identify(ctx, conn, talk.IdentifyOptions{ServerName: name, Patience: wait, Redial: to.redial})
		if err != nil {
			return err
		}
		s.Set("protocol", peer.Proto)
		s.Set("banner", peer.Banner)
		n.who = peer.String()
		if strings.HasPrefix(peer.Banner, standin.Answer) {
			n.who = result.NoteStandIn
		}
		if peer.Proto == "silent" && speaksFirst(to.port) {
			return engine.Failed(result.FailTimeout, errors.New("no greeting came"))
		}
		return nil
	})
	where := net.JoinHostPort(string(p.host), strconv.Itoa(int(to.port)))
	if to.addr.IsValid() {
		where = netip.AddrPortFrom(to.addr, to.port).String()
	}
	switch f := engine.Classify(err); {
	case err == nil:
	case f == result.FailTimeout && n.who != "":
		n.warning = fmt.Sprintf("%s is open, and does not greet as servers on that port do", where)
	case f == result.FailReset || f == result.FailEOF:
		n.warning = fmt.Sprintf("%s opens, and is closed before anything was asked", where)
	default:
		n.warning = fmt.Sprintf("%s is open; who answers could not be found out", where)
	}
	return n
}

// speaksFirst tells whether on a port by its registration the server greets,
// so that silence is odd: FTP, SSH, SMTP, POP3, IMAP, VNC.
func speaksFirst(port uint16) bool {
	return slices.Contains([]uint16{21, 22, 25, 110, 143, 587, 5900}, port)
}
