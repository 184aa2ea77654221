package machine

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// GNOME's program prints what it has been told, in the form that is read here.
func TestGNOMEItself(t *testing.T) {
	gsettings, err := exec.LookPath("gsettings")
	if err != nil {
		t.Skip("no gsettings on this machine")
	}
	dir := t.TempDir()
	environ := []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "GSETTINGS_BACKEND=keyfile", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere", "XDG_CURRENT_DESKTOP=GNOME"}
	for _, set := range [][]string{
		{"", "ignore-hosts", `['localhost', "it's.test", '10.0.0.0/8']`},
		{".http", "host", "a.test"},
		{".http", "port", "3128"},
		{".socks", "host", "b.test"},
		{".socks", "port", "1080"},
		{"", "mode", "manual"},
	} {
		c := exec.CommandContext(t.Context(), gsettings, "set", "org.gnome.system.proxy"+set[0], set[1], set[2])
		c.Env = environ
		if out, err := c.CombinedOutput(); err != nil {
			t.Skipf("gsettings keeps no proxy here: %s", out)
		}
	}
	all := ProxySettings(t.Context(), environ)
	if len(all) != 1 {
		t.Fatalf("%d settings", len(all))
	}
	if d := cmp.Diff([]string{"http http://a.test:3128", "any socks5://b.test:1080", "exempt localhost it's.test 10.0.0.0/8"}, told(all[0])); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// A desktop's own program is asked, where there is a desktop, and is not waited
// for when it hangs.
func TestDesktop(t *testing.T) {
	desktop := []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere", "XDG_CURRENT_DESKTOP=ubuntu:GNOME"}
	stands := func(t *testing.T, script string) {
		dir := t.TempDir()
		t.Setenv("PATH", dir+":/bin:/usr/bin")
		if err := os.WriteFile(filepath.Join(dir, "gsettings"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const prints = `cat <<'END'
` + gnomeManual + "END\n"
	manual := []string{"http http://me:s3cret%27s@proxy.test:3128", "https http://proxy.test:3129", "exempt localhost 127.0.0.0/8 ::1 it's.test"}
	for _, c := range []struct {
		name, script string
		environ      []string
		want         [][]string
	}{
		{"GNOME", prints, desktop, [][]string{manual}},
		{"no desktop", prints, nil, nil},
		{"another desktop", prints, []string{desktop[0], "XDG_CURRENT_DESKTOP=KDE"}, nil},
		{"after the environment", prints, append([]string{"https_proxy=own.test:1"}, desktop...), [][]string{{"https http://own.test:1"}, manual}},
		{"no such schema", "echo no >&2; exit 1", desktop, nil},
		{"endless", "while :; do echo org.gnome.system.proxy mode manual; done", desktop, nil},
		{"hangs", "sleep 60", desktop, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			stands(t, c.script)
			begin := time.Now()
			var got [][]string
			for _, s := range ProxySettings(t.Context(), c.environ) {
				got = append(got, told(s))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}
