package checktest

import (
	"encoding/hex"
	"net"
	"strconv"
	"strings"
)

// udpVerb answers each datagram by what answer returns; nil is silence.
func udpVerb(w *World, arg, address string, answer func(n int, datagram []byte) []byte) error {
	p, err := port(arg)
	if err != nil {
		return err
	}
	if address == "" {
		address = "127.0.0.1"
	}
	c, err := net.ListenPacket("udp", net.JoinHostPort(address, strconv.Itoa(int(p))))
	if err != nil {
		return err
	}
	w.AtEnd(func() { c.Close() })
	w.Go(func() {
		buf := make([]byte, 64<<10)
		for i := 0; ; i++ {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			if b := answer(i, buf[:n]); b != nil {
				_, _ = c.WriteTo(b, from)
			}
		}
	})
	return w.name(arg, portOf(c.LocalAddr()))
}

func udpEcho(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	return udpVerb(w, args[0], address, func(_ int, b []byte) []byte { return b })
}

func udpSilent(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	return udpVerb(w, args[0], address, func(int, []byte) []byte { return nil })
}

func udpReply(w *World, args []string) error {
	args, address, err := on(args, 2)
	if err != nil {
		return err
	}
	reply, err := payload(args[1])
	if err != nil {
		return err
	}
	return udpVerb(w, args[0], address, func(int, []byte) []byte { return reply })
}

func udpDeaf(w *World, args []string) error {
	args, address, err := on(args, 3)
	if err != nil {
		return err
	}
	lost, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	return udpVerb(w, args[0], address, func(n int, _ []byte) []byte {
		if n < lost {
			return nil
		}
		return []byte(args[2])
	})
}

func payload(s string) ([]byte, error) {
	if h, ok := strings.CutPrefix(s, "hex:"); ok {
		return hex.DecodeString(h)
	}
	return []byte(s), nil
}

// udpClosed keeps the port taken by a socket that has a peer: datagrams of
// others reach nobody and are refused.
func udpClosed(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	p, err := port(args[0])
	if err != nil {
		return err
	}
	if address == "" {
		address = "127.0.0.1"
	}
	far, err := net.ListenPacket("udp", net.JoinHostPort(address, "0"))
	if err != nil {
		return err
	}
	w.AtEnd(func() { far.Close() })
	local := *far.LocalAddr().(*net.UDPAddr)
	local.Port = int(p)
	c, err := (&net.Dialer{LocalAddr: &local}).Dial("udp", far.LocalAddr().String())
	if err != nil {
		return err
	}
	w.AtEnd(func() { c.Close() })
	return w.name(args[0], portOf(c.LocalAddr()))
}
