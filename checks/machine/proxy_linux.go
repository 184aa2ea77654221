package machine

import (
	"context"
	"os/exec"
	"slices"
	"strings"
)

// keepers are the desktops whose settings are GNOME's, as XDG_CURRENT_DESKTOP
// has them.
var keepers = []string{"GNOME", "Unity", "X-Cinnamon", "Budgie", "Pantheon"}

// systemProxies: Linux itself has no setting but the environment's. A desktop
// keeps one for each account, which only its own program reads from where it is
// kept; without a desktop's session that program would start one.
func systemProxies(ctx context.Context, environ []string) []ProxySetting {
	env := variables(environ)
	desktops := strings.Split(env.value("XDG_CURRENT_DESKTOP"), ":")
	if env.value("DBUS_SESSION_BUS_ADDRESS") == "" || !slices.ContainsFunc(desktops, func(d string) bool { return slices.Contains(keepers, d) }) {
		return nil
	}
	gsettings, err := exec.LookPath("gsettings")
	if err != nil {
		return nil
	}
	out, err := shown(ctx, environ, gsettings, "list-recursively", "org.gnome.system.proxy")
	if err != nil {
		return nil
	}
	return []ProxySetting{fromGNOME(out)}
}

// commonEnviron: what /etc/environment has is for logins, and systemd's services
// are not given it.
func commonEnviron() []string { return nil }
