package talk

import (
	"encoding/binary"
	"strings"
)

// SSHOffer is what a server offers of algorithms, in its order, made harmless.
type SSHOffer struct {
	KeyExchange, HostKeys, Ciphers, MACs []string
}

const (
	msgKeyExchangeInit = 20 // RFC 4253, 12
	cookieLength       = 16
	maxAlgorithms      = 64 // of a list: more than there are
)

// parseOffer reads a server's first packet, which is not encrypted (RFC 4253,
// 6 and 7.1); nil if it is not whole or not that.
func parseOffer(b []byte) *SSHOffer {
	if len(b) < 6 {
		return nil
	}
	length, padding := binary.BigEndian.Uint32(b), uint32(b[4])
	if length > maxOffer || uint32(len(b)-4) < length || length < padding+2+cookieLength {
		return nil
	}
	b = b[5 : 4+length-padding]
	if b[0] != msgKeyExchangeInit {
		return nil
	}
	b = b[1+cookieLength:]
	var lists [10][]string
	for i := range lists {
		if len(b) < 4 {
			return nil
		}
		n := binary.BigEndian.Uint32(b)
		if uint32(len(b)-4) < n {
			return nil
		}
		lists[i] = names(string(b[4 : 4+n]))
		b = b[4+n:]
	}
	// The others are for the other direction, which is offered the same.
	return &SSHOffer{KeyExchange: lists[0], HostKeys: lists[1], Ciphers: lists[3], MACs: lists[5]}
}

func names(list string) []string {
	var all []string
	for name := range strings.SplitSeq(list, ",") {
		if name != "" && len(all) < maxAlgorithms {
			all = append(all, Clean(name, 64))
		}
	}
	return all
}
