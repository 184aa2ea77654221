// Package servers is servers for tests, that behave and that misbehave: a DNS
// zone, web pages, a certification authority, proxies. They are given their
// listeners, so that a test may place them on loopback or in a namespace of
// its own, and never open one themselves. Beside them are daemons, which are real
// programs of this machine's packages, such as Squid, and open their own. It is
// imported by tests alone.
package servers

import (
	"net"
	"sync"
)

// Connections answers each connection of a listener by handle, which need not
// close it, until stop is called, which waits for the last of them.
func Connections(l net.Listener, handle func(net.Conn)) (stop func()) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	over := false
	open := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			if over {
				c.Close()
			}
			open[c] = true
			mu.Unlock()
			wg.Go(func() {
				handle(c)
				c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			})
		}
	})
	return func() {
		l.Close()
		mu.Lock()
		over = true
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	}
}
