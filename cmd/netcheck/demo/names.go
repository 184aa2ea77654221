package demo

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

// resolve opens the shop's own DNS server, on UDP and TCP.
func (s *Shop) resolve(hosts map[string]netip.Addr) error {
	c, err := net.ListenPacket("udp", fmt.Sprintf("%s:0", loopback))
	if err != nil {
		return err
	}
	s.closers = append(s.closers, c)
	s.resolver = netip.MustParseAddrPort(c.LocalAddr().String())
	answer := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		_ = w.WriteMsg(reply(q, hosts))
	})
	servers := []*dns.Server{{PacketConn: c, Handler: answer}}
	// The same port may be taken for TCP; these answers never need it.
	if l, err := net.Listen("tcp", s.resolver.String()); err == nil {
		s.closers = append(s.closers, l)
		servers = append(servers, &dns.Server{Listener: l, Handler: answer})
	}
	for _, server := range servers {
		s.serving.Go(func() { _ = server.ActivateAndServe() })
	}
	return nil
}

// reply knows the addresses of hosts, and that nothing else exists.
func reply(q *dns.Msg, hosts map[string]netip.Addr) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	if len(q.Question) != 1 {
		return m.SetRcode(q, dns.RcodeFormatError)
	}
	question := q.Question[0]
	header := dns.RR_Header{Name: question.Name, Class: dns.ClassINET, Ttl: 60}
	addr, known := hosts[dns.CanonicalName(question.Name)]
	if known && question.Qtype == dns.TypeA {
		header.Rrtype = dns.TypeA
		m.Answer = []dns.RR{&dns.A{Hdr: header, A: addr.AsSlice()}}
		return m
	}
	if !known {
		m.Rcode = dns.RcodeNameError
	}
	m.Ns = []dns.RR{&dns.SOA{
		Hdr: dns.RR_Header{Name: "lantern.test.", Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 60},
		Ns:  "ns.lantern.test.", Mbox: "hostmaster.lantern.test.", Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: 60,
	}}
	return m
}
