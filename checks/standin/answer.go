package standin

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// accept answers the connections of a port. A system that has no descriptor
// left for one more gets time, and the room of the oldest.
func (s *Server) accept(ctx context.Context, l net.Listener) {
	const longest = time.Second // as net/http has it
	wait := 5 * time.Millisecond
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil, errors.Is(err, net.ErrClosed):
			if c != nil {
				reset(c)
			}
			return
		case err != nil:
			s.makeRoom()
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
			wait = min(2*wait, longest)
			continue
		}
		wait = 5 * time.Millisecond
		if !s.hold(ctx, c) {
			reset(c)
			return
		}
		s.running.Go(func() {
			s.converse(c)
			s.release(c)
		})
	}
}

// converse hears one question and answers it. Whoever says something else, or
// nothing for as long as a question may take, is told who is there: a program
// that waits for a greeting then need not guess.
func (s *Server) converse(c net.Conn) {
	defer reset(c)
	contact := Contact{Proto: "tcp", At: addrPort(c.LocalAddr()), From: addrPort(c.RemoteAddr()), What: ByConnect}
	s.tell(contact)
	wait := patience
	if from := contact.From.Addr(); from.IsLoopback() || from == contact.At.Addr() {
		wait = patienceHere
	}
	_ = c.SetDeadline(time.Now().Add(wait))
	line, gone := readLine(c)
	if gone {
		return
	}
	nonce, ok := Asked(line)
	if ok {
		contact.What = what(nonce)
		s.tell(contact)
	}
	_ = c.SetDeadline(time.Now().Add(parting))
	if _, err := c.Write([]byte(s.o.Key.Reply(nonce))); err != nil {
		return
	}
	var rest [maxLine]byte
	for range 10 { // until the other side hangs up; a flood is cut off
		if _, err := c.Read(rest[:]); err != nil {
			return
		}
	}
}

// readLine reads as far as the line's end, the time's or the bound's. gone is
// that the other side is not there any more.
func readLine(c net.Conn) (line string, gone bool) {
	var buf [maxLine]byte
	n := 0
	for n < len(buf) {
		m, err := c.Read(buf[n:])
		n += m
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			return string(buf[:i+1]), false
		}
		if err != nil {
			timeout, ok := errors.AsType[net.Error](err)
			return "", !ok || !timeout.Timeout()
		}
	}
	return "", false
}

func what(nonce string) What {
	if nonce == "" {
		return ByQuestion
	}
	return ByChallenge
}

// mostErrors in a row are a socket that will not work again. A few are no harm:
// Windows tells a socket of answers that did not arrive, and of datagrams that
// are too long.
const mostErrors = 1000

// receive answers the questions among a port's datagrams, each with no more
// bytes than it has, and nothing else: who sends under another's address must
// gain nothing by it.
func (s *Server) receive(c *net.UDPConn) {
	var buf [maxLine + 1]byte
	failed, p := 0, newPackets(c)
	for {
		n, from, back, err := p.read(buf[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			failed = 0
		} else if failed++; failed > mostErrors {
			return
		}
		if !from.IsValid() {
			continue
		}
		from = unmapped(from)
		contact := Contact{Proto: "udp", At: addrPort(c.LocalAddr()), From: from, What: ByConnect}
		nonce, ok := Asked(string(buf[:n]))
		if ok {
			contact.What = what(nonce)
		}
		s.tell(contact)
		if reply := s.o.Key.Reply(nonce); ok && len(reply) <= n {
			p.write([]byte(reply), back, from)
		}
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return unmapped(a.AddrPort())
	case *net.UDPAddr:
		return unmapped(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// reset ends a connection so that nothing of it stays: one that was closed
// properly from here would keep its port for another minute or four (TIME_WAIT),
// and so keep the service from starting whose place this was.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}
