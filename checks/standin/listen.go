package standin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Options are what a stand-in listens on, and whom it tells.
type Options struct {
	TCP, UDP  []uint16
	Addresses []netip.Addr  // where to listen; none: on all of this machine, by IPv4 and IPv6
	Key       *Key          // nil: a new one
	Contact   func(Contact) // called for each contact, from several goroutines; nil: nobody asks
	Most      int           // connections at once; 0: DefaultMost
}

const (
	// DefaultMost is how many connections are held at once; for one more the
	// oldest is dropped. It is far more than the tills of a shop, and leaves a
	// system's 1024 descriptors room for the ports.
	DefaultMost = 256
	// patience is how long a connection may take to ask: a question is the
	// first thing that netcheck sends.
	patience = 2 * time.Second
	// patienceHere is that of a connection from this machine itself, by which
	// it is looked who listens: without a byte, which a service might not bear.
	patienceHere = 300 * time.Millisecond
	// parting is how long whoever got an answer may take to hang up.
	parting = time.Second
	// maxLine bounds what is read of a connection: a question with a nonce has
	// 86 bytes.
	maxLine = 100
)

// Contact is somebody who got through to a port.
type Contact struct {
	Proto string         // tcp or udp
	At    netip.AddrPort // the end here; over UDP its address may be that of all of this machine
	From  netip.AddrPort
	What  What
}

// What a contact did. Nothing else that it says is looked at.
type What string

const (
	ByConnect   What = "connected" // the first of each connection; over UDP a datagram that is no question
	ByQuestion  What = "asked"     // the plain Question
	ByChallenge What = "challenge" // a Question with a nonce
)

// PortError is a port that could not be opened.
type PortError struct {
	Proto string
	Port  uint16
	Err   error
}

func (e *PortError) Error() string { return fmt.Sprintf("%s %d: %v", e.Proto, e.Port, e.Err) }
func (e *PortError) Unwrap() error { return e.Err }

// Server stands in on the ports that could be opened, until its context ends or
// it is closed.
type Server struct {
	o       Options
	opened  []net.Addr
	stop    context.CancelFunc
	running sync.WaitGroup

	mu   sync.Mutex
	held []net.Conn // oldest first
}

// Listen opens the ports. There is always a Server, which has those that could
// be opened; the error joins a *PortError for each of the others.
func Listen(ctx context.Context, o Options) (*Server, error) {
	o.Most = cmp.Or(o.Most, DefaultMost)
	if o.Key == nil {
		o.Key = NewKey()
	}
	hosts := []string{""}
	if len(o.Addresses) > 0 {
		hosts = nil
		for _, a := range o.Addresses {
			hosts = append(hosts, a.String())
		}
	}
	ctx, stop := context.WithCancel(ctx)
	s := &Server{o: o, stop: stop}
	var errs []error
	config := net.ListenConfig{Control: exclusively}
	room := reserve(ctx)
	for _, port := range o.TCP {
		var ls []net.Listener
		err := each(hosts, port, func(hostport string) error {
			l, err := config.Listen(ctx, "tcp", hostport)
			if err == nil {
				ls = append(ls, l)
			}
			return err
		})
		if err != nil {
			closeAll(ls)
			errs = append(errs, &PortError{"tcp", port, err})
			continue
		}
		for _, l := range ls {
			s.opened = append(s.opened, l.Addr())
			context.AfterFunc(ctx, func() { l.Close() })
			s.running.Go(func() { s.accept(ctx, l) })
		}
	}
	for _, port := range o.UDP {
		var cs []net.PacketConn
		err := each(hosts, port, func(hostport string) error {
			c, err := config.ListenPacket(ctx, "udp", hostport)
			if err == nil {
				cs = append(cs, c)
			}
			return err
		})
		if err != nil {
			closeAll(cs)
			errs = append(errs, &PortError{"udp", port, err})
			continue
		}
		for _, c := range cs {
			s.opened = append(s.opened, c.LocalAddr())
			context.AfterFunc(ctx, func() { c.Close() })
			s.running.Go(func() { s.receive(c.(*net.UDPConn)) })
		}
	}
	closeAll(room)
	context.AfterFunc(ctx, s.drop)
	return s, errors.Join(errs...)
}

// reserve takes a few descriptors while the ports are opened, so that those of
// a large range leave some for the connections, where a system gives few.
func reserve(ctx context.Context) (room []net.PacketConn) {
	const connections = 16
	for range connections {
		c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			break
		}
		room = append(room, c)
	}
	return room
}

// each opens a port at every address, or at none.
func each(hosts []string, port uint16, open func(hostport string) error) error {
	for _, h := range hosts {
		if err := open(net.JoinHostPort(h, strconv.Itoa(int(port)))); err != nil {
			if oe, ok := errors.AsType[*net.OpError](err); ok {
				return oe.Err // the port is named already
			}
			return err
		}
	}
	return nil
}

func closeAll[C interface{ Close() error }](all []C) {
	for _, c := range all {
		_ = c.Close()
	}
}

// Opened are the addresses where it listens: of port 0 the port that it got.
func (s *Server) Opened() []net.Addr { return s.opened }

// Key is what its answers to challenges are made with.
func (s *Server) Key() *Key { return s.o.Key }

// Close frees the ports at once and waits until nobody is answered any more.
func (s *Server) Close() {
	s.stop()
	s.drop()
	s.running.Wait()
}

// hold takes a connection in, and drops the oldest if there are too many.
func (s *Server) hold(ctx context.Context, c net.Conn) (held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	if len(s.held) >= s.o.Most {
		reset(s.held[0])
		s.held = slices.Delete(s.held, 0, 1)
	}
	s.held = append(s.held, c)
	return true
}

func (s *Server) release(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.held, c); i >= 0 {
		s.held = slices.Delete(s.held, i, i+1)
	}
}

// drop ends all connections.
func (s *Server) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.held {
		reset(c)
	}
	s.held = nil
}

// makeRoom drops the oldest connection, where there is one.
func (s *Server) makeRoom() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.held) > 0 {
		reset(s.held[0])
		s.held = slices.Delete(s.held, 0, 1)
	}
}

func (s *Server) tell(c Contact) {
	if s.o.Contact != nil {
		s.o.Contact(c)
	}
}
