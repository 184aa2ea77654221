package checktest

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"netcheck/checks/standin"
	"netcheck/checks/vantage/server"
	"netcheck/internal/servers"
)

// vantageVerb starts a helper outside, here: what it calls is this machine.
// token is what the run says, wants what the helper wants.
func vantageVerb(w *World, args []string) error {
	if len(args) == 0 {
		return errors.New("wanted a port")
	}
	o := server.Options{AllowPrivate: true}
	address := ""
	var secure []string // what its TLS is like
	for _, a := range args[1:] {
		key, v, _ := strings.Cut(a, "=")
		switch key {
		case "on":
			address = v
		case "token":
			w.Env.Token = v
		case "wants":
			o.Token = v
		case "burst":
			n, err := strconv.Atoi(v)
			if err != nil {
				return err
			}
			o.Burst = n
		case "ports":
			for p := range strings.SplitSeq(v, ",") {
				n, err := strconv.ParseUint(p, 10, 16)
				if err != nil {
					return err
				}
				o.Ports = append(o.Ports, uint16(n))
			}
		default:
			secure = append(secure, a)
		}
	}
	scheme := "http"
	var l net.Listener
	var err error
	if len(secure) > 0 {
		scheme = "https"
		l, o.TLS, err = w.listenTLS(append([]string{args[0], "on=" + address}, secure...))
	} else {
		l, err = w.Listen(args[0], address)
	}
	if err != nil {
		return err
	}
	h, err := server.New(o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(w.T.Context())
	w.AtEnd(stop)
	w.Go(func() { _ = h.Serve(ctx, l) })
	w.Env.Vantage = scheme + "://" + l.Addr().String()
	return nil
}

// serviceVerb starts somebody else's service, which is no helper of ours.
func serviceVerb(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("wanted a port and what it is")
	}
	o := &servers.Outside{Dial: new(net.Dialer).DialContext, Limit: len(args) > 2 && args[2] == "limited"}
	answer, ok := map[string]http.HandlerFunc{"echoip": o.Echoip, "globalping": o.Globalping}[args[1]]
	if !ok {
		return errors.New("it is echoip or globalping")
	}
	l, err := w.Listen(args[0], "")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: answer, ReadHeaderTimeout: time.Second}
	w.AtEnd(func() { s.Close() })
	w.Go(func() { _ = s.Serve(l) })
	w.Env.Vantage = args[1] + "+http://" + l.Addr().String()
	return nil
}

func outsideVerb(w *World, args []string) error {
	args, _, err := on(args, 1)
	if err != nil {
		return err
	}
	w.Env.Vantage = args[0]
	return nil
}

// vacant chooses below the ports that systems hand out.
func vacant(w *World, args []string) error {
	args, _, err := on(args, 1)
	if err != nil {
		return err
	}
	const lowest, highest = 12000, 20000
	for range 50 {
		p := uint16(lowest + rand.IntN(highest-lowest))
		at := net.JoinHostPort("", strconv.Itoa(int(p)))
		l, err := net.Listen("tcp", at)
		if err != nil {
			continue
		}
		c, err := net.ListenPacket("udp", at)
		l.Close()
		if err != nil {
			continue
		}
		c.Close()
		return w.name(args[0], p)
	}
	return errors.New("no free port")
}

func standInVerb(w *World, args []string) error {
	if len(args) == 0 {
		return errors.New("wanted a port")
	}
	p, err := port(args[0])
	if err != nil {
		return err
	}
	o := standin.Options{TCP: []uint16{p}, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
	if len(args) > 1 && args[1] == "udp" {
		o.TCP, o.UDP = nil, []uint16{p}
	}
	s, err := standin.Listen(w.T.Context(), o)
	if err != nil {
		return err
	}
	w.AtEnd(s.Close)
	return w.name(args[0], portOf(s.Opened()[0]))
}

func forwardVerb(w *World, args []string) error {
	if len(args) != 2 {
		return errors.New("wanted a port and where to")
	}
	return tcpVerb(w, args[:1], func(c net.Conn) {
		far, err := (&net.Dialer{}).DialContext(w.T.Context(), "tcp", net.JoinHostPort("127.0.0.1", args[1]))
		if err != nil {
			return
		}
		defer far.Close()
		w.Go(func() {
			_, _ = io.Copy(struct{ io.Writer }{far}, c)
			far.Close()
		})
		_, _ = io.Copy(struct{ io.Writer }{c}, far)
	})
}
