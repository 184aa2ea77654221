package dial

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"netcheck/report/result"
)

// SweepOptions steer a sweep.
type SweepOptions struct {
	First, Last int           // TTLs, or hop limits; 0: 1 and 16
	Wait        time.Duration // for the last answer; 0: as long as silence must last on this path to be believed
	Datagram    []byte        // what to send by UDP; nil: TCP connects
}

// Sweep sends the same packet to one port with rising TTL, all at about the
// same time, and says what each met, in the order of TTL: the routers where
// they expired and, from its distance on, whoever answers for the port. It
// needs no rights. Where the system does not tell which router it was, hops
// are expired without a device. An error is ctx's, or an *Error of a system
// that can't sweep; hops seen until then are returned with it.
func (n *Network) Sweep(ctx context.Context, to netip.AddrPort, o SweepOptions) ([]result.Hop, error) {
	return nil, errors.ErrUnsupported
}

// AnswerTTL finds the TTL, or hop limit, with which a port answers a connect,
// by letting the system ignore answers with less. It is 0 and
// errors.ErrUnsupported where the system can't do that.
func (n *Network) AnswerTTL(ctx context.Context, to netip.AddrPort) (ttl int, answer result.State, err error) {
	return 0, result.Unknown, errors.ErrUnsupported
}

// ConnectOptions change what a connection sends.
type ConnectOptions struct {
	TTL        int // of its packets; 0: the system's
	MaxSegment int // bytes of a segment, in both directions; 0: the path's
}

// ConnectWith is Connect with other packets. Where the system can't, its error
// is errors.ErrUnsupported.
func (n *Network) ConnectWith(ctx context.Context, to netip.AddrPort, o ConnectOptions) (*Conn, error) {
	return nil, errors.ErrUnsupported
}

// SetTTL gives what is sent from now on so many hops.
func (c *Conn) SetTTL(ttl int) error { return errors.ErrUnsupported }

// TCPInfo is what the system's TCP knows of the connection just now; nil where
// it does not tell.
func (c *Conn) TCPInfo() *result.TCPInfo { return nil }
