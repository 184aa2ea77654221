package machine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const gnomeManual = `org.gnome.system.proxy autoconfig-url 'http://old.test/x.pac'
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1', "it's.test"]
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.ftp host 'ftp.test'
org.gnome.system.proxy.ftp port 2121
org.gnome.system.proxy.http authentication-password 's3cret\'s'
org.gnome.system.proxy.http authentication-user 'me'
org.gnome.system.proxy.http enabled false
org.gnome.system.proxy.http host 'proxy.test'
org.gnome.system.proxy.http port 3128
org.gnome.system.proxy.http use-authentication true
org.gnome.system.proxy.https host 'proxy.test'
org.gnome.system.proxy.https port 3129
org.gnome.system.proxy.socks host 'socks.test'
org.gnome.system.proxy.socks port 0
`

func TestFromGNOME(t *testing.T) {
	for _, c := range []struct {
		name, out string
		want      []string
	}{
		{"manual", gnomeManual, []string{"http http://me:s3cret%27s@proxy.test:3128", "https http://proxy.test:3129", "exempt localhost 127.0.0.0/8 ::1 it's.test"}},
		{"switched off", strings.Replace(gnomeManual, "'manual'", "'none'", 1), nil},
		{"a script", strings.Replace(gnomeManual, "'manual'", "'auto'", 1), []string{"script http://old.test/x.pac"}},
		{"announced", "org.gnome.system.proxy autoconfig-url ''\norg.gnome.system.proxy mode 'auto'\n", []string{"discover"}},
		{"nothing", "", nil},
		{"another thing", "No such schema “org.gnome.system.proxy”\n", nil},
		{"a text that does not end", "org.gnome.system.proxy mode 'auto", nil},
		{"no port", "org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.http host 'proxy.test'\norg.gnome.system.proxy.http port x\n", []string{"unread"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fromGNOME([]byte(c.out))
			if d := cmp.Diff(c.want, told(s)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			if !s.Personal {
				t.Error("the setting is one account's")
			}
		})
	}
}

func TestFromScutil(t *testing.T) {
	for _, c := range []struct {
		name, out string
		want      []string
	}{
		{"none", "<dictionary> {\n  ExceptionsList : <array> {\n    0 : *.local\n    1 : 169.254/16\n  }\n  FTPPassive : 1\n}\n", []string{"exempt *.local 169.254.0.0/16"}},
		{"one for each", `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
  }
  ExcludeSimpleHostnames : 1
  HTTPEnable : 1
  HTTPPort : 8080
  HTTPProxy : a.test
  HTTPSEnable : 1
  HTTPSPort : 3128
  HTTPSProxy : b.test
  SOCKSEnable : 1
  SOCKSPort : 1080
  SOCKSProxy : 2001:db8::1
  __SCOPED__ : <dictionary> {
    en0 : <dictionary> {
      HTTPEnable : 1
      HTTPProxy : scoped.test
    }
  }
}
`, []string{"http http://a.test:8080", "https http://b.test:3128", "any socks5://[2001:db8::1]:1080", "exempt *.local <local>"}},
		{"switched off", "<dictionary> {\n  HTTPEnable : 0\n  HTTPPort : 8080\n  HTTPProxy : a.test\n  ProxyAutoConfigEnable : 0\n  ProxyAutoConfigURLString : http://x.test/x.pac\n}\n", nil},
		{"a script", "<dictionary> {\n  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : http://x.test/x.pac\n  ProxyAutoDiscoveryEnable : 1\n}\n", []string{"script http://x.test/x.pac", "discover"}},
		{"nothing", "", nil},
		{"braces alone", "}\n}\n{\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fromScutil([]byte(c.out))
			if d := cmp.Diff(c.want, told(s)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			if s.Personal {
				t.Error("the setting is the machine's")
			}
		})
	}
}

func TestFromEnviron(t *testing.T) {
	file := []string{"PATH=/bin", "http_proxy=http://all.test:1", "HTTPS_PROXY=http://all.test:1", "no_proxy=x"}
	for _, c := range []struct {
		name    string
		environ []string
		want    []string
	}{
		{"none", []string{"PATH=/bin"}, nil},
		{"the user's own", []string{"https_proxy=own.test:1"}, []string{"https_proxy in the environment: http://own.test:1, personal"}},
		{"everybody's", []string{"http_proxy=http://all.test:1"}, []string{"http_proxy in the environment: http://all.test:1"}},
		{"everybody's, in the other case", []string{"https_proxy=http://all.test:1"}, []string{"https_proxy in the environment: http://all.test:1"}},
		{"everybody's, changed", []string{"HTTPS_PROXY=http://all.test:2"}, []string{"HTTPS_PROXY in the environment: http://all.test:2, personal"}},
		{"a job's", []string{"CI=true", "https_proxy=own.test:1"}, []string{"https_proxy in the environment: http://own.test:1"}},
		{"no job's", []string{"CI=false", "https_proxy=own.test:1"}, []string{"https_proxy in the environment: http://own.test:1, personal"}},
		{"SOCKS", []string{"ALL_PROXY=socks5h://own.test:1"}, []string{"ALL_PROXY in the environment: socks5h://own.test:1, personal"}},
		{"SOCKS as GNOME's terminal has it", []string{"all_proxy=socks://own.test:1/"}, []string{"all_proxy in the environment: socks5://own.test:1, personal"}},
		{"SOCKS4 is not spoken", []string{"all_proxy=socks4://own.test:1"}, nil},
		{"with a user", []string{"https_proxy=http://me:secret@own.test"}, []string{"https_proxy in the environment: http://me:secret@own.test, personal"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fromEnviron(c.environ, func() []string { return file })
			var got []string
			for _, p := range []*Proxy{s.HTTP, s.HTTPS, s.Any} {
				if p != nil {
					line := p.Source + ": " + p.URL.String()
					if p.Personal {
						line += ", personal"
					}
					got = append(got, line)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestDescribeProxies(t *testing.T) {
	one := func(text string) *Proxy { return &Proxy{URL: proxyURL(text)} }
	service := ProxySetting{Source: "WinHTTP", HTTP: one("http://u:s3cret@a.test:1"), HTTPS: one("http://u:s3cret@a.test:1"), Exempt: []string{"10.0.0.0/8", "<local>"}}
	each := ProxySetting{Source: "the system", HTTP: one("a.test:1"), Any: one("socks5://b.test:2"), unread: []string{"x"}}
	script := ProxySetting{Source: "the Internet options", Script: "http://u:s3cret@wpad.test/x.pac?key=s3cret#s3cret", Discover: true}
	announced := ProxySetting{Source: "GNOME's setting", Discover: true}
	usual := ProxySetting{Source: "the Internet options", Discover: true, usual: true}
	for _, c := range []struct {
		name     string
		settings []ProxySetting
		environ  []string
		want     string
		script   string
	}{
		{"nothing", nil, nil, "", ""},
		{"announced", []ProxySetting{announced}, nil, "GNOME's setting: a script that the network announces (WPAD) (not evaluated)", "WPAD"},
		{"asked as it comes", []ProxySetting{usual}, nil, "the Internet options: a script that the network announces (WPAD) (not evaluated)", ""},
		{"the environment", nil, []string{"https_proxy=http://u:s3cret@a.test:1"}, "https_proxy=http://a.test:1", ""},
		{"one for all", []ProxySetting{service}, nil, "WinHTTP: http://a.test:1, not for 10.0.0.0/8 <local>", ""},
		{"several", []ProxySetting{each}, []string{"no_proxy=x"}, "no_proxy=x; the system: for HTTP http://a.test:1, for all else socks5://b.test:2, <unreadable>", ""},
		{
			"a script beside one",
			[]ProxySetting{service, announced},
			nil,
			"WinHTTP: http://a.test:1, not for 10.0.0.0/8 <local>; GNOME's setting: a script that the network announces (WPAD) (not evaluated)", "",
		},
		{
			"a script alone",
			[]ProxySetting{script},
			nil,
			"the Internet options: the script http://wpad.test/x.pac?... or one that the network announces (WPAD) (not evaluated)",
			"http://wpad.test/x.pac?...",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, script := describeProxies(c.settings, c.environ), ProxyScript(c.settings)
			if got != c.want || script != c.script {
				t.Errorf("%q\nwant %q\nscript %q\nwant %q", got, c.want, script, c.script)
			}
			if strings.Contains(got+script, "s3cret") {
				t.Error("a secret is in it")
			}
		})
	}
}
