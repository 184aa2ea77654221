package checks

import (
	"context"
	"net/netip"
	"slices"
	"sync"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/standin"
)

// standins are the ports on which a run listens in services' places. Checks
// that need the same one share it, and none takes it for the service.
type standins struct {
	mu    sync.Mutex
	posts []*post
}

// post is a port on which a stand-in listens.
type post struct {
	proto  string
	port   uint16
	on     netip.Addr // its only address; none: all of this machine
	server *standin.Server
	users  int
	left   chan struct{} // closed when the port is free again

	mu       sync.Mutex
	contacts []netip.AddrPort // who came, first to last
}

// maxContacts bounds what is kept of who came: a flood tells nothing more.
const maxContacts = 256

// standinsOf are those of a run.
func standinsOf(ctx context.Context, t *engine.Trace) *standins {
	v, _, _ := t.Env.Memo.Do(ctx, "stand-ins", func(context.Context) (any, error) { return new(standins), nil })
	if s, ok := v.(*standins); ok {
		return s
	}
	return new(standins) // ctx is over
}

// sockets lists the sockets that wait on any of the ports, but for the run's own.
func (s *standins) sockets(proto string, ports []uint16) ([]machine.Socket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.others(proto, ports)
}

func (s *standins) others(proto string, ports []uint16) ([]machine.Socket, error) {
	all, err := machine.Sockets(proto, ports)
	return slices.DeleteFunc(all, func(m machine.Socket) bool {
		return slices.ContainsFunc(s.posts, func(p *post) bool { return p.owns(m) })
	}), err
}

// owns tells whether a socket is the post's. A stand-in has its port alone: of
// one that listens on all addresses every socket is its own.
func (p *post) owns(m machine.Socket) bool {
	return m.Proto == p.proto && m.Addr.Port() == p.port && (!p.on.IsValid() || m.Addr.Addr().Unmap() == p.on)
}

// look lists the sockets that wait on a port, and where none is found that
// serves takes it as long as the caller has use of the post: nil, if it was not
// to be had or not needed. Nobody else of the run can come between.
func (s *standins) look(ctx context.Context, proto string, port uint16, on netip.Addr, needed func([]machine.Socket, error) bool) (found []machine.Socket, unread error, p *post, refused error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, unread = s.others(proto, []uint16{port})
	if !needed(found, unread) {
		return found, unread, nil, nil
	}
	for _, p := range s.posts {
		if p.proto == proto && p.port == port && p.on == on {
			p.users++
			return found, unread, p, nil
		}
	}
	p = &post{proto: proto, port: port, on: on, users: 1, left: make(chan struct{})}
	o := standin.Options{Contact: p.met}
	if proto == "udp" {
		o.UDP = []uint16{port}
	} else {
		o.TCP = []uint16{port}
	}
	if on.IsValid() {
		o.Addresses = []netip.Addr{on}
	}
	// It ends when its last user leaves, and not with the first one's context.
	server, err := standin.Listen(context.WithoutCancel(ctx), o)
	if err != nil {
		server.Close()
		return found, unread, nil, err
	}
	p.server = server
	s.posts = append(s.posts, p)
	return found, unread, p, nil
}

// leave frees the port, once nobody has any use of it.
func (s *standins) leave(p *post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.users--; p.users > 0 {
		return
	}
	p.server.Close()
	close(p.left)
	s.posts = slices.DeleteFunc(s.posts, func(q *post) bool { return q == p })
}

// await waits until the run no longer stands in on a port that is to be looked
// at: what answers there would be netcheck itself.
func (s *standins) await(ctx context.Context, proto string, to netip.Addr, ports []uint16) {
	to = to.Unmap().WithZone("")
	s.mu.Lock()
	var held []*post
	for _, p := range s.posts {
		if p.proto == proto && slices.Contains(ports, p.port) && (!p.on.IsValid() || p.on == to) {
			held = append(held, p)
		}
	}
	s.mu.Unlock()
	if len(held) == 0 || !to.IsLoopback() && !isOwn(to) { // as nearly always
		return
	}
	for _, p := range held {
		select {
		case <-p.left:
		case <-ctx.Done():
			return
		}
	}
}

func isOwn(a netip.Addr) bool {
	all, err := machine.Addresses()
	return err == nil && slices.ContainsFunc(all, func(m machine.Address) bool { return m.Prefix.Addr() == a })
}

func (p *post) met(c standin.Contact) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.contacts) < maxContacts && !slices.Contains(p.contacts, c.From) {
		p.contacts = append(p.contacts, c.From)
	}
}

// callers are those who came so far.
func (p *post) callers() []netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.contacts)
}
