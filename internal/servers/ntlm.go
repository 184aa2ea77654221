package servers

import (
	"encoding/base64"
	"encoding/binary"
	"unicode/utf16"
)

// ntlmHelper is the helper by which Squid takes anybody's word by NTLM, as a
// script. Debian's own, ntlm_fake_auth, sends a challenge whose domain lies
// beyond its end.
func ntlmHelper() string {
	return `while read -r word rest; do
	case $word in
	YR) echo "TT ` + base64.StdEncoding.EncodeToString(ntlmChallenge("SHOP")) + `" ;;
	KK) echo "AF somebody" ;;
	*) echo "BH what is $word?" ;;
	esac
done
`
}

// ntlmChallenge is a CHALLENGE_MESSAGE of a domain (MS-NLMP, 2.2.1.2), with the
// same nonce each time.
func ntlmChallenge(domain string) []byte {
	const (
		unicode, target, ntlm, ofDomain, session2, info = 1, 4, 0x200, 0x10000, 0x80000, 0x800000
		header                                          = 48
		netBIOSDomain                                   = 2 // a kind of AV_PAIR
	)
	var name []byte
	for _, u := range utf16.Encode([]rune(domain)) {
		name = binary.LittleEndian.AppendUint16(name, u)
	}
	pair := binary.LittleEndian.AppendUint16(nil, netBIOSDomain)
	pair = append(binary.LittleEndian.AppendUint16(pair, uint16(len(name))), name...)
	pair = append(pair, 0, 0, 0, 0) // the end of the list
	field := func(b []byte, part []byte, at int) []byte {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(part)))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(part)))
		return binary.LittleEndian.AppendUint32(b, uint32(at))
	}
	b := []byte("NTLMSSP\x00\x02\x00\x00\x00")
	b = field(b, name, header)
	b = binary.LittleEndian.AppendUint32(b, unicode|target|ntlm|ofDomain|session2|info)
	b = append(b, "nonce678"...)
	b = append(b, make([]byte, 8)...)
	b = field(b, pair, header+len(name))
	return append(append(b, name...), pair...)
}
