package machine

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"time"
)

// ProxySettings are the places where this machine names a proxy, those that
// count first first: the environment, then what the system has for all, which
// is what a service gets, and last what it has for this account alone. One that
// names nothing is left out.
func ProxySettings(ctx context.Context, environ []string) []ProxySetting {
	var all []ProxySetting
	for _, s := range append([]ProxySetting{fromEnviron(environ, commonEnviron)}, systemProxies(ctx, environ)...) {
		if s.names() {
			all = append(all, s)
		}
	}
	return all
}

const (
	// patience is for a program that prints a setting: it has it at once, or
	// waits for somebody who does not answer.
	patience = 500 * time.Millisecond
	// maxShown bounds what it prints: a list of exemptions may be long.
	maxShown = 256 << 10
)

// shown is what a program of the system's prints of its settings.
func shown(ctx context.Context, environ []string, program string, args ...string) ([]byte, error) {
	return shownWithin(ctx, patience, environ, program, args...)
}

func shownWithin(ctx context.Context, limit time.Duration, environ []string, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out bounded
	c := exec.CommandContext(ctx, program, args...)
	c.Env, c.Stdout, c.WaitDelay = environ, &out, patience/5
	err := c.Run()
	return out.Bytes(), err
}

// bounded keeps the first bytes of what is written, and refuses more.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxShown {
		return 0, errors.New("more than a setting")
	}
	return b.Buffer.Write(p)
}
