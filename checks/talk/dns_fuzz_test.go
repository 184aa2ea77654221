package talk

import (
	"strings"
	"testing"
	"unicode"

	"github.com/miekg/dns"
)

// FuzzReply takes what a server sends through everything that looks at it.
func FuzzReply(f *testing.F) {
	q := new(dns.Msg).SetQuestion("shop.test.", dns.TypeTXT)
	q.Id = 1
	seed := func(records ...string) {
		m := new(dns.Msg).SetReply(q)
		for _, r := range records {
			rr, err := dns.NewRR(r)
			if err != nil {
				f.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	seed()
	seed(`shop.test. TXT "\027[2J\027]0;owned\007" "x"`, "shop.test. A 192.0.2.1", "shop.test. AAAA ::ffff:192.0.2.1")
	seed(`\027[2J.shop.test. CNAME \226\128\174.test.`, "shop.test. MX 1 a.test.", `shop.test. CAA 0 issue "\155"`, "shop.test. SVCB 1 . alpn=h2")
	f.Add([]byte("SSH-2.0-OpenSSH_9.7\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := parseReply(b, []*dns.Msg{q})
		if m == nil {
			return
		}
		asked := &question{name: "shop.test.", qtype: dns.TypeTXT}
		a := &Answer{}
		asked.read(m, a)
		_ = asked.judge(a)
		_ = a.Addrs()
		if len(a.Records) > maxRecords {
			t.Errorf("%d records", len(a.Records))
		}
		for _, r := range a.Records {
			if i := strings.IndexFunc(r.Name+r.Value+r.Type, unicode.IsControl); i >= 0 {
				t.Errorf("a control character in %+q", r.Name+r.Value)
			}
		}
		for _, e := range a.Extended {
			if strings.ContainsFunc(e.Text, unicode.IsControl) {
				t.Errorf("a control character in %q", e.Text)
			}
		}
	})
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		``: ``, `plain`: `plain`, `a\"b`: `a"b`, `\\`: `\`, `\065`: `A`, `\300`: `300`, `\06`: `06`, `end\`: `end\`,
	} {
		if got := unescape(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
