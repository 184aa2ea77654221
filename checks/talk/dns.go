package talk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// QueryOptions vary a DNS question. The zero value is the usual one: recursion
// wished, by UDP with EDNS, by TCP where the answer is too long for that.
type QueryOptions struct {
	TCP              bool // ask by TCP at once
	PlainUDP         bool // without EDNS: for middleboxes that drop what they don't know
	CheckingDisabled bool // CD: the answer even where DNSSEC fails
}

// Answer is what a server said to a question.
type Answer struct {
	Server netip.AddrPort
	Name   string // as asked, fully qualified
	Type   string // such as AAAA

	RCode     int    // 0 NOERROR, 3 NXDOMAIN, …
	RCodeName string // such as NXDOMAIN
	Records   []Record
	Extended  []ExtendedError

	Authoritative bool
	Recursion     bool // the server offers it
	Authentic     bool // AD: the server says that DNSSEC holds
	EDNS          bool // the answer has it
	Truncated     bool // by UDP: the answer was asked for by TCP again
	TCP           bool // came by TCP
	Tries         int  // datagrams sent
	RTT           time.Duration
}

// Record is one resource record of an answer.
type Record struct {
	Name  string // owner, lower case, without the last dot
	Type  string
	TTL   uint32
	Value string // as in a zone file, made harmless; of TXT the joined text
}

// ExtendedError is RFC 8914: why, in the server's words.
type ExtendedError struct {
	Code int // 15 blocked, 16 censored, 17 filtered, 6 to 12 DNSSEC
	Name string
	Text string
}

// maxRecords bounds what is kept of an answer. No genuine answer that a shop
// needs comes near.
const maxRecords = 256

// Addrs returns the addresses of the answer, those of the names that its
// aliases lead to included.
func (a *Answer) Addrs() []netip.Addr {
	var addrs []netip.Addr
	for _, r := range a.Records {
		if r.Type == "A" || r.Type == "AAAA" {
			if ip, err := netip.ParseAddr(r.Value); err == nil {
				addrs = append(addrs, ip)
			}
		}
	}
	return addrs
}

// Values returns the values of the records of a type, such as MX.
func (a *Answer) Values(rtype string) []string {
	var values []string
	for _, r := range a.Records {
		if r.Type == rtype {
			values = append(values, r.Value)
		}
	}
	return values
}

// DNSError is a question without the answer that was hoped for.
type DNSError struct {
	Server netip.AddrPort
	Name   string
	Type   string
	Code   result.Failure
	Err    error
}

func (e *DNSError) Error() string {
	return fmt.Sprintf("query %s %s at %s: %v", e.Name, e.Type, e.Server, e.Err)
}
func (e *DNSError) Unwrap() error           { return e.Err }
func (e *DNSError) Failure() result.Failure { return e.Code }

// Query asks one server one question. Where the server answered at all, the
// answer is returned, also beside an error: NXDOMAIN, SERVFAIL and an answer
// without a record of the type are errors, a *DNSError whose Failure says which.
func Query(ctx context.Context, network *dial.Network, server netip.AddrPort, name string, qtype uint16, o QueryOptions) (*Answer, error) {
	q := &question{network: network, server: server, options: o, name: dns.Fqdn(name), qtype: qtype}
	if _, ok := dns.IsDomainName(name); !ok {
		return nil, q.fail(result.FailDNSFormat, errNoName)
	}
	return q.query(ctx)
}

var errNoName = errors.New("not a domain name")

// question is one Query while it is asked.
type question struct {
	network *dial.Network
	server  netip.AddrPort
	options QueryOptions
	name    string
	qtype   uint16
	before  int  // datagrams sent already
	misfit  bool // something came that is no answer to it
}

func (q *question) fail(code result.Failure, err error) *DNSError {
	return &DNSError{Server: q.server, Name: strings.TrimSuffix(q.name, "."), Type: typeName(q.qtype), Code: code, Err: err}
}

