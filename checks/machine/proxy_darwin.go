package machine

import "context"

// systemProxies is the setting of the network that is in use, which is one for
// all accounts. The library that reads it needs cgo; Apple's own program does
// not.
func systemProxies(ctx context.Context, environ []string) []ProxySetting {
	out, err := shown(ctx, environ, "/usr/sbin/scutil", "--proxy")
	if err != nil {
		return nil
	}
	return []ProxySetting{fromScutil(out)}
}

// commonEnviron: macOS has no environment that is everybody's.
func commonEnviron() []string { return nil }
