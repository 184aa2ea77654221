package server

import "encoding/binary"

// parseSYN reads the TTL, or hop limit, and the MSS of a SYN with its IP
// header; 0 for what is not there.
func parseSYN(b []byte) (ttl, mss int) {
	var tcp []byte
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		ttl = int(b[8])
		if head := int(b[0]&15) * 4; head >= 20 && head <= len(b) && b[9] == 6 {
			tcp = b[head:]
		}
	case len(b) >= 40 && b[0]>>4 == 6:
		ttl = int(b[7])
		if b[6] == 6 { // a SYN with extension headers is rare, and tells no less without its MSS
			tcp = b[40:]
		}
	}
	if len(tcp) < 20 {
		return ttl, 0
	}
	options := tcp[20:min(len(tcp), max(20, int(tcp[12]>>4)*4))]
	for len(options) > 0 {
		switch kind := options[0]; {
		case kind == 0:
			return ttl, 0
		case kind == 1:
			options = options[1:]
		case len(options) < 2 || options[1] < 2 || int(options[1]) > len(options):
			return ttl, 0
		case kind == 2 && options[1] == 4:
			return ttl, int(binary.BigEndian.Uint16(options[2:]))
		default:
			options = options[options[1]:]
		}
	}
	return ttl, 0
}
