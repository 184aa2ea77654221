// Package machine tells the facts of this machine that bear on the network:
// its addresses, gateway, resolvers, proxy settings and listening sockets. It
// reads what the operating system shows to any user: it needs no rights, sends
// nothing, and runs no program but the system's own where nothing else reads its
// proxy settings, or what its web server serves. What a system does not tell is left out, never guessed.
package machine

import (
	"os"
	"time"

	"netcheck/report/result"
)

// Describe is what a report says of this machine, with what ProxySettings found.
func Describe(environ []string, proxies []ProxySetting) result.Machine {
	m := result.Machine{OS: system(), Proxy: describeProxies(proxies, environ), ProxyScript: ProxyScript(proxies)}
	if name, err := os.Hostname(); err == nil && isName(name) {
		m.Name = name
	}
	m.Zone = zone(time.Now())
	m.Interfaces = interfaces()
	if as, err := Addresses(); err == nil {
		for _, a := range as {
			if !a.Prefix.Addr().IsLoopback() {
				m.Addresses = append(m.Addresses, a.Prefix.String())
			}
		}
	}
	if gs, err := Gateways(); err == nil && len(gs) > 0 {
		m.Gateway = gs[0].String()
		if len(gs) > 1 {
			for _, g := range gs {
				m.Gateways = append(m.Gateways, g.String())
			}
		}
	}
	if rs, err := Resolvers(); err == nil {
		for _, r := range rs {
			m.Resolvers = append(m.Resolvers, r.String())
		}
	}
	return m
}
