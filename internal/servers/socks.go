package servers

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strconv"
)

// Socks is a SOCKS5 server (RFC 1928, RFC 1929) that makes connections, and
// refuses what it is told to.
type Socks struct {
	Dial  func(ctx context.Context, hostport string) (net.Conn, error)
	User  string   // name:password that it lets in; "": everybody, without a login
	Deny  []string // hosts, or host:port, that its rules forbid
	Reply byte     // it gives this reply to everybody; 0: it does its work
}

// Serve answers one connection.
func (s *Socks) Serve(c net.Conn) {
	in := bufio.NewReader(c)
	head := make([]byte, 2)
	if _, err := io.ReadFull(in, head); err != nil || head[0] != 5 {
		return
	}
	methods := make([]byte, head[1])
	if _, err := io.ReadFull(in, methods); err != nil {
		return
	}
	method := byte(0)
	if s.User != "" {
		method = 2
	}
	if !slices.Contains(methods, method) {
		_, _ = c.Write([]byte{5, 0xFF})
		return
	}
	_, _ = c.Write([]byte{5, method})
	if s.User != "" && !s.login(c, in) {
		return
	}
	to, ok := target(in)
	if !ok {
		return
	}
	host, _, _ := net.SplitHostPort(to)
	answer := func(reply byte) { _, _ = c.Write([]byte{5, reply, 0, 1, 0, 0, 0, 0, 0, 0}) }
	switch {
	case s.Reply != 0:
		answer(s.Reply)
		return
	case slices.Contains(s.Deny, host), slices.Contains(s.Deny, to):
		answer(2)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	on, err := s.Dial(ctx, to)
	if err != nil {
		answer(5)
		return
	}
	defer on.Close()
	answer(0)
	Join(rest{c, in}, on)
}

// login reads a name and a password, and tells whether they are right.
func (s *Socks) login(c net.Conn, in *bufio.Reader) bool {
	if version, err := in.ReadByte(); err != nil || version != 1 {
		return false
	}
	name, err1 := short(in)
	password, err2 := short(in)
	if err1 != nil || err2 != nil {
		return false
	}
	right := name+":"+password == s.User
	_, _ = c.Write([]byte{1, map[bool]byte{true: 0, false: 1}[right]})
	return right
}

// target is where the client wants to be connected to.
func target(in *bufio.Reader) (string, bool) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(in, head); err != nil || head[1] != 1 {
		return "", false
	}
	host := ""
	switch head[3] {
	case 1, 4:
		ip := make(net.IP, map[byte]int{1: net.IPv4len, 4: net.IPv6len}[head[3]])
		if _, err := io.ReadFull(in, ip); err != nil {
			return "", false
		}
		host = ip.String()
	case 3:
		name, err := short(in)
		if err != nil {
			return "", false
		}
		host = name
	default:
		return "", false
	}
	port := make([]byte, 2)
	if _, err := io.ReadFull(in, port); err != nil {
		return "", false
	}
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port)))), true
}

// short reads a text of up to 255 bytes.
func short(in *bufio.Reader) (string, error) {
	n, err := in.ReadByte()
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(in, b)
	return string(b), err
}
