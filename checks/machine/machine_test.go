package machine

import (
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHosts(t *testing.T) {
	root := fstest.MapFS{"hosts": {Data: []byte("127.0.0.1 localhost\n::1\tlocalhost ip6-localhost\n" +
		"192.0.2.7 shop.example shop # the shop\n# 192.0.2.8 shop.example\nx shop.example\n192.0.2.9 SHOP.example. other\n")}}
	for name, want := range map[string][]string{
		"localhost":     {"127.0.0.1", "::1"},
		"shop.example":  {"192.0.2.7", "192.0.2.9"},
		"Shop.Example.": {"192.0.2.7", "192.0.2.9"},
		"other":         {"192.0.2.9"},
		"the":           nil,
		"nowhere":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, a := range hostsIn(root, "hosts", name) {
				got = append(got, a.String())
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestProxy(t *testing.T) {
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"none":                   {[]string{"PATH=/bin", "http_proxy="}, ""},
		"lower case wins":        {[]string{"HTTP_PROXY=http://b:1", "http_proxy=http://a:1"}, "http_proxy=http://a:1"},
		"upper case":             {[]string{"HTTPS_PROXY=http://b:3128/"}, "HTTPS_PROXY=http://b:3128"},
		"a password":             {[]string{"https_proxy=http://user:s3cret@proxy.example:3128"}, "https_proxy=http://proxy.example:3128"},
		"a bare one":             {[]string{"http_proxy=user:s3cret@proxy.example:3128"}, "http_proxy=proxy.example:3128"},
		"SOCKS":                  {[]string{"all_proxy=socks5://user:s3cret@proxy.example:1080"}, "all_proxy=socks5://proxy.example:1080"},
		"unreadable":             {[]string{"http_proxy=http://user:s3cret@[proxy"}, "http_proxy=<unreadable>"},
		"a slash in it":          {[]string{"http_proxy=http://user:s3/cret@proxy:1"}, "http_proxy=<unreadable>"},
		"exceptions":             {[]string{"http_proxy=http://a:1", "no_proxy=.example,10.0.0.0/8"}, "http_proxy=http://a:1 no_proxy=.example,10.0.0.0/8"},
		"a slash in a short one": {[]string{"http_proxy=http://user:1/s3cret@proxy:1"}, "http_proxy=<unreadable>"},
		"what a terminal does":   {[]string{"no_proxy=\x1b[2Jx"}, "no_proxy=?[2Jx"},
	} {
		t.Run(name, func(t *testing.T) {
			got := environSays(c.environ)
			if got != c.want {
				t.Errorf("%q, wanted %q", got, c.want)
			}
			if strings.Contains(got, "s3") {
				t.Errorf("a password is in %q", got)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	t.Setenv("http_proxy", "http://user:s3cret@proxy.example:3128")
	m := Describe(os.Environ(), ProxySettings(t.Context(), os.Environ()))
	if m.OS == "" {
		t.Error("no operating system")
	}
	for _, a := range m.Addresses {
		if p, err := netip.ParsePrefix(a); err != nil || p.Addr().IsLoopback() {
			t.Errorf("%s is no address in CIDR form, or loopback (%v)", a, err)
		}
	}
	if m.Proxy == "" {
		t.Error("the proxy of the environment is not in it")
	}
	b, err := json.Marshal(m)
	if err != nil || strings.Contains(string(b), "s3cret") {
		t.Errorf("%s (%v)", b, err)
	}
}

// What the system's library lists must be what is listed here.
func TestAddresses(t *testing.T) {
	got, err := Addresses()
	if err != nil {
		t.Fatal(err)
	}
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, l := range links {
		if l.Flags&net.FlagUp == 0 {
			continue
		}
		as, err := l.Addrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range as {
			want = append(want, l.Name+" "+a.String()+" "+l.HardwareAddr.String())
		}
	}
	var have []string
	for _, a := range got {
		have = append(have, a.Interface+" "+a.Prefix.String()+" "+a.MAC)
	}
	slices.Sort(want)
	slices.Sort(have)
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
}

func TestSockets(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	for proto, at := range map[string]string{"tcp": l.Addr().String(), "udp": u.LocalAddr().String()} {
		t.Run(proto, func(t *testing.T) {
			want := netip.MustParseAddrPort(at)
			found, err := Sockets(proto, []uint16{want.Port()})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(found, func(s Socket) bool { return s.Addr == want && s.Proto == proto })
			if i < 0 {
				t.Fatalf("%s is not among %v", want, found)
			}
			if owner, err := OwnerOf(found[i]); err == nil && owner.PID != os.Getpid() || err != nil && err != ErrHidden {
				t.Errorf("owner %+v (%v), wanted process %d", owner, err, os.Getpid())
			}
		})
	}
	t.Run("a connection is not listening", func(t *testing.T) {
		c, err := net.Dial("tcp4", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		found, err := Sockets("tcp", []uint16{netip.MustParseAddrPort(c.LocalAddr().String()).Port()})
		if err != nil || len(found) > 0 {
			t.Errorf("%v (%v)", found, err)
		}
	})
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"till-7": true, "shop.example": true, "a_b": true, "": false, "a b": false, "\x1b[2J": false, "é": false, strings.Repeat("a", 254): false,
	} {
		if got := isName(name); got != want {
			t.Errorf("isName(%q) = %v", name, got)
		}
	}
}
