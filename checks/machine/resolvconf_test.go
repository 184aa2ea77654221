//go:build !windows

package machine

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestResolvers(t *testing.T) {
	const resolved = "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n"
	for name, c := range map[string]struct {
		root fstest.MapFS
		want []string
	}{
		"no file":                 {fstest.MapFS{}, nil},
		"an empty file":           {fstest.MapFS{"etc/resolv.conf": file("")}, nil},
		"two servers":             {fstest.MapFS{"etc/resolv.conf": file("nameserver 192.0.2.1\n nameserver 2001:db8::1 \n")}, []string{"192.0.2.1", "2001:db8::1"}},
		"a zone":                  {fstest.MapFS{"etc/resolv.conf": file("nameserver fe80::1%eth0\n")}, []string{"fe80::1%eth0"}},
		"comments and nonsense":   {fstest.MapFS{"etc/resolv.conf": file("# nameserver 192.0.2.9\n; x\nnameserver\nnameserver x.y\nnameserver 192.0.2.1 # here\n")}, []string{"192.0.2.1"}},
		"more than glibc reads":   {fstest.MapFS{"etc/resolv.conf": file("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n")}, []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}},
		"a stub, its servers":     {fstest.MapFS{"etc/resolv.conf": file(resolved), "run/systemd/resolve/resolv.conf": file("nameserver 192.0.2.1\nnameserver 192.0.2.2\n")}, []string{"192.0.2.1 (behind 127.0.0.53)", "192.0.2.2 (behind 127.0.0.53)"}},
		"a stub without a note":   {fstest.MapFS{"etc/resolv.conf": file(resolved)}, []string{"127.0.0.53"}},
		"a stub noted as its own": {fstest.MapFS{"etc/resolv.conf": file(resolved), "run/systemd/resolve/resolv.conf": file("nameserver 127.0.0.53\n")}, []string{"127.0.0.53"}},
		"dnsmasq":                 {fstest.MapFS{"etc/resolv.conf": file("nameserver 127.0.1.1\n"), "run/NetworkManager/no-stub-resolv.conf": file("nameserver 192.0.2.7\n")}, []string{"192.0.2.7 (behind 127.0.1.1)"}},
		"another's note":          {fstest.MapFS{"etc/resolv.conf": file("nameserver 127.0.0.1\n"), "run/systemd/resolve/resolv.conf": file("nameserver 192.0.2.7\n")}, []string{"127.0.0.1"}},
		"CRLF":                    {fstest.MapFS{"etc/resolv.conf": file("nameserver 192.0.2.1\r\n")}, []string{"192.0.2.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			rs, err := resolversIn(c.root)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rs {
				got = append(got, r.String())
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSearch(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"none":             {"nameserver 192.0.2.1\n", nil},
		"several":          {"search shop.example. lan\n", []string{"shop.example", "lan"}},
		"the last counts":  {"domain old.example\nsearch new.example\n", []string{"new.example"}},
		"what a DHCP sent": {"search \x1b[2J evil\x00.example good.example\n", []string{"good.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			conf, err := readResolvConf(fstest.MapFS{"etc/resolv.conf": file(c.text)}, "etc/resolv.conf")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, conf.search); d != "" {
				t.Error(d)
			}
		})
	}
}
