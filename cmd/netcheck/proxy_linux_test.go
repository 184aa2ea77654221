package main

import (
	"strings"
	"testing"
)

// A password is asked for where somebody can answer, and is not shown.
func TestProxyPasswordOnATerminal(t *testing.T) {
	profile := writeProfile(t, `
netcheck: 1
id: shop
checks:
  - {id: name, assert: {param: port, in: [80]}}
params: {port: {type: port, default: 80}}
`)
	x := openTerminal(t, 80, nil, "run", profile, "--proxy", "http://me@proxy.test:3128")
	x.shows("The password of me at http://proxy.test:3128")
	x.send("hunter2" + enter)
	x.expect("1 check")
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not %d:\n%s", got, exitOK, x.all())
	}
	if strings.Contains(x.all(), "hunter2") {
		t.Errorf("the password was shown:\n%s", x.all())
	}

	x = openTerminal(t, 80, nil, "run", profile, "--proxy", "http://me@proxy.test:3128")
	x.shows("password of me")
	x.send("\x03")
	if got := x.exit(); got != exitInterrupted {
		t.Errorf("exit status %d, not %d:\n%s", got, exitInterrupted, x.all())
	}
}
