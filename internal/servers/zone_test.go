package servers

import (
	"slices"
	"testing"

	"github.com/miekg/dns"
)

// TestZone: what a zone answers, told as RCODE and the answers' data.
func TestZone(t *testing.T) {
	internet := NewZone(nil)
	z := NewZone(internet)
	for zone, records := range map[*Zone][]string{
		internet: {"a.test. A 192.0.2.1", "a.test. AAAA 2001:db8::1", "b.test. CNAME a.test.", "near.test. A 10.0.0.1", "near.test. A 192.0.2.2"},
		z:        {"own.test. A 192.0.2.9", "*.wild.test. A 192.0.2.7", "loop.test. CNAME loop.test."},
	} {
		for _, r := range records {
			if err := zone.Add(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, words := range map[string][]string{
		"refused.test": {"REFUSED"}, "bogus.test": {"ede=6", "bogus"}, "silent.test": {"drop"},
		"null.test": {"answer=0.0.0.0", "answer=::"}, "half.test": {"AAAA:drop", "A:answer=192.0.2.3"},
	} {
		if err := z.Fate(name, words...); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range []string{"rewrite=192.0.2.66", "rebind"} {
		if err := z.Mode(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		qtype uint16
		zone  *Zone
		want  []string // nil: silence
	}{
		{"own.test", dns.TypeA, z, []string{"NOERROR", "192.0.2.9"}},
		{"OWN.test", dns.TypeA, z, []string{"NOERROR", "192.0.2.9"}},
		{"own.test", dns.TypeAAAA, z, []string{"NOERROR"}},
		{"own.test", dns.TypeA, internet, []string{"NXDOMAIN"}},
		{"a.test", dns.TypeAAAA, z, []string{"NOERROR", "2001:db8::1"}},
		{"b.test", dns.TypeA, z, []string{"NOERROR", "a.test.", "192.0.2.1"}},
		{"x.wild.test", dns.TypeA, z, []string{"NOERROR", "192.0.2.7"}},
		{"x.y.wild.test", dns.TypeA, z, []string{"NOERROR", "192.0.2.7"}},
		{"near.test", dns.TypeA, z, []string{"NOERROR", "192.0.2.2"}},
		{"none.test", dns.TypeA, z, []string{"NOERROR", "192.0.2.66"}},
		{"none.test", dns.TypeAAAA, z, []string{"NOERROR"}},
		{"refused.test", dns.TypeA, z, []string{"REFUSED"}},
		{"bogus.test", dns.TypeA, z, []string{"SERVFAIL"}},
		{"null.test", dns.TypeAAAA, z, []string{"NOERROR", "::"}},
		{"half.test", dns.TypeA, z, []string{"NOERROR", "192.0.2.3"}},
		{"half.test", dns.TypeAAAA, z, nil},
		{"silent.test", dns.TypeA, z, nil},
		{"silent.test", dns.TypeA, internet, []string{"NXDOMAIN"}},
	} {
		a, _ := c.zone.answer(new(dns.Msg).SetQuestion(c.name+".", c.qtype))
		if got := told(a); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.name, dns.TypeToString[c.qtype], got, c.want)
		}
	}
	if got := z.Addresses("b.test"); len(got) != 2 {
		t.Errorf("b.test has %v, want the two of a.test", got)
	}
	if got := internet.Names(internet.Addresses("a.test")[0]); !slices.Equal(got, []string{"a.test"}) {
		t.Errorf("the first address of a.test is that of %q", got)
	}
}

func told(a *dns.Msg) []string {
	if a == nil {
		return nil
	}
	said := []string{dns.RcodeToString[a.Rcode]}
	for _, rr := range a.Answer {
		said = append(said, dns.Field(rr, 1))
	}
	return said
}

// TestZoneSaysWhatIsWrong: a slip in a case is no server without faults.
func TestZoneSaysWhatIsWrong(t *testing.T) {
	z := NewZone(nil)
	for what, err := range map[string]error{
		"record": z.Add("a.test. A x"), "fate": z.Fate("a.test", "DANCE"), "address": z.Fate("a.test", "answer=x"), "ede": z.Fate("a.test", "ede=x"),
		"mode": z.Mode("dance"), "count": z.Mode("lose"), "delay": z.Mode("slow=1"),
	} {
		if err == nil {
			t.Errorf("a wrong %s is taken", what)
		}
	}
}
