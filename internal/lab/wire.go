//go:build linux

package lab

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Fault is what a Wire does to frames, in each direction.
type Fault struct {
	Delay time.Duration
	Loss  float64       // probability for each frame
	Every time.Duration // all is lost for Gap, once in each Every
	Gap   time.Duration
}

// Wire carries frames between two interfaces of one namespace through user
// space, because not every kernel can delay them itself.
type Wire struct {
	fault atomic.Pointer[since]
	ends  [2]*os.File
	wg    sync.WaitGroup
}

// since is a fault, and when it began.
type since struct {
	Fault
	begun time.Time
}

// NewWire connects the two interfaces of the namespace, which have no
// addresses. Frames must come with their checksums: see Checksums.
func NewWire(s *Space, a, b string) (*Wire, error) {
	w := new(Wire)
	w.Set(Fault{})
	err := s.Do(func() (err error) {
		for i, name := range []string{a, b} {
			if w.ends[i], err = packetSocket(name); err != nil {
				return fmt.Errorf("a packet socket on %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		w.Close()
		return nil, err
	}
	w.wg.Go(func() { w.carry(w.ends[0], w.ends[1], 1) })
	w.wg.Go(func() { w.carry(w.ends[1], w.ends[0], 2) })
	return w, nil
}

// Set changes what the wire does. An interruption begins now.
func (w *Wire) Set(f Fault) {
	w.fault.Store(&since{f, time.Now()})
}

// Close ends the wire.
func (w *Wire) Close() {
	for _, f := range w.ends {
		if f != nil {
			f.Close()
		}
	}
	w.wg.Wait()
}

// packetSocket is a socket for all frames of an interface, as a file so that
// closing it wakes its reader.
func packetSocket(name string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	req, err := unix.NewIfreq(name)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req)
	}
	if err == nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 32<<20) // else what the system gives
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 32<<20)
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 32<<20)
		_ = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: 0x0300 /* ETH_P_ALL in network order */, Ifindex: int(req.Uint32())})
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

type frame struct {
	due  time.Time
	data []byte
}

func (w *Wire) carry(from, to *os.File, seed uint64) {
	late := make(chan frame, 1<<16)
	w.wg.Go(func() {
		for f := range late {
			time.Sleep(time.Until(f.due))
			to.Write(f.data) // a frame that can't be sent is lost, as on any wire
		}
	})
	defer close(late)
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil {
			continue // an interface that is down for a moment
		}
		f := w.fault.Load()
		now := time.Now()
		spared := arp(b[:n])
		switch {
		case !spared && f.Loss > 0 && r.Float64() < f.Loss:
		case !spared && f.Every > 0 && now.Sub(f.begun)%f.Every < f.Gap:
		case f.Delay > 0:
			late <- frame{now.Add(f.Delay), append([]byte(nil), b[:n]...)}
		default:
			to.Write(b[:n])
		}
	}
}

// arp says whether the frame is a neighbour's question or answer: those are
// spared from loss, which is meant to be the path's.
func arp(b []byte) bool { return len(b) >= 14 && b[12] == 0x08 && b[13] == 0x06 }

// Checksums makes the interface's packets carry their checksums, which a
// virtual cable otherwise leaves out.
func Checksums(s *Space, name string) error { return offload(s, name, unix.ETHTOOL_STXCSUM) }

// offload switches off what an interface otherwise leaves to its hardware.
func offload(s *Space, name string, commands ...uint32) error {
	return s.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		for _, c := range commands {
			value := struct{ command, on uint32 }{c, 0}
			var req struct {
				name [unix.IFNAMSIZ]byte
				data unsafe.Pointer
				_    [16]byte
			}
			copy(req.name[:], name)
			req.data = unsafe.Pointer(&value)
			if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&req))); e != 0 {
				return fmt.Errorf("offload %#x of %s: %w", c, name, e)
			}
		}
		return nil
	})
}
