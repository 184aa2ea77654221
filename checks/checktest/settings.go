package checktest

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
)

func needsIPv6(_ *World, args []string) error {
	if _, _, err := on(args, 0); err != nil {
		return err
	}
	l, err := listenOn("::1", 0)
	if err != nil {
		return unavailable("IPv6")
	}
	return l.Close()
}

func ownAddress(w *World, args []string) error {
	args, _, err := on(args, 2)
	if err != nil {
		return err
	}
	links, err := net.Interfaces()
	if err != nil {
		return err
	}
	for _, l := range links {
		as, err := l.Addrs()
		if err != nil {
			return err
		}
		for _, a := range as {
			ip, err := netip.ParsePrefix(a.String())
			if err != nil || !ip.Addr().IsGlobalUnicast() || l.Flags&net.FlagUp == 0 || len(l.HardwareAddr) == 0 {
				continue
			}
			return errors.Join(w.Define(args[0], ip.Addr().String()), w.Define(args[1], l.HardwareAddr.String()))
		}
	}
	return unavailable("an address other than loopback")
}

func setTimeout(w *World, args []string) error {
	args, _, err := on(args, 1)
	if err != nil {
		return err
	}
	w.Env.Timeout, err = time.ParseDuration(args[0])
	return err
}

func setRetries(w *World, args []string) error {
	args, _, err := on(args, 1)
	if err != nil {
		return err
	}
	w.Retries, err = strconv.Atoi(args[0])
	return err
}

func setRanges(w *World, args []string) error {
	args, _, err := on(args, 1)
	if err != nil {
		return err
	}
	w.Env.Ranges = engine.Ranges(args[0])
	if w.Env.Ranges != engine.RangesQuick && w.Env.Ranges != engine.RangesFull {
		return errors.New("neither quick nor full")
	}
	return nil
}

func setParam(w *World, args []string) error {
	args, _, err := on(args, 2)
	if err != nil {
		return err
	}
	w.Values[args[0]] = args[1]
	return nil
}

func setAnswer(w *World, args []string) error {
	args, _, err := on(args, 1)
	if err != nil {
		return err
	}
	w.answers = append(w.answers, args[0] == "yes")
	return nil
}

// needsNmap skips the case where there is no nmap, or nobody who may make
// packets of his own with it.
func needsNmap(w *World, args []string) error {
	n, err := talk.FindNmap(w.T.Context())
	switch {
	case err != nil:
		return unavailable(err.Error())
	case len(args) > 0 && args[0] == "root" && !n.Raw:
		return unavailable("a packet of nmap's own making")
	}
	return nil
}

func needsModes(_ *World, args []string) error {
	if _, _, err := on(args, 0); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return unavailable("a file's mode")
	}
	return nil
}
