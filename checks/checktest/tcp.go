package checktest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"
)

// tcpVerb is a verb that only takes a port and answers each connection.
func tcpVerb(w *World, args []string, handle func(net.Conn)) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	l, err := w.Listen(args[0], address)
	if err != nil {
		return err
	}
	w.Serve(l, handle)
	return nil
}

func accept(w *World, args []string) error {
	return tcpVerb(w, args, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
}

func silent(w *World, args []string) error {
	over := make(chan struct{})
	w.AtEnd(func() { close(over) })
	return tcpVerb(w, args, func(net.Conn) { <-over })
}

// drip never ends by itself: its peer has to.
func drip(w *World, args []string) error {
	if len(args) != 3 || args[2] == "" {
		return errors.New("wanted a port, a duration and a text")
	}
	each, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	over := make(chan struct{})
	w.AtEnd(func() { close(over) })
	return tcpVerb(w, args[:1], func(c net.Conn) {
		tick := time.NewTicker(each)
		defer tick.Stop()
		for i := 0; ; i = (i + 1) % len(args[2]) {
			if _, err := io.WriteString(c, args[2][i:i+1]); err != nil {
				return
			}
			select {
			case <-tick.C:
			case <-over:
				return
			}
		}
	})
}

func reset(w *World, args []string) error {
	return tcpVerb(w, args, func(c net.Conn) {
		// Not at once: a reset that overtakes the end of the peer's connect
		// makes another case of it.
		_, _ = c.Read(make([]byte, 1))
		_ = c.(*net.TCPConn).SetLinger(0)
	})
}

func closeAtOnce(w *World, args []string) error {
	return tcpVerb(w, args, func(net.Conn) {})
}

func echo(w *World, args []string) error {
	return tcpVerb(w, args, func(c net.Conn) {
		// not c itself: to splice one socket into itself, the library keeps pipes
		_, _ = io.Copy(struct{ io.Writer }{c}, c)
	})
}

func greet(w *World, args []string) error {
	args, address, err := on(args, 2)
	if err != nil {
		return err
	}
	return tcpVerb(w, []string{args[0], "on=" + address}, func(c net.Conn) {
		if _, err := io.WriteString(c, args[1]+"\r\n"); err == nil {
			_, _ = io.Copy(io.Discard, c)
		}
	})
}

// nonsense has every byte, those that a terminal obeys among them, and is the
// same each time.
func nonsense() []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := bytes.Repeat([]byte("\x00\x1b]0;title\x07\x1b[2J\xff\xfe\r\n"), 8)
	for range 4096 {
		b = append(b, byte(r.UintN(256)))
	}
	return b
}

func garbage(w *World, args []string) error {
	b := nonsense()
	return tcpVerb(w, args, func(c net.Conn) {
		if _, err := c.Write(b); err == nil {
			_, _ = io.Copy(io.Discard, c)
		}
	})
}

// refuse keeps the port taken by the near end of a connection: nobody can
// listen on it then, and a connect to it is answered by a reset.
func refuse(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	p, err := port(args[0])
	if err != nil {
		return err
	}
	if p, err = w.occupy(address, p); err != nil {
		return err
	}
	return w.name(args[0], p)
}

func (w *World) occupy(address string, p uint16) (uint16, error) {
	l, err := listenOn(address, 0)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	local := *l.Addr().(*net.TCPAddr)
	local.Port = int(p)
	c, err := (&net.Dialer{LocalAddr: &local}).Dial("tcp", l.Addr().String())
	if err != nil {
		return 0, err
	}
	far, err := l.Accept()
	if err != nil {
		c.Close()
		return 0, err
	}
	w.AtEnd(func() {
		// by a reset: else the port stays taken for a minute
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		far.Close()
	})
	return portOf(c.LocalAddr()), nil
}

// portRange takes a stretch of free ports, trying again elsewhere when one of
// them is taken.
func portRange(w *World, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("wanted a port and states")
	}
	var states []string
	for _, a := range args[1:] {
		state, count, ok := strings.Cut(a, "*")
		n, err := strconv.Atoi(count)
		if !ok || err != nil || state != "open" && state != "refused" {
			return fmt.Errorf("%q is not open*COUNT or refused*COUNT", a)
		}
		for range n {
			states = append(states, state)
		}
	}
	const lowest, highest = 20000, 32000 // below the ports that systems hand out
	for range 50 {
		first := uint16(lowest + rand.IntN(highest-lowest-len(states)))
		if w.tryRange(first, states) {
			return w.name(args[0], first)
		}
	}
	return fmt.Errorf("no %d free ports in a row", len(states))
}

func (w *World) tryRange(first uint16, states []string) bool {
	for i, state := range states {
		p := first + uint16(i)
		if state == "refused" {
			if _, err := w.occupy("", p); err != nil {
				return false
			}
			continue
		}
		l, err := listenOn("", p)
		if err != nil {
			return false
		}
		w.AtEnd(func() { l.Close() })
		w.Serve(l, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	}
	return true
}

// say reads what comes first, says TEXT and then, COUNT times, MORE, and
// reads on, or closes: say PORT TEXT [more=MORE] [count=COUNT] [close].
func say(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("wanted a port and a text")
	}
	more, count, closes := "", 1, false
	for _, a := range args[2:] {
		key, val, _ := strings.Cut(a, "=")
		switch key {
		case "more":
			more = val
		case "count":
			n, err := strconv.Atoi(val)
			if err != nil {
				return err
			}
			count = n
		case "close":
			closes = true
		default:
			return fmt.Errorf("%s is not known", a)
		}
	}
	return tcpVerb(w, args[:1], func(c net.Conn) {
		if n, _ := c.Read(make([]byte, 1<<16)); n == 0 {
			return
		}
		_, err := io.WriteString(c, args[1])
		for range count {
			if err == nil {
				_, err = io.WriteString(c, more)
			}
		}
		if !closes {
			_, _ = io.Copy(io.Discard, c)
		}
	})
}
