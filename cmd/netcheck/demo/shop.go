// Package demo is a small shop on this machine's loopback address: the servers
// of a made-up product, some of them broken on purpose, with a DNS server of
// their own, and the profile that says what the product needs. It never
// touches another machine, needs no rights, and knows nothing of how netcheck
// looks at it.
package demo

import (
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"netcheck/report/result"
)

// Profile is what the made-up product needs.
//
//go:embed demo.yaml
var Profile []byte

// Expected is what the shop's faults must look like to netcheck, by check.
func Expected() map[string]result.Verdict {
	return map[string]result.Verdict{
		"cloud-name":    result.Pass,
		"cloud":         result.Pass,
		"card-gateway":  result.Fail,
		"stock-service": result.Fail,
		"backup-name":   result.Fail,
		"backup":        result.Skip,
		"live-ports":    result.Fail,
		"till-finder":   result.Pass,
		"till-server":   result.Pass,
		"store-number":  result.Pass,
	}
}

// The ports that the shop likes best, so that its report reads the same every
// time. Where one is taken, another is used.
const (
	cloudPort  = 18443
	stockPort  = 18444
	cardPort   = 18500
	finderPort = 18600
	serverPort = 18080
	livePort   = 19100
	livePorts  = 40 // in the range, of which
	liveOpen   = 24 // are open, from the first on
)

// Shop is the shop, open.
type Shop struct {
	Roots *x509.CertPool // the made-up authority behind its certificates

	resolver netip.AddrPort
	values   map[string]string
	closers  []io.Closer
	serving  sync.WaitGroup
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Open opens the shop.
func Open() (*Shop, error) {
	s := &Shop{values: map[string]string{"store": "42"}}
	if err := s.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("the demo's shop can't open: %w", err), s.Close())
	}
	return s, nil
}

func (s *Shop) open() error {
	certs, err := newAuthority()
	if err != nil {
		return err
	}
	s.Roots = certs.pool()
	now := time.Now()
	good, err := certs.issue("cloud.lantern.test", now.Add(-30*24*time.Hour), now.Add(300*24*time.Hour))
	if err != nil {
		return err
	}
	expired, err := certs.issue("stock.lantern.test", now.Add(-377*24*time.Hour), now.Add(-12*24*time.Hour))
	if err != nil {
		return err
	}
	return errors.Join(
		s.resolve(map[string]netip.Addr{
			"cloud.lantern.test.": loopback, "stock.lantern.test.": loopback,
			"cards.lantern.test.": loopback, "live.lantern.test.": loopback,
		}),
		s.web("cloud_port", cloudPort, &good),
		s.web("stock_port", stockPort, &expired),
		s.web("server_port", serverPort, nil),
		s.closed("card_port", cardPort),
		s.find("finder_port", finderPort),
		s.live("live_ports"),
	)
}

// Values are the profile's parameters in this shop.
func (s *Shop) Values() map[string]string { return s.values }

// Resolvers are the servers that know the product's names.
func (s *Shop) Resolvers() []netip.AddrPort { return []netip.AddrPort{s.resolver} }

// Close closes the shop and waits until nothing of it runs.
func (s *Shop) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c.Close())
	}
	s.closers = nil
	s.serving.Wait()
	return errors.Join(errs...)
}

// listen takes the port, or any other where it is taken.
func (s *Shop) listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, port))
	if err != nil {
		l, err = net.Listen("tcp", fmt.Sprintf("%s:0", loopback))
	}
	return l, err
}

func port(a net.Addr) int { return int(netip.MustParseAddrPort(a.String()).Port()) }

// web opens a web service, with a certificate or without.
func (s *Shop) web(param string, at int, cert *tls.Certificate) error {
	l, err := s.listen(at)
	if err != nil {
		return err
	}
	s.values[param] = fmt.Sprint(port(l.Addr()))
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"service":"lantern","status":"open"}`+"\n")
		}),
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // refused handshakes are what the demo is about
	}
	if cert != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}, NextProtos: []string{"http/1.1"}}
		l = tls.NewListener(l, server.TLSConfig)
	}
	s.closers = append(s.closers, server)
	s.serving.Go(func() { _ = server.Serve(l) })
	return nil
}

// closed finds a port where nobody listens.
func (s *Shop) closed(param string, at int) error {
	l, err := s.listen(at)
	if err != nil {
		return err
	}
	s.values[param] = fmt.Sprint(port(l.Addr()))
	return l.Close()
}

// find opens the UDP service by which tills find their server.
func (s *Shop) find(param string, at int) error {
	c, err := net.ListenPacket("udp", fmt.Sprintf("%s:%d", loopback, at))
	if err != nil {
		if c, err = net.ListenPacket("udp", fmt.Sprintf("%s:0", loopback)); err != nil {
			return err
		}
	}
	s.values[param] = fmt.Sprint(port(c.LocalAddr()))
	s.closers = append(s.closers, c)
	s.serving.Go(func() {
		b := make([]byte, 64)
		for {
			_, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = c.WriteTo([]byte("till server here"), from)
		}
	})
	return nil
}

// live opens the first ports of a range and leaves the rest closed.
func (s *Shop) live(param string) error {
	for base := livePort; base < livePort+40*livePorts; base += livePorts {
		listeners, err := all(base, livePorts)
		if err != nil {
			continue
		}
		for i, l := range listeners {
			if i >= liveOpen {
				if err := l.Close(); err != nil {
					return err
				}
				continue
			}
			s.closers = append(s.closers, l)
			s.serving.Go(func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_ = c.Close()
				}
			})
		}
		s.values[param] = fmt.Sprintf("%d-%d", base, base+livePorts-1)
		return nil
	}
	return fmt.Errorf("no %d free ports in a row", livePorts)
}

// all listens on n ports in a row, or on none.
func all(base, n int) ([]net.Listener, error) {
	var listeners []net.Listener
	for i := range n {
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, base+i))
		if err != nil {
			for _, l := range listeners {
				_ = l.Close()
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}
