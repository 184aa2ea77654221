//go:build linux

package lab

import (
	"errors"
	"net"
	"net/netip"
	"strings"
)

// webVerbs are web servers and what they have. A site is its address', whatever
// the port; in what a page says, _ is a blank.
func webVerbs() []verb {
	return append(proxyVerbs(), []verb{
		{"http", "PLACE ADDRESS PORTS: the address' site", serve, func(w *World, args []string) error {
			return w.serveSite(args, func(l net.Listener) net.Listener { return l })
		}},
		{"page", "ADDRESS PATH|HOST/PATH|* STATUS [Header=Value|body=TEXT|wait=DURATION]...: what a site has; see servers.Site.Page", serve, page},
		{"env", "NAME=VALUE: in the environment of netcheck", serve, func(w *World, args []string) error {
			w.Env = append(w.Env, strings.Join(args, " "))
			return nil
		}},
	}...)
}

func page(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("an address, a path and a status")
	}
	words := make([]string, len(args)-3)
	for i, a := range args[3:] {
		words[i] = strings.ReplaceAll(a, "_", " ")
	}
	for a := range strings.SplitSeq(args[0], ",") {
		addr, err := netip.ParseAddr(a)
		if err != nil {
			return err
		}
		if err := w.site(addr).Page(args[1], args[2], words...); err != nil {
			return err
		}
	}
	return nil
}
