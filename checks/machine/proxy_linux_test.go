package machine

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

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
