//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"
)

// serviceVerbs are the servers that say nothing, or one thing.
func serviceVerbs() []verb {
	return []verb{
		{"open", "PLACE ADDRESS PORTS: accepts and listens", serve, func(w *World, args []string) error { return serveAll(w, args, 3, sink) }},
		{"greet", "PLACE ADDRESS PORTS TEXT...: says this first, then listens", serve, greet},
		{"echo", "PLACE ADDRESS PORTS: answers datagrams with themselves", serve, echo},
		{"mum", "PLACE ADDRESS PORTS: takes datagrams and answers none", serve, mum},
		{"visit", "PLACE ADDRESS:PORT EVERY: somebody connects there again and again", serve, visit},
		{"also", "PLACE ADDRESS...: has these addresses as well", serve, also},
	}
}

func serveAll(w *World, args []string, least int, f func(net.Conn)) error {
	if len(args) < least {
		return errors.New("too few words")
	}
	return each(args, func(at netip.AddrPort) error { return w.Listen(args[0], at, f) })
}

// each calls f for every port of every address of PLACE ADDRESS PORTS.
func each(args []string, f func(netip.AddrPort) error) error {
	ranges, err := ports(args[2])
	if err != nil {
		return err
	}
	for a := range strings.SplitSeq(args[1], ",") {
		addr, err := netip.ParseAddr(a)
		if err != nil {
			return err
		}
		for _, r := range ranges {
			for p := int(r.First); p <= int(r.Last); p++ {
				if err := f(netip.AddrPortFrom(addr, uint16(p))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func greet(w *World, args []string) error {
	return serveAll(w, args, 4, func(c net.Conn) {
		io.WriteString(c, strings.Join(args[3:], " ")+"\r\n")
		sink(c)
	})
}

func echo(w *World, args []string) error {
	if len(args) != 3 {
		return errors.New("three words")
	}
	return each(args, func(at netip.AddrPort) error {
		c, err := w.Packets(args[0], at)
		if err != nil {
			return err
		}
		w.Go(func() {
			b := make([]byte, 1<<16)
			for {
				n, from, err := c.ReadFrom(b)
				if errors.Is(err, net.ErrClosed) {
					return
				}
				if err == nil {
					c.WriteTo(b[:n], from)
				}
			}
		})
		return nil
	})
}

func mum(w *World, args []string) error {
	if len(args) != 3 {
		return errors.New("three words")
	}
	return each(args, func(at netip.AddrPort) error {
		_, err := w.Packets(args[0], at)
		return err
	})
}

// also gives a place more addresses. The cloud's are told to the core.
func also(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and its addresses")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	for _, a := range args[1:] {
		addr, err := netip.ParseAddr(a)
		if err != nil {
			return err
		}
		p := netip.PrefixFrom(addr, addr.BitLen())
		switch {
		case args[0] == "cloud":
			err = errors.Join(s.Address("eth0", p), w.places["core"].Route(Route{To: p, Dev: "cloud"}))
		case Known(args[0]):
			err = s.Address("lo", p)
		default:
			err = fmt.Errorf("no place %q", args[0])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// visit has somebody connect to a service again and again, as clients do.
func visit(w *World, args []string) error {
	if len(args) != 3 {
		return errors.New("a place, whom it visits and how often")
	}
	every, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	if _, err := w.Place(args[0]); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.OnClose(cancel)
	w.Go(func() {
		again := time.NewTicker(every)
		defer again.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-again.C:
			}
			if c, err := w.Dial(ctx, args[0], "tcp", args[1]); err == nil {
				time.AfterFunc(every, func() { c.Close() })
			}
		}
	})
	return nil
}
