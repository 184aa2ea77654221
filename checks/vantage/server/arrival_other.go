//go:build !linux

package server

import (
	"net"
	"syscall"
)

func keepArrival(_, _ string, _ syscall.RawConn) error { return nil }

func arrival(net.Conn) (ttl, mss int) { return 0, 0 }
