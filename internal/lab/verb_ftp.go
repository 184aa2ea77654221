//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"netcheck/internal/servers"
)

// ftpVerbs are FTP servers and their files. The user is till, the password
// pa55word.
func ftpVerbs() []verb {
	return []verb{
		{"ftp", "PLACE ADDRESS PORT [passive=FIRST-LAST] [tls=VARIANT] [OPTION]... [VERB:SAYS]...: an FTP server; see servers.FTP.Option; in what it says _ is a blank", serve, ftp},
		{"ftp-file", "ADDRESS NAME AGE: a file of the FTP server there", harm, ftpFile},
	}
}

func ftp(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, an address and a port")
	}
	addr, err := netip.ParseAddr(args[1])
	if err != nil {
		return err
	}
	s := &servers.FTP{User: "till", Password: "pa55word", Says: map[string]string{}}
	passive := []Ports{{50000, 50100}}
	for _, word := range args[3:] {
		key, value, _ := strings.Cut(word, "=")
		place, says, isSaid := strings.Cut(word, ":")
		var known bool
		switch {
		case key == "passive":
			passive, err = ports(value)
		case key == "tls":
			s.TLS, _, err = w.secure(append(args[:3:3], value))
		case isSaid && key == word:
			s.Says[place] = strings.ReplaceAll(says, "_", " ")
		default:
			if known, err = s.Option(word); !known && err == nil {
				err = fmt.Errorf("an FTP server knows no %q", word)
			}
		}
		if err != nil {
			return err
		}
	}
	var turn atomic.Uint32
	s.Listen = func() (l net.Listener, err error) {
		for range 20 { // a port may still be in use
			step := uint16(7 * turn.Add(1)) // they come in no order that one could mistake for a range
			port := passive[0].First + step%(passive[0].Last-passive[0].First+1)
			if l, err = w.listener(args[0], netip.AddrPortFrom(addr, port)); err == nil {
				return l, nil
			}
		}
		return nil, err
	}
	w.services.ftp[addr] = s
	return serveAll(w, args[:3], 3, s.Serve)
}

func ftpFile(w *World, args []string) error {
	if len(args) != 3 {
		return errors.New("an address, a name and an age")
	}
	addr, err := netip.ParseAddr(args[0])
	if err != nil {
		return err
	}
	s := w.services.ftp[addr]
	if s == nil {
		return fmt.Errorf("no FTP server at %s", addr)
	}
	age, err := time.ParseDuration(args[2])
	s.Files = append(s.Files, servers.FTPFile{Name: args[1], Time: w.serverTime().Add(-age)})
	return err
}
