package checktest

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// zone is what a world's DNS server knows and how it misbehaves.
type zone struct {
	mu      sync.Mutex
	records map[string][]dns.RR
	rcodes  map[string]int
	modes   map[string]int
	asked   int
}

// dnsVerb starts a DNS server on UDP and TCP: dns PORT. Names that no record
// verb gives it do not exist.
func dnsVerb(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	if address == "" {
		address = "127.0.0.1"
	}
	p, err := port(args[0])
	if err != nil {
		return err
	}
	var packets net.PacketConn
	var listener net.Listener
	for range 20 { // until a port is free on both
		if packets, err = net.ListenPacket("udp", net.JoinHostPort(address, strconv.Itoa(int(p)))); err != nil {
			return err
		}
		if listener, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			break
		}
		packets.Close()
	}
	if err != nil {
		return err
	}
	z := &zone{records: map[string][]dns.RR{}, rcodes: map[string]int{}, modes: map[string]int{}}
	for _, s := range []*dns.Server{
		{PacketConn: packets, Handler: z, UDPSize: 4096},
		{Listener: listener, Handler: z, ReadTimeout: 200 * time.Millisecond, IdleTimeout: func() time.Duration { return 200 * time.Millisecond }},
	} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		w.Go(func() { _ = s.ActivateAndServe() })
		<-started
		w.AtEnd(func() { _ = s.Shutdown() })
	}
	number := portOf(packets.LocalAddr())
	w.zones[number] = z
	return w.name(args[0], number)
}

func (w *World) zone(arg string) (*zone, error) {
	p, err := port(arg)
	if z := w.zones[p]; z != nil {
		return z, nil
	}
	return nil, fmt.Errorf("no dns server on %s (%v)", arg, err)
}

// record adds a record: record PORT "name. A 127.0.0.1".
func record(w *World, args []string) error {
	args, _, err := on(args, 2)
	if err != nil {
		return err
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	rr, err := dns.NewRR(args[1])
	if err != nil {
		return err
	}
	name := strings.ToLower(rr.Header().Name)
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records[name] = append(z.records[name], rr)
	return nil
}

// rcode makes a name fail: rcode PORT NAME SERVFAIL; * is every name.
func rcode(w *World, args []string) error {
	args, _, err := on(args, 3)
	if err != nil {
		return err
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	code, ok := dns.StringToRcode[args[2]]
	if !ok {
		return fmt.Errorf("no such rcode: %s", args[2])
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.rcodes[strings.ToLower(dns.Fqdn(args[1]))] = code
	return nil
}

// dnsMode makes the server misbehave: dns-mode PORT MODE[=COUNT]….
func dnsMode(w *World, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("wanted a port and modes")
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, m := range args[1:] {
		name, count, counted := strings.Cut(m, "=")
		switch name {
		case "lose": // the first COUNT datagrams
		case "truncate": // by UDP, so that TCP must be asked
		case "tcp-dead": // TCP connections are closed unanswered
		case "edns-dead": // datagrams with EDNS are dropped
		case "edns-formerr": // and this server says so
		case "wrong-id", "wrong-name": // a forged answer goes before the genuine one
		case "only-a": // AAAA is not answered
		default:
			return fmt.Errorf("no such mode: %s", name)
		}
		n := 1
		if counted {
			if n, err = strconv.Atoi(count); err != nil {
				return err
			}
		}
		z.modes[name] = n
	}
	return nil
}

// resolve makes the run ask this server in place of the machine's resolvers.
func resolve(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	if address == "" {
		address = "127.0.0.1"
	}
	a, err := netip.ParseAddrPort(net.JoinHostPort(address, args[0]))
	w.Env.Resolvers = append(w.Env.Resolvers, a)
	return err
}

// ServeDNS answers.
func (z *zone) ServeDNS(out dns.ResponseWriter, q *dns.Msg) {
	_, overTCP := out.RemoteAddr().(*net.TCPAddr)
	z.mu.Lock()
	defer z.mu.Unlock()
	if !overTCP {
		z.asked++
	}
	switch {
	case overTCP && z.modes["tcp-dead"] > 0:
		out.Close()
		return
	case !overTCP && z.asked <= z.modes["lose"], q.IsEdns0() != nil && z.modes["edns-dead"] > 0:
		return
	case q.Question[0].Qtype == dns.TypeAAAA && z.modes["only-a"] > 0:
		return
	}
	a := z.answer(q)
	switch {
	case q.IsEdns0() != nil && z.modes["edns-formerr"] > 0:
		a = new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
	case !overTCP && z.modes["truncate"] > 0:
		a.Truncated, a.Answer = true, nil
	}
	if z.modes["wrong-id"] > 0 {
		forged := a.Copy()
		forged.Id++
		_ = out.WriteMsg(forged)
	}
	if z.modes["wrong-name"] > 0 {
		forged := a.Copy()
		forged.Question[0].Name = "elsewhere.test."
		_ = out.WriteMsg(forged)
	}
	_ = out.WriteMsg(a)
}

// answer is what the records say, aliases followed.
func (z *zone) answer(q *dns.Msg) *dns.Msg {
	a := new(dns.Msg).SetReply(q)
	a.RecursionAvailable = true
	if q.IsEdns0() != nil {
		a.SetEdns0(1232, false)
	}
	name, qtype := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	for _, n := range []string{name, "*."} {
		if code, ok := z.rcodes[n]; ok {
			a.Rcode = code
			return a
		}
	}
	for range 8 {
		rrs, ok := z.records[name]
		if !ok {
			if len(a.Answer) == 0 {
				a.Rcode = dns.RcodeNameError
			}
			return a
		}
		next := ""
		for _, rr := range rrs {
			alias, isAlias := rr.(*dns.CNAME)
			if rr.Header().Rrtype == qtype || isAlias {
				a.Answer = append(a.Answer, rr)
			}
			if isAlias && qtype != dns.TypeCNAME {
				next = strings.ToLower(alias.Target)
			}
		}
		if next == "" {
			return a
		}
		name = next
	}
	return a
}
