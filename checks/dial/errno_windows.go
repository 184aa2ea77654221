package dial

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

// errnoNames maps Winsock's errors, and the system's own that its sockets
// also give, to POSIX names. syscall.ECONNREFUSED and its like are invented
// numbers on Windows that no system call returns.
var errnoNames = map[syscall.Errno]string{
	windows.WSAEACCES:        "EACCES",
	windows.WSAEINVAL:        "EINVAL",
	windows.WSAEMFILE:        "EMFILE",
	windows.WSAEMSGSIZE:      "EMSGSIZE",
	windows.WSAENOPROTOOPT:   "ENOPROTOOPT",
	windows.WSAEAFNOSUPPORT:  "EAFNOSUPPORT",
	windows.WSAEADDRINUSE:    "EADDRINUSE",
	windows.WSAEADDRNOTAVAIL: "EADDRNOTAVAIL",
	windows.WSAENETDOWN:      "ENETDOWN",
	windows.WSAENETUNREACH:   "ENETUNREACH",
	windows.WSAENETRESET:     "ENETRESET",
	windows.WSAECONNABORTED:  "ECONNABORTED",
	windows.WSAECONNRESET:    "ECONNRESET",
	windows.WSAENOBUFS:       "ENOBUFS",
	windows.WSAETIMEDOUT:     "ETIMEDOUT",
	windows.WSAECONNREFUSED:  "ECONNREFUSED",
	windows.WSAEHOSTDOWN:     "EHOSTDOWN",
	windows.WSAEHOSTUNREACH:  "EHOSTUNREACH",

	windows.ERROR_TOO_MANY_OPEN_FILES:    "EMFILE",
	windows.ERROR_ACCESS_DENIED:          "EACCES",
	windows.ERROR_NOT_ENOUGH_MEMORY:      "ENOMEM",
	windows.ERROR_NETNAME_DELETED:        "ECONNRESET",
	windows.ERROR_BROKEN_PIPE:            "EPIPE",
	windows.ERROR_SEM_TIMEOUT:            "ETIMEDOUT",
	windows.ERROR_OPERATION_ABORTED:      "ECANCELED",
	windows.ERROR_CONNECTION_REFUSED:     "ECONNREFUSED",
	windows.ERROR_NETWORK_UNREACHABLE:    "ENETUNREACH",
	windows.ERROR_HOST_UNREACHABLE:       "EHOSTUNREACH",
	windows.ERROR_PORT_UNREACHABLE:       "ECONNREFUSED",
	windows.ERROR_CONNECTION_ABORTED:     "ECONNABORTED",
	windows.ERROR_NO_SYSTEM_RESOURCES:    "ENOBUFS",
	windows.ERROR_ADDRESS_NOT_ASSOCIATED: "EADDRNOTAVAIL",
}

// errnoName is the POSIX name of a system error, or its number where POSIX has
// no such error.
func errnoName(e syscall.Errno) string {
	if s, ok := errnoNames[e]; ok {
		return s
	}
	return strconv.Itoa(int(e))
}
