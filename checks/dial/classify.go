package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"netcheck/report/result"
)

// Classify names an error's failure and POSIX errno, by type and errno alone.
func Classify(err error) (result.Failure, string) {
	if err == nil {
		return "", ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code, e.Evidence.Errno
	}
	connecting := false
	if op, ok := errors.AsType[*net.OpError](err); ok {
		connecting = op.Op == "dial"
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		name := errnoName(e)
		return errnoFailure(name, connecting), name
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		// whoever ends a run closes its connections, which their readers see as ErrClosed
		return result.FailCanceled, ""
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return result.FailEOF, ""
	case isTimeout(err):
		if connecting {
			return result.FailConnectTimeout, ""
		}
		return result.FailTimeout, ""
	}
	return result.FailOther, ""
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// errnoFailure says what an errno means where nothing else is known of the
// failure. Each line says how to provoke it.
func errnoFailure(name string, connecting bool) result.Failure {
	switch name {
	case "ECONNREFUSED": // a port without listener
		return result.FailRefused
	case "ECONNRESET", "EPIPE", "ECONNABORTED", "ENETRESET": // a server that closes with linger 0; a write after that; Windows' word for both
		return result.FailReset
	case "ETIMEDOUT": // a dropped SYN until the system gives up; a peer that vanished while data was under way
		if connecting {
			return result.FailConnectTimeout
		}
		return result.FailTimeout
	case "EHOSTUNREACH", "EHOSTDOWN": // an address of the own subnet that nobody has; ICMP host unreachable
		return result.FailHostUnreachable
	case "ENETUNREACH": // ICMP network unreachable; without ICMP, see refused
		return result.FailNetUnreachable
	case "ENETDOWN", "EAFNOSUPPORT": // an interface that is down; IPv6 where the kernel has none
		return result.FailNoRoute
	case "EINVAL": // connect by a blackhole route
		if connecting {
			return result.FailNoRoute
		}
	case "EPERM", "EACCES": // an output rule that drops a datagram; a prohibit route; Windows' firewall
		return result.FailPermission
	case "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL", "EAGAIN": // ulimit -n 10; a used-up ip_local_port_range
		return result.FailNoSockets
	case "EADDRINUSE": // two listeners on one port
		return result.FailAddressInUse
	case "EMSGSIZE": // a datagram of 65,508 bytes
		return result.FailMessageSize
	case "ENOPROTOOPT", "EPROTO": // ICMP protocol unreachable, parameter problem
		return result.FailICMP
	case "ECANCELED":
		return result.FailCanceled
	}
	return result.FailOther
}

// refused says what a connect's or datagram's error means with all that the
// system told: an ICMP error is the network's word, and an unreachable
// destination without one is this system's if it gave the socket no address to
// send from, which it does before the first packet.
func refused(errno string, icmp *result.ICMP, sent bool) result.Failure {
	if icmp != nil {
		return icmpFailure(icmp)
	}
	f := errnoFailure(errno, true)
	if !sent && (f == result.FailHostUnreachable || f == result.FailNetUnreachable) {
		return result.FailNoRoute
	}
	return f
}
