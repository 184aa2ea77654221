package talk

import (
	"encoding/binary"
	"errors"
	"io"

	"netcheck/report/result"
)

// askPostgres sends an SSLRequest, which is answered by one byte.
func askPostgres(l *lines) (Offer, error) {
	request := binary.BigEndian.AppendUint32(nil, 8)
	request = binary.BigEndian.AppendUint32(request, 80877103) // 1234, 5679: a version that there is not
	if _, err := l.conn.Write(request); err != nil {
		return Offer{}, err
	}
	b, err := l.r.ReadByte()
	switch {
	case err != nil:
		return Offer{}, err
	case b == 'S':
		return Offer{Listed: true, Said: "S"}, nil
	case b == 'N':
		return Offer{Said: "N"}, notOffered()
	}
	said := l.whole(b)
	if b == 'E' { // of a server before TLS was thought of
		return Offer{Said: said}, declined(said)
	}
	return Offer{Said: said}, strange("postgres", said)
}

// whole is what has come in one piece with a first byte.
func (l *lines) whole(first byte) string {
	rest, _ := l.r.Peek(min(l.r.Buffered(), 63))
	return string(first) + string(rest)
}

// askLDAP sends an ExtendedRequest for StartTLS (RFC 4511, 4.14), whose answer
// has a result code.
func askLDAP(l *lines) (Offer, error) {
	const oid = "1.3.6.1.4.1.1466.20037"
	name := append([]byte{0x80, byte(len(oid))}, oid...)
	message := append([]byte{0x02, 0x01, 0x01, 0x77, byte(len(name))}, name...)
	if _, err := l.conn.Write(append([]byte{0x30, byte(len(message))}, message...)); err != nil {
		return Offer{}, err
	}
	first, err := l.r.ReadByte()
	if err != nil {
		return Offer{}, err
	}
	if first != 0x30 {
		said := l.whole(first)
		return Offer{Said: said}, strange("ldap", said)
	}
	n, err := berLength(l.r)
	if err != nil {
		return Offer{}, err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(l.r, b); err != nil {
		return Offer{}, err
	}
	code, said, err := extendedResult(b)
	switch {
	case err != nil:
		return Offer{Said: said}, err
	case code != 0:
		return Offer{Said: said}, declined(ldapResult(code, said))
	}
	return Offer{Listed: true, Said: said}, nil
}

// ldapResult is a result code in RFC 4511's words, where a server that has no
// TLS gives it.
func ldapResult(code byte, said string) string {
	word := map[byte]string{1: "operationsError", 2: "protocolError", 13: "confidentialityRequired", 51: "busy", 52: "unavailable", 53: "unwillingToPerform", 80: "other"}[code]
	if word == "" {
		word = "another result"
	}
	if said == "" {
		return word
	}
	return word + ": " + said
}

var errNotLDAP = &StartTLSError{result.FailReply, errors.New("no ldap: the answer makes no sense")}

// berLength reads a length, of which a reply to StartTLS needs little.
func berLength(r io.ByteReader) (int, error) {
	first, err := r.ReadByte()
	if err != nil || first < 0x80 {
		return int(first), err
	}
	n := 0
	for range first & 0x7f {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if n = n<<8 | int(b); n > maxLine {
			return 0, errNotLDAP
		}
	}
	if first == 0x80 { // without a length, which LDAP forbids
		return 0, errNotLDAP
	}
	return n, nil
}

// extendedResult reads message id, the response's tag, its result code, and of
// the two texts that follow the second: what the server says about it.
func extendedResult(b []byte) (code byte, said string, err error) {
	_, b, err = element(b, 0x02)
	if err == nil {
		b, _, err = element(b, 0x78)
	}
	var value []byte
	if err == nil {
		value, b, err = element(b, 0x0a)
	}
	if err != nil || len(value) != 1 {
		return 0, "", errNotLDAP
	}
	if _, b, err = element(b, 0x04); err == nil {
		if text, _, err := element(b, 0x04); err == nil {
			said = string(text)
		}
	}
	return value[0], said, nil
}

// element takes an element of this tag off the front.
func element(b []byte, tag byte) (value, rest []byte, err error) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, errNotLDAP
	}
	r := &byteReader{b[1:]}
	n, err := berLength(r)
	if err != nil || n > len(r.b) {
		return nil, nil, errNotLDAP
	}
	return r.b[:n], r.b[n:], nil
}

type byteReader struct{ b []byte }

func (r *byteReader) ReadByte() (byte, error) {
	if len(r.b) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	b := r.b[0]
	r.b = r.b[1:]
	return b, nil
}
