//go:build linux

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"

	"netcheck/checks/standin"
	"netcheck/internal/servers"
)

// Netcheck is the name by which a test's program is netcheck itself.
const Netcheck = "netcheck-in-lab"

// outsideVerbs are who tells the shop about itself: netcheck's own helper outside
// and its stand-ins, and what a gateway tells of its line.
func outsideVerbs() []verb {
	return []verb{
		{"vantage", "PLACE ADDRESS[,ADDRESS] PORT [names=NAME,...] [ca=NAME] [CERTIFICATE] [FLAG...]: netcheck's helper outside", serve, vantage},
		{"standin", "PLACE PORTS [udp]: netcheck stands in for a service there, as another process", serve, standIn},
		{"igd", "PLACE nat-pmp|pcp|upnp[,...] [address=ADDRESS|none] [model=TEXT] [off] [tcp:PORT=ADDRESS:PORT]...: what a gateway tells of its line", serve, igd},
	}
}

// vantage starts netcheck itself, so that its sockets are of that place.
func vantage(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, an address and a port")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	var flags []string
	words := []string{args[0], args[1], args[2]}
	for i, a := range args {
		switch {
		case i < 3:
		case strings.HasPrefix(a, "--"):
			flags = append(flags, a)
		default:
			words = append(words, a)
		}
	}
	cert, key, err := w.certificateFiles(words)
	if err != nil {
		return err
	}
	hosts := strings.Split(args[1], ",")
	listen := net.JoinHostPort(args[1], args[2])
	if len(hosts) > 1 {
		listen = ":" + args[2]
	}
	argv := []string{Netcheck, "vantage", "--allow-private", "--tls-cert", cert, "--tls-key", key, "--listen", listen}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.Command(self)
	cmd.Args = append(argv, flags...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "LAB_PUBLIC_ROOTS=" + filepath.Join(w.dir, publicRoots)}
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.Do(cmd.Start); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	w.OnClose(func() { _ = cmd.Process.Kill() })
	for _, h := range hosts {
		if err := w.ready(args[0], net.JoinHostPort(h, args[2]), ended); err != nil {
			return fmt.Errorf("%w\n%s", err, said.Bytes())
		}
	}
	return nil
}

// ready waits until a server that is a process accepts.
func (w *World) ready(place, at string, ended <-chan error) error {
	const (
		patience = 15 * time.Second // on a machine that has much else to do
		pause    = 10 * time.Millisecond
	)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(pause)
	defer again.Stop()
	for {
		c, err := w.Dial(ctx, place, "tcp", at)
		if err == nil {
			return c.Close()
		}
		select {
		case err := <-ended:
			return fmt.Errorf("it has ended: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", err)
		case <-again.C:
		}
	}
}

// certificateFiles are a server's certificate and key, in files of this
// machine's that end with the world.
func (w *World) certificateFiles(words []string) (cert, key string, err error) {
	config, _, err := w.secure(words)
	if err != nil {
		return "", "", err
	}
	pem, err := servers.PEM(config.Certificates[0])
	if err != nil {
		return "", "", err
	}
	dir, err := os.MkdirTemp("", "lab-vantage-")
	if err != nil {
		return "", "", err
	}
	w.OnClose(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "both.pem")
	return file, file, os.WriteFile(file, []byte(pem), 0o600)
}

// standIn listens there with a key of its own: to the prober it is somebody
// else's.
func standIn(w *World, args []string) error {
	args, udp := takeWord(args, "udp")
	if len(args) != 2 {
		return errors.New("a place and ports")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	ranges, err := ports(args[1])
	if err != nil {
		return err
	}
	var list []uint16
	for _, r := range ranges {
		for p := int(r.First); p <= int(r.Last); p++ {
			list = append(list, uint16(p))
		}
	}
	o := standin.Options{TCP: list}
	if udp {
		o = standin.Options{UDP: list}
	}
	var l *standin.Server
	err = s.Do(func() (err error) { l, err = standin.Listen(context.Background(), o); return err })
	if l != nil {
		w.OnClose(l.Close)
	}
	return err
}

// igd is a gateway that tells of its line by these protocols, truthfully unless
// it is told otherwise.
func igd(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and protocols")
	}
	wan, lan, err := w.routerSides(args[0])
	if err != nil {
		return err
	}
	g := &servers.IGD{Address: wan.Addr(), Maker: "Lab", Model: "Gateway", Mappings: map[string]netip.AddrPort{}}
	for _, a := range args[2:] {
		key, value, _ := strings.Cut(a, "=")
		proto, port, mapped := strings.Cut(key, ":")
		switch {
		case a == "off":
			g.Off = true
		case a == "address=none":
			g.Address = netip.Addr{}
		case key == "address":
			g.Address, err = netip.ParseAddr(value)
		case key == "model":
			g.Model = strings.ReplaceAll(value, "_", " ")
		case mapped:
			var to netip.AddrPort
			to, err = netip.ParseAddrPort(value)
			g.Mappings[strings.ToUpper(proto)+" "+port] = to
		default:
			err = fmt.Errorf("a gateway knows no %q", a)
		}
		if err != nil {
			return err
		}
	}
	speaks := strings.Split(args[1], ",")
	return w.tellOfLine(args[0], lan.Addr(), g, speaks)
}

func (w *World) routerSides(place string) (wan, lan netip.Prefix, err error) {
	s, err := w.Place(place)
	if err != nil {
		return wan, lan, err
	}
	return w.sides(place, s)
}

func (w *World) tellOfLine(place string, at netip.Addr, g *servers.IGD, speaks []string) error {
	const (
		mapping = 5351
		ssdp    = 1900
		web     = 5000
	)
	var natpmp, pcp, upnp bool
	for _, protocol := range speaks {
		switch protocol {
		case "nat-pmp":
			natpmp = true
		case "pcp":
			pcp = true
		case "upnp":
			upnp = true
		default:
			return fmt.Errorf("no protocol %q", protocol)
		}
	}
	if natpmp || pcp {
		c, err := w.Packets(place, netip.AddrPortFrom(at, mapping))
		if err != nil {
			return err
		}
		w.Go(func() { g.Map(c, natpmp, pcp) })
	}
	if !upnp {
		return nil
	}
	c, err := w.Packets(place, netip.AddrPortFrom(netip.IPv4Unspecified(), ssdp))
	if err != nil {
		return err
	}
	if err := w.join4(place, c, "lan", netip.AddrFrom4([4]byte{239, 255, 255, 250})); err != nil {
		return err
	}
	w.Go(func() { g.Announce(c, "http://"+netip.AddrPortFrom(at, web).String()+"/description.xml") })
	l, err := w.listener(place, netip.AddrPortFrom(at, web))
	if err != nil {
		return err
	}
	s := &http.Server{Handler: g, ReadTimeout: time.Second, ErrorLog: nil}
	w.OnClose(func() { s.Close() })
	w.Go(func() { _ = s.Serve(l) })
	return nil
}

// join4 makes a socket hear what is said to a group on an interface.
func (w *World) join4(place string, c net.PacketConn, device string, group netip.Addr) error {
	s, err := w.Place(place)
	if err != nil {
		return err
	}
	return s.Do(func() error {
		i, err := net.InterfaceByName(device)
		if err != nil {
			return err
		}
		return ipv4.NewPacketConn(c).JoinGroup(i, &net.UDPAddr{IP: group.AsSlice()})
	})
}
