package machine

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told is what a setting says, in one line for each word of it.
func told(s ProxySetting) []string {
	var said []string
	add := func(name string, p *Proxy) {
		if p != nil {
			said = append(said, name+" "+p.URL.String())
		}
	}
	add("http", s.HTTP)
	add("https", s.HTTPS)
	add("any", s.Any)
	if len(s.Exempt) > 0 {
		said = append(said, "exempt "+strings.Join(s.Exempt, " "))
	}
	if s.Script != "" {
		said = append(said, "script "+s.Script)
	}
	if s.Discover {
		said = append(said, "discover")
	}
	for range s.unread {
		said = append(said, "unread")
	}
	return said
}

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		name, server, override string
		want                   []string
	}{
		{"one for all", "proxy.test:8080", "", []string{"http http://proxy.test:8080", "https http://proxy.test:8080"}},
		{"each its own", "http=a.test:1;https=b.test:2;ftp=c.test:3", "", []string{"http http://a.test:1", "https http://b.test:2"}},
		{"SOCKS beside it", "http=a.test:1;socks=d.test:1080", "", []string{"http http://a.test:1", "any socks5://d.test:1080"}},
		{"a proxy that speaks TLS", "https=https://b.test:443", "", []string{"https https://b.test:443"}},
		{"for FTP alone", "ftp=c.test:3", "", nil},
		{"none", "", "", nil},
		{"unreadable", "http=a b:c;https=:8080", "", []string{"http http://a", "unread", "unread"}},
		{
			"exemptions", "proxy.test:8080", "10.*;192.168.*.*;172.16.1.*;*.shop.test;<local>;*till*;300.*;https://intranet.test",
			[]string{"http http://proxy.test:8080", "https http://proxy.test:8080", "exempt 10.0.0.0/8 192.168.0.0/16 172.16.1.0/24 *.shop.test <local> *till* 300.* intranet.test"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := ProxySetting{Source: "the Internet options"}
			s.windows(c.server, c.override)
			if d := cmp.Diff(c.want, told(s)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// registryValue is a setting as Windows writes it.
func registryValue(flags uint32, texts ...string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x46) // of WinINET; WinHTTP has 0x18, or 0x28
	b = binary.LittleEndian.AppendUint32(b, 7)
	b = binary.LittleEndian.AppendUint32(b, flags)
	for _, t := range texts {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	return b
}

func TestConnectionSettings(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want []string
		bad  bool
	}{
		{"nothing", nil, nil, true},
		{"direct", registryValue(1, "", ""), nil, false},
		{"direct, as a new machine has it", append(registryValue(1), make([]byte, 8)...), nil, false},
		{"a proxy", registryValue(3, "proxy.test:3128", "<local>;*.shop.test"), []string{"http http://proxy.test:3128", "https http://proxy.test:3128", "exempt <local> *.shop.test"}, false},
		{"a proxy that is switched off", registryValue(1, "proxy.test:3128", "<local>", "http://wpad.test/x.pac"), nil, false},
		{"a script", registryValue(5, "", "", "http://wpad.test/x.pac"), []string{"script http://wpad.test/x.pac"}, false},
		{"the network is asked", append(registryValue(9, "", "", ""), make([]byte, 32)...), []string{"discover"}, false},
		{"cut off in the numbers", registryValue(3)[:11], nil, true},
		{"cut off before the proxy", registryValue(3), nil, true},
		{"cut off in the proxy", registryValue(3, "proxy.test:3128")[:20], nil, true},
		{"a length of four gigabytes", append(registryValue(3), 0xff, 0xff, 0xff, 0xff), nil, true},
		{"with the zero of a C text", registryValue(3, "proxy.test:3128\x00", ""), []string{"http http://proxy.test:3128", "https http://proxy.test:3128"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := parseConnectionSettings(c.data)
			if ok == c.bad {
				t.Fatalf("read: %v", ok)
			}
			if d := cmp.Diff(c.want, told(got.setting("WinHTTP", false))); ok && d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func FuzzConnectionSettings(f *testing.F) {
	f.Add(registryValue(15, "http=a:1;socks=b", "10.*;<local>", "http://wpad.test/x.pac"))
	f.Add(registryValue(3, "proxy"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, ok := parseConnectionSettings(data)
		if s := c.setting("WinHTTP", false); ok && strings.ContainsFunc(s.describe(), func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q", s.describe())
		}
	})
}

func TestWithNetwork(t *testing.T) {
	for entry, want := range map[string]string{
		"192.168.*": "192.168.0.0/16", "10.1.2.*": "10.1.2.0/24", "169.254/16": "169.254.0.0/16", "10/8": "10.0.0.0/8",
		"10.0.0.0/8": "10.0.0.0/8", "*.shop.test": "*.shop.test", "shop": "shop", "*": "*", "fe80::/10": "fe80::/10", "1.2.3.4": "1.2.3.4", "10.*.3.*": "10.*.3.*",
	} {
		if got := withNetwork(entry); got != want {
			t.Errorf("%s: %s, want %s", entry, got, want)
		}
	}
}
