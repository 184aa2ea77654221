// Command scan is a port scan by checks/dial and nothing else, to tell its
// cost from that of the rest of netcheck. It prints each port's state.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"time"

	"netcheck/checks/dial"
)

func main() {
	host := flag.String("host", "127.0.0.1", "literal address")
	lo := flag.Int("lo", 9000, "first port")
	hi := flag.Int("hi", 9999, "last port")
	known := flag.Int("known", 0, "a port to connect to first, so that a round trip is known")
	near := flag.String("near", "", "address of that port, if it is another")
	o := dial.Options{Timeout: 5 * time.Second}
	flag.IntVar(&o.Rate, "rate", dial.DefaultRate, "new connections a second to a public address")
	flag.IntVar(&o.HalfOpen, "half-open", dial.DefaultHalfOpen, "connects under way to public addresses")
	flag.Parse()
	if err := scan(*host, *near, *lo, *hi, *known, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func scan(host, near string, lo, hi, known int, o dial.Options) error {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return err
	}
	n := dial.New(o)
	ctx := context.Background()
	if known > 0 {
		to := addr
		if near != "" {
			to = netip.MustParseAddr(near)
		}
		if c, err := n.Connect(ctx, netip.AddrPortFrom(to, uint16(known))); err == nil {
			c.Close()
		}
	}
	var ports []uint16
	for p := lo; p <= hi; p++ {
		ports = append(ports, uint16(p))
	}
	out, err := n.Scan(ctx, addr, ports, dial.ScanOptions{})
	w := bufio.NewWriter(os.Stdout)
	for _, p := range out {
		fmt.Fprintln(w, p.Port, p.State, p.Inferred, p.Code, p.Evidence.Attempts, p.RTT)
	}
	return errors.Join(err, w.Flush())
}
