package servers

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// answer is what the zone says to a question, and after how long; nil: nothing.
func (z *Zone) answer(q *dns.Msg) (*dns.Msg, time.Duration) {
	z.mu.Lock()
	defer z.mu.Unlock()
	a := new(dns.Msg).SetReply(q)
	a.RecursionAvailable = true
	if q.IsEdns0() != nil {
		a.SetEdns0(1232, false)
	}
	name, qtype := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	delay, fixed := time.Duration(0), false
	for _, f := range slices.Concat(z.fates[name], z.fates["*."]) {
		verb := f.verb
		if kind, rest, ok := strings.Cut(verb, ":"); ok {
			if dns.StringToType[kind] != qtype {
				continue
			}
			verb = rest
		}
		switch verb {
		case "drop":
			return nil, 0
		case "delay":
			delay, _ = time.ParseDuration(f.arg)
		case "ede":
			if o := a.IsEdns0(); o != nil {
				code, _ := strconv.ParseUint(f.arg, 10, 16)
				o.Option = append(o.Option, &dns.EDNS0_EDE{InfoCode: uint16(code)})
			}
		case "answer":
			fixed = true
			if rr := address(name, qtype, f.arg); rr != nil {
				a.Answer = append(a.Answer, rr)
			}
		case "bogus":
			if !q.CheckingDisabled {
				a.Rcode, fixed = dns.RcodeServerFailure, true
			}
		default:
			a.Rcode, fixed = dns.StringToRcode[verb], true
		}
	}
	if fixed {
		return a, delay
	}
	z.resolve(a, name, qtype)
	if to := z.modes["rewrite"]; to != "" && a.Rcode == dns.RcodeNameError {
		a.Rcode = dns.RcodeSuccess
		if rr := address(name, qtype, to); rr != nil {
			a.Answer = append(a.Answer, rr)
		}
	}
	if z.has("rebind") {
		a.Answer = slices.DeleteFunc(a.Answer, private)
	}
	return a, delay
}

// resolve fills in what the records say, aliases followed.
func (z *Zone) resolve(a *dns.Msg, name string, qtype uint16) {
	for range 8 {
		rrs, ok := z.lookup(name)
		if !ok {
			if len(a.Answer) == 0 {
				a.Rcode = dns.RcodeNameError
			}
			return
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
			return
		}
		name = next
	}
}

// lookup finds a name's records, a wildcard's where it has none, or those that
// the zone beyond has.
func (z *Zone) lookup(name string) ([]dns.RR, bool) {
	if rrs, ok := z.records[name]; ok {
		return rrs, true
	}
	for _, rest, ok := strings.Cut(name, "."); ok; _, rest, ok = strings.Cut(rest, ".") { // RFC 4592: of any depth
		if rrs, ok := z.records["*."+rest]; ok {
			own := make([]dns.RR, len(rrs))
			for i, rr := range rrs {
				own[i] = dns.Copy(rr)
				own[i].Header().Name = name
			}
			return own, true
		}
	}
	if z.beyond != nil {
		z.beyond.mu.Lock()
		defer z.beyond.mu.Unlock()
		return z.beyond.lookup(name)
	}
	return nil, false
}

// Addresses are what the zone has for a name, as a resolver of nobody's fault
// would say.
func (z *Zone) Addresses(name string) []netip.Addr {
	z.mu.Lock()
	defer z.mu.Unlock()
	var all []netip.Addr
	for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		a := new(dns.Msg)
		z.resolve(a, strings.ToLower(dns.Fqdn(name)), qtype)
		for _, rr := range a.Answer {
			if ip, ok := addressOf(rr); ok {
				all = append(all, ip)
			}
		}
	}
	return all
}

// address is an address record, if the question is for one of its family.
func address(name string, qtype uint16, addr string) dns.RR {
	kind := "A"
	if strings.Contains(addr, ":") {
		kind = "AAAA"
	}
	if dns.StringToType[kind] != qtype {
		return nil
	}
	rr, err := dns.NewRR(name + " 60 " + kind + " " + addr)
	if err != nil {
		return nil
	}
	return rr
}

func addressOf(rr dns.RR) (netip.Addr, bool) {
	switch rr := rr.(type) {
	case *dns.A:
		ip, ok := netip.AddrFromSlice(rr.A.To4())
		return ip, ok
	case *dns.AAAA:
		return netip.AddrFromSlice(rr.AAAA)
	}
	return netip.Addr{}, false
}

func private(rr dns.RR) bool {
	ip, ok := addressOf(rr)
	return ok && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast())
}

// Names are those that have this address.
func (z *Zone) Names(addr netip.Addr) []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	var names []string
	for name, rrs := range z.records {
		if slices.ContainsFunc(rrs, func(rr dns.RR) bool { ip, ok := addressOf(rr); return ok && ip == addr }) {
			names = append(names, strings.TrimSuffix(name, "."))
		}
	}
	slices.Sort(names)
	return names
}

// Hosts is what the zone knows as lines of a hosts file.
func (z *Zone) Hosts() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	var lines []string
	for name, rrs := range z.records {
		for _, rr := range rrs {
			if ip, ok := addressOf(rr); ok {
				lines = append(lines, ip.String()+" "+strings.TrimSuffix(name, "."))
			}
		}
	}
	slices.Sort(lines)
	return lines
}
