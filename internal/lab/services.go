//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"netcheck/internal/servers"
)

// services are what the world's servers know: the names of its internet, the
// authorities that sign for them, and its time.
type services struct {
	ahead       time.Duration // of the servers' clocks
	names       *servers.Zone // that the internet knows
	zones       map[string]*servers.Zone
	sites       map[string]*servers.Site
	ftp         map[netip.Addr]*servers.FTP
	authorities map[string]*servers.Authority
	trusted     []string // authorities, by the till; nil: the public one
	hosts       string   // lines of the till's hosts file, beside its own
}

// public is the authority that signs for the internet's servers.
const public = "public"

// publicRoots is where the till finds the roots of this internet's public
// authorities, as LAB_PUBLIC_ROOTS says: a laboratory's netcheck reads them
// there in place of the real ones.
const publicRoots = "public-roots.pem"

// systemRoots is one of the places where Go looks for them.
const systemRoots = "ssl/certs/ca-certificates.crt"

// internet makes what every world has.
func (w *World) internet() error {
	s := &w.services
	s.names = servers.NewZone(nil)
	s.zones = map[string]*servers.Zone{"internet": s.names}
	s.sites = map[string]*servers.Site{}
	s.ftp = map[netip.Addr]*servers.FTP{}
	s.authorities = map[string]*servers.Authority{}
	if err := w.authority(public, "Globe Trust Services"); err != nil {
		return err
	}
	w.Env = append(w.Env, "LAB_PUBLIC_ROOTS=/etc/"+publicRoots)
	return errors.Join(w.Etc(publicRoots, string(s.authorities[public].PEM())), w.trust([]string{public}))
}

func (w *World) authority(name, organisation string) (err error) {
	w.services.authorities[name], err = servers.NewAuthority(organisation, w.serverTime())
	return err
}

// trust makes the till trust these authorities, and no others.
func (w *World) trust(names []string) error {
	w.services.trusted = names
	var roots []byte
	for _, name := range names {
		a := w.services.authorities[name]
		if a == nil {
			return fmt.Errorf("no authority %q", name)
		}
		roots = append(roots, a.PEM()...)
	}
	return w.Etc(systemRoots, string(roots))
}

// serverTime is what the servers' clocks say.
func (w *World) serverTime() time.Time { return time.Now().Add(w.services.ahead) }

// site is the web site at an address, whatever the port.
func (w *World) site(addr netip.Addr) *servers.Site {
	key := addr.String()
	if w.services.sites[key] == nil {
		w.services.sites[key] = servers.NewSite(w.services.ahead)
	}
	return w.services.sites[key]
}

// own is a place's address on the shop's side.
func (w *World) own(place string) netip.Addr {
	p := &w.Plan
	return map[string]netip.Prefix{
		"till": p.Till, "server": p.Server, "gateway": p.Gateway, "outer": p.Outer, "provider": p.Provider, "core": p.Core,
		"cloud": nth(p.Cloud[0], cloudHost(p.Cloud[0], 0)), "vlan": nth(p.VLAN, 20),
	}[place].Addr()
}

// where splits PLACE ADDRESS, whose address may be left out: then it is the
// place's own.
func (w *World) where(args []string) (place string, at netip.Addr, rest []string, err error) {
	if len(args) == 0 || w.places[args[0]] == nil {
		return "", at, nil, errors.New("no place")
	}
	place, rest = args[0], args[1:]
	if len(rest) > 0 {
		if a, err := netip.ParseAddr(rest[0]); err == nil {
			return place, a, rest[1:], nil
		}
	}
	if at = w.own(place); !at.IsValid() {
		err = fmt.Errorf("%s has no address", place)
	}
	return place, at, rest, err
}

// take1 removes a word, and tells whether it was there.
func takeWord(words []string, word string) ([]string, bool) {
	i := slices.Index(words, word)
	if i < 0 {
		return words, false
	}
	return slices.Delete(slices.Clone(words), i, i+1), true
}
