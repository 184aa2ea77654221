//go:build !windows

package machine

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"strings"
)

// Where the forwarders that Linux distributions ship note the servers behind
// them, in resolv.conf's format.
var upstreamFiles = []struct {
	stub string // "": any loopback address
	file string
}{
	{"127.0.0.53", "run/systemd/resolve/resolv.conf"},
	{"127.0.0.54", "run/systemd/resolve/resolv.conf"},
	{"", "run/NetworkManager/no-stub-resolv.conf"},
	{"", "run/dnsmasq/resolv.conf"},
}

// glibc and musl read no more servers than this.
const maxServers = 3

func resolvers() ([]Resolver, error) { return resolversIn(os.DirFS("/")) }

func resolversIn(root fs.FS) ([]Resolver, error) {
	conf, err := readResolvConf(root, "etc/resolv.conf")
	if err != nil {
		return nil, err
	}
	var all []Resolver
	for i, s := range conf.servers {
		if i == maxServers {
			break
		}
		behind := upstreams(root, s)
		for _, u := range behind {
			all = append(all, Resolver{Addr: netip.AddrPortFrom(u, 53), Stub: s})
		}
		if len(behind) == 0 {
			all = append(all, Resolver{Addr: netip.AddrPortFrom(s, 53)})
		}
	}
	return all, nil
}

// upstreams lists the servers behind a forwarder on this machine.
func upstreams(root fs.FS, stub netip.Addr) []netip.Addr {
	if !stub.IsLoopback() {
		return nil
	}
	for _, u := range upstreamFiles {
		if u.stub != "" && u.stub != stub.String() {
			continue
		}
		conf, err := readResolvConf(root, u.file)
		if err != nil {
			continue
		}
		var behind []netip.Addr
		for _, s := range conf.servers {
			if s != stub {
				behind = append(behind, s)
			}
		}
		if len(behind) > 0 {
			return behind
		}
	}
	return nil
}

func search() []string {
	conf, err := readResolvConf(os.DirFS("/"), "etc/resolv.conf")
	if err != nil {
		return nil
	}
	return conf.search
}

type resolvConf struct {
	servers []netip.Addr
	search  []string
}

// readResolvConf reads resolv.conf(5). A missing file is an empty one: the
// machine has no resolver then.
func readResolvConf(root fs.FS, file string) (resolvConf, error) {
	var c resolvConf
	b, err := readSome(root, file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		f := strings.Fields(sc.Text())
		if len(f) < 2 {
			continue
		}
		switch f[0] {
		case "nameserver":
			if a, err := netip.ParseAddr(f[1]); err == nil {
				c.servers = append(c.servers, a.Unmap())
			}
		case "domain", "search": // the last of them counts
			c.search = nil
			for _, s := range f[1:] {
				if s = strings.TrimSuffix(s, "."); isName(s) {
					c.search = append(c.search, s)
				}
			}
		}
	}
	return c, nil
}
