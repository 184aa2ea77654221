package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/pion/stun/v3"
	"golang.org/x/time/rate"
)

const (
	// mostDatagram is more than a binding request has that is meant well.
	mostDatagram = 548
	// stunGlobal is how many requests a second are answered in all: a datagram
	// may carry anybody's address, and an answer has 1.6 times its size.
	stunGlobal = 2000
	// stunRate and stunBurst are for one address: netcheck asks twice.
	stunRate, stunBurst = 2, 20
)

// ServeSTUN answers binding requests (RFC 8489) with the address that they
// came from, until ctx ends. It closes the socket.
func (s *Server) ServeSTUN(ctx context.Context, c *net.UDPConn) error {
	defer c.Close()
	s.Avoid(c.LocalAddr())
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Now()) })
	defer stop()
	all := rate.NewLimiter(stunGlobal, stunGlobal)
	b := make([]byte, mostDatagram+1)
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil || n > mostDatagram:
			continue // an ICMP error on an answer, as some systems tell it; or no request
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if !s.o.AllowPrivate && !global(from.Addr()) || !all.Allow() || s.stun.take(from.Addr(), costReach) > 0 {
			s.metrics.stun.WithLabelValues("refused").Inc()
			continue
		}
		reply := binding(b[:n], from)
		if reply == nil {
			s.metrics.stun.WithLabelValues("no request").Inc()
			continue
		}
		s.metrics.stun.WithLabelValues("answered").Inc()
		_, _ = c.WriteToUDPAddrPort(reply, from)
	}
}

// ignored are the attributes of a request that a server without users need not
// look at. One that is not known, and must be, is refused: one of them asks to
// answer somebody else.
var ignored = map[stun.AttrType]bool{
	stun.AttrUsername: true, stun.AttrMessageIntegrity: true, stun.AttrMessageIntegritySHA256: true,
	stun.AttrRealm: true, stun.AttrNonce: true, stun.AttrPriority: true, stun.AttrUseCandidate: true,
}

// binding is the answer to a datagram; nil if that is no binding request.
func binding(b []byte, from netip.AddrPort) []byte {
	if !stun.IsMessage(b) {
		return nil
	}
	ask := &stun.Message{Raw: b}
	if ask.Decode() != nil || ask.Type != stun.BindingRequest {
		return nil
	}
	var unknown stun.UnknownAttributes
	for _, a := range ask.Attributes {
		if a.Type.Required() && !ignored[a.Type] && len(unknown) < 4 {
			unknown = append(unknown, a.Type)
		}
	}
	id := stun.NewTransactionIDSetter(ask.TransactionID)
	reply, err := stun.Build(id, stun.BindingSuccess, &stun.XORMappedAddress{IP: from.Addr().AsSlice(), Port: int(from.Port())})
	if len(unknown) > 0 {
		reply, err = stun.Build(id, stun.BindingError, stun.ErrorCodeAttribute{Code: stun.CodeUnknownAttribute}, unknown)
	}
	if err != nil {
		return nil
	}
	return reply.Raw
}
