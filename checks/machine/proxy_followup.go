package machine

import (
	"context"
	"net/url"
	"os"
	"strings"
)

// Environ is the environment.
func Environ() []string { return os.Environ() }

// ProxyFor is the proxy that gives a way by CONNECT to a host; nil: none.
func ProxyFor(environ []string, host string, port int) *url.URL {
	p, _, _ := ProxyTo(ProxySettings(context.Background(), environ), host, port)
	if p == nil || strings.HasPrefix(p.URL.Scheme, "socks") {
		return nil
	}
	return p.URL
}
