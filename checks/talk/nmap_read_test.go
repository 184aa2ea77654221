package talk

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"netcheck/report/result"
)

// one is the output of a scan with these ports of one host.
func one(host, ports string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap" start="1795309479" version="7.93" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="1" services="1"/>
<host starttime="1" endtime="2"><status state="up" reason="user-set" reason_ttl="0"/><address addr="` + host + `" addrtype="ipv4"/><ports>` + ports + `</ports></host>
<runstats><finished time="1" exit="success"/></runstats>
</nmaprun>`
}

func portElement(proto string, port int, state, reason string, rest string) string {
	return fmt.Sprintf(`<port protocol="%s" portid="%d"><state state="%s" reason="%s" %s</port>`, proto, port, state, reason, rest)
}

var asked = NmapQuestion{Host: netip.MustParseAddr("198.51.100.7"), TCP: []uint16{443, 9100}, UDP: []uint16{53}}

func TestReadNmap(t *testing.T) {
	type seen struct {
		State   result.State
		Failure result.Failure
		Service string
		TTL     int
		ICMP    string
	}
	for _, c := range []struct {
		name, ports string
		want        seen
	}{
		{"open", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="61"/>`), seen{State: result.Open, TTL: 61}},
		{"reset", portElement("tcp", 9100, "closed", "reset", `reason_ttl="63"/>`), seen{State: result.Closed, Failure: result.FailRefused, TTL: 63}},
		{"silent", portElement("tcp", 9100, "filtered", "no-response", `reason_ttl="0"/>`), seen{State: result.Filtered, Failure: result.FailConnectTimeout}},
		{
			"prohibited", portElement("tcp", 9100, "filtered", "admin-prohibited", `reason_ttl="64" reason_ip="192.168.1.1"/>`),
			seen{State: result.Rejected, Failure: result.FailProhibited, ICMP: "192.168.1.1 3/13 admin-prohibited 64"},
		},
		{
			"by the host itself", portElement("udp", 53, "closed", "port-unreach", `reason_ttl="61"/>`),
			seen{State: result.Closed, Failure: result.FailRefused, ICMP: "198.51.100.7 3/3 port-unreachable 61"},
		},
		{"told by the system", portElement("tcp", 9100, "filtered", "host-unreach", `reason_ttl="0"/>`), seen{State: result.Rejected, Failure: result.FailHostUnreachable}},
		{"udp silent", portElement("udp", 53, "open|filtered", "no-response", `reason_ttl="0"/>`), seen{State: result.Filtered, Failure: result.FailNoReply}},
		{"udp open", portElement("udp", 53, "open", "udp-response", `reason_ttl="60"/>`), seen{State: result.Open, TTL: 60}},
		{
			"service", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="0"/><service name="http" product="nginx" version="1.22" extrainfo="&#27;[31mred&#x202e;" tunnel="ssl" method="probed" conf="10"/>`),
			seen{},
		},
		{"by its number", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="0"/><service name="https" method="table" conf="3"/>`), seen{State: result.Open}},
		{
			"a name with what a terminal obeys", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="0"/><service name="http" product="nginx`+"\u202e\u009b"+`" method="probed" conf="10"/>`),
			seen{State: result.Open, Service: "http nginx"},
		},
		{"not asked", portElement("tcp", 80, "open", "syn-ack", `reason_ttl="61"/>`), seen{}},
		{"no state", portElement("tcp", 443, "ajar", "syn-ack", `reason_ttl="61"/>`), seen{}},
		{"no number", `<port protocol="tcp" portid="443443"><state state="open"/></port>`, seen{}},
		{"no ttl", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="300"/>`), seen{State: result.Open}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got seen
			if a, err := readNmap([]byte(one("198.51.100.7", c.ports)), asked); err == nil && len(a.Ports) > 0 {
				var ev result.Evidence
				got.State, got.Failure, ev = a.Ports[0].Seen()
				got.Service, got.TTL = a.Ports[0].Service, ev.AnswerTTL
				if m := ev.ICMP; m != nil {
					got.ICMP = fmt.Sprintf("%s %d/%d %s %d", m.From, m.Type, m.Code, m.Name, m.TTL)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Of an output that was cut off, all that is whole counts.
func TestReadNmapCutOff(t *testing.T) {
	whole := one("198.51.100.7", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="61"/>`))
	end := strings.Index(whole, "</host>") + len("</host>")
	for n := range len(whole) {
		a, err := readNmap([]byte(whole[:n]), asked)
		if err == nil && (len(a.Ports) == 1) != (n >= end) {
			t.Fatalf("cut at %d: %+v", n, a)
		}
		if n >= end && err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

func TestReadNmapHostile(t *testing.T) {
	for _, c := range []struct{ name, text, why string }{
		{"nothing", "", "EOF"},
		{"no XML", "Starting Nmap 7.93", "EOF"},
		{"something else", "<html></html>", `it is "html"`},
		{"deep", one("198.51.100.7", strings.Repeat("<a>", 1000)), "17 deep"},
		{"many", one("198.51.100.7", strings.Repeat("<port/>", 30_000)), "20001 elements"},
		{"an entity", `<!DOCTYPE nmaprun [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><nmaprun args="&b;"></nmaprun>`, "invalid character entity &b;"},
		{"a file", `<!DOCTYPE nmaprun [<!ENTITY f SYSTEM "file:///etc/passwd">]><nmaprun>&f;</nmaprun>`, "invalid character entity &f;"},
		{"another encoding", `<?xml version="1.0" encoding="UTF-7"?><nmaprun></nmaprun>`, "UTF-7"},
		{"not as it is written", one("198.51.100.7", `<port protocol="tcp" portid="x"/>`), "invalid syntax"},
		{"mixed up", "<nmaprun><host></nmaprun></host>", "host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := readNmap([]byte(c.text), asked); err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want %s", err, c.why)
			}
		})
	}
	a, err := readNmap([]byte(one("203.0.113.66", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="61"/>`))), asked)
	if err != nil || len(a.Ports) > 0 {
		t.Errorf("of another host: %+v, %v", a, err)
	}
}

// Whatever a server makes nmap write, what is read is bounded and harmless.
func FuzzReadNmap(f *testing.F) {
	f.Add(one("198.51.100.7", portElement("tcp", 443, "open", "syn-ack", `reason_ttl="61"/><service name="http" product="nginx" method="probed" conf="10"/>`)))
	f.Add(one("198.51.100.7", portElement("udp", 53, "filtered", "admin-prohibited", `reason_ttl="64" reason_ip="192.168.1.1"/>`)))
	f.Fuzz(func(t *testing.T, text string) {
		a, err := readNmap([]byte(text), asked)
		if err != nil {
			return
		}
		if len(a.Ports) > len(asked.TCP)+len(asked.UDP) {
			t.Errorf("%d ports", len(a.Ports))
		}
		for _, p := range a.Ports {
			if strings.ContainsFunc(p.Service+p.Reason, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Errorf("%q %q", p.Service, p.Reason)
			}
			p.Seen()
		}
	})
}