// judge turns an answer that does not answer into an error.
func (q *question) judge(a *Answer) error {
	switch a.RCode {
	case dns.RcodeSuccess:
		if q.qtype == dns.TypeANY || len(a.Values(a.Type)) > 0 {
			return nil
		}
		return q.fail(result.FailNoData, errors.New("no record of this type"))
	case dns.RcodeNameError:
		return q.fail(result.FailNXDomain, errors.New("no such name"))
	case dns.RcodeServerFailure:
		return q.fail(result.FailServFail, errors.New("the server failed"))
	case dns.RcodeRefused:
		return q.fail(result.FailDNSRefused, errors.New("the server refused"))
	}
	return q.fail(result.FailRCode, fmt.Errorf("the server said %s", a.RCodeName))
}

// read keeps of a message what a reader needs.
func (q *question) read(m *dns.Msg, a *Answer) {
	a.Server, a.Name, a.Type = q.server, q.name, typeName(q.qtype)
	a.RCode, a.RCodeName = m.Rcode, dns.RcodeToString[m.Rcode]
	if a.RCodeName == "" {
		a.RCodeName = fmt.Sprintf("RCODE%d", m.Rcode)
	}
	a.Authoritative, a.Recursion, a.Authentic = m.Authoritative, m.RecursionAvailable, m.AuthenticatedData
	for _, rr := range m.Answer[:min(len(m.Answer), maxRecords)] {
		h := rr.Header()
		a.Records = append(a.Records, Record{
			Name: Clean(strings.ToLower(strings.TrimSuffix(h.Name, ".")), 255),
			Type: typeName(h.Rrtype), TTL: h.Ttl, Value: recordValue(rr),
		})
	}
	opt := m.IsEdns0()
	if opt == nil {
		return
	}
	a.EDNS = true
	for _, o := range opt.Option {
		if e, ok := o.(*dns.EDNS0_EDE); ok && len(a.Extended) < 8 {
			a.Extended = append(a.Extended, ExtendedError{int(e.InfoCode), dns.ExtendedErrorCodeToString[e.InfoCode], Clean(e.ExtraText, 200)})
		}
	}
}

func typeName(t uint16) string {
	if n, ok := dns.TypeToString[t]; ok {
		return n
	}
	return fmt.Sprintf("TYPE%d", t)
}

// recordValue is a record's data as a reader expects it.
func recordValue(rr dns.RR) string {
	var v string
	switch rr := rr.(type) {
	case *dns.A:
		return rr.A.String()
	case *dns.AAAA:
		// not rr.AAAA.String(): an address mapped from IPv4 must not pass for IPv4
		if ip, ok := netip.AddrFromSlice(rr.AAAA.To16()); ok {
			return ip.String()
		}
	case *dns.CNAME:
		v = strings.TrimSuffix(rr.Target, ".")
	case *dns.NS:
		v = strings.TrimSuffix(rr.Ns, ".")
	case *dns.PTR:
		v = strings.TrimSuffix(rr.Ptr, ".")
	case *dns.TXT:
		v = unescape(strings.Join(rr.Txt, ""))
	case *dns.MX:
		v = fmt.Sprintf("%d %s", rr.Preference, strings.TrimSuffix(rr.Mx, "."))
	case *dns.SRV:
		v = fmt.Sprintf("%d %d %d %s", rr.Priority, rr.Weight, rr.Port, strings.TrimSuffix(rr.Target, "."))
	default:
		v = strings.TrimPrefix(rr.String(), rr.Header().String())
	}
	return Clean(v, 512)
}

// unescape undoes a zone file's escapes (RFC 1035, section 5.1), in which the
// library keeps text.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 10, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// isTimeout reports whether err is a read or write whose time was over.
func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// QueryType is the number of a record type such as AAAA.
func QueryType(name string) (uint16, bool) {
	t, ok := dns.StringToType[strings.ToUpper(name)]
	return t, ok
}

// ReverseName is the name under which an address is looked up, for PTR.
func ReverseName(a netip.Addr) string {
	name, err := dns.ReverseAddr(a.Unmap().WithZone("").String())
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(name, ".")
}

// IsName reports whether s can be asked for: labels of at most 63 bytes, 255 in
// all.
func IsName(s string) bool {
	_, ok := dns.IsDomainName(s)
	return ok && s != ""
}
