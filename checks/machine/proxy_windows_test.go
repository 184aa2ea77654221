package machine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows/registry"
)

// The settings are read as Windows keeps them: from a key of the test's own, in
// the place of an account's or the machine's.
func TestRegistry(t *testing.T) {
	const own = `Software\netcheck-test`
	hive, _, err := registry.CreateKey(registry.CURRENT_USER, own, registry.ALL_ACCESS)
	if err != nil {
		t.Skip("no key can be made: ", err)
	}
	t.Cleanup(func() { remove(t, registry.CURRENT_USER, own); hive.Close() })
	settings, _, err := registry.CreateKey(hive, internetSettings, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	defer settings.Close()
	connections, _, err := registry.CreateKey(settings, "Connections", registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	defer connections.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(want ...string) {
		t.Helper()
		if d := cmp.Diff(want, told(internetOptions(hive, "the setting", true))); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
	}
	is()
	must(settings.SetStringValue("ProxyServer", "proxy.test:3128"))
	must(settings.SetStringValue("ProxyOverride", "10.*;<local>"))
	must(settings.SetDWordValue("ProxyEnable", 0))
	is()
	must(settings.SetDWordValue("ProxyEnable", 1))
	is("http http://proxy.test:3128", "https http://proxy.test:3128", "exempt 10.0.0.0/8 <local>")
	must(connections.SetBinaryValue("DefaultConnectionSettings", registryValue(11, "old.test:1", "")))
	must(settings.SetStringValue("AutoConfigURL", "http://wpad.test/x.pac"))
	is("http http://proxy.test:3128", "https http://proxy.test:3128", "exempt 10.0.0.0/8 <local>", "script http://wpad.test/x.pac", "discover")

	must(connections.SetBinaryValue("WinHttpSettings", registryValue(3, "service.test:8080", "*.shop.test")))
	c, ok := connection(hive, "WinHttpSettings")
	if d := cmp.Diff([]string{"http http://service.test:8080", "https http://service.test:8080", "exempt *.shop.test"}, told(c.setting("WinHTTP", false))); !ok || d != "" {
		t.Errorf("%v, -want +got\n%s", ok, d)
	}
}

// remove deletes a key with all below it.
func remove(t *testing.T, k registry.Key, path string) {
	sub, err := registry.OpenKey(k, path, registry.ALL_ACCESS)
	if err != nil {
		t.Error(err)
		return
	}
	names, _ := sub.ReadSubKeyNames(-1)
	for _, n := range names {
		remove(t, sub, n)
	}
	sub.Close()
	if err := registry.DeleteKey(k, path); err != nil {
		t.Error(err)
	}
}

// What this system says is read without a complaint, whatever it is.
func TestSystemProxies(t *testing.T) {
	for _, s := range systemProxies(t.Context(), nil) {
		if s.Source == "" || strings.Contains(s.describe(), "@") {
			t.Errorf("%q", s.describe())
		}
	}
	if perMachine() {
		t.Log("the Internet options are the machine's")
	}
	t.Log("a service's account: ", serviceAccount(), ", everybody's variables: ", commonEnviron())
}
