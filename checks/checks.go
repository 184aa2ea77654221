// Package checks is the catalogue of what netcheck can check: one kind to a
// file, and the list below. A kind probes and records; it never prints,
// decides what a failure means or explains it.
package checks

import "netcheck/checks/engine"

// Kinds lists every check kind, in the order of help.
func Kinds() []engine.Kind {
	return []engine.Kind{
		tcpKind,
		udpKind,
		dnsKind,
		tlsKind,
		httpKind,
		ftpKind,
		sshKind,
		listenKind,
		addressKind,
		inboundKind,
		freshKind,
		keyKind,
		assertKind,
		attestKind,
		nmapKind,
	}
}
