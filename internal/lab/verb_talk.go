//go:build linux

package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/google/nftables/expr"
)

// talkVerbs are firewalls that look into what is said. They do it packet by
// packet and change nothing else: connects pass as they are.
func talkVerbs() []verb {
	return []verb{
		{"block name", "PLACE NAME reset|drop: a ClientHello that asks for this name", harm, blockName},
		{"block large hello", "PLACE reset|drop [to NETS]: a ClientHello that takes more than one packet", harm, blockLargeHello},
		{"only http", "PLACE PORTS [to NETS]: what does not begin as HTTP does is dropped, in both directions", harm, onlyHTTP},
	}
}

// payload is where the data of a TCP packet begins, whatever its header's
// length (NFT_PAYLOAD_INNER_HEADER). A packet without data matches nothing.
const payload = expr.PayloadBase(3)

func said(offset int, text string) []expr.Any {
	var es []expr.Any
	const most = 16 // bytes of a register
	for i := 0; i < len(text); i += most {
		part := text[i:min(i+most, len(text))]
		es = append(es,
			&expr.Payload{DestRegister: 1, Base: payload, Offset: uint32(offset + i), Len: uint32(len(part))},
			&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte(part)},
		)
	}
	return es
}

// A ClientHello (RFC 8446, 4.1.2) up to its list of cipher suites, and from
// there to the name of the first extension: record, handshake, version,
// random, session; compression, extensions, and the name's own header.
const (
	helloBegins  = "\x16\x03"
	beforeSuites = 5 + 4 + 2 + 32 + 1 + 32
	toName       = 2 + 2 + 2 + 2 + 2 + 1
	mostSuites   = 40
)

// blockName looks for the name wherever a hello of this program, with any
// number of cipher suites, has it.
func blockName(w *World, args []string) error {
	if len(args) != 3 {
		return errors.New("three words")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	fate, err := fateOf(args[2])
	if err != nil {
		return err
	}
	name := string(binary.BigEndian.AppendUint16(nil, uint16(len(args[1])))) + args[1]
	for suites := 1; suites <= mostSuites; suites++ {
		at := beforeSuites + 2 + 2*suites + toName
		hello := append(said(0, helloBegins), said(beforeSuites, string(binary.BigEndian.AppendUint16(nil, uint16(2*suites))))...)
		m := Match{Proto: "tcp", Also: [][]expr.Any{append(hello, said(at, name)...)}}
		if err := s.Rule(Forward, m, fate); err != nil {
			return err
		}
	}
	return nil
}

func fateOf(word string) (expr.Any, error) {
	switch word {
	case "reset":
		return Reset(), nil
	case "drop":
		return Drop(), nil
	}
	return nil, fmt.Errorf("neither reset nor drop: %s", word)
}

// blockLargeHello reads the record's length, so that smaller segments change
// nothing.
func blockLargeHello(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and a fate")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	fate, err := fateOf(args[1])
	if err != nil {
		return err
	}
	m, err := match(append([]string{"tcp"}, args[2:]...))
	if err != nil {
		return err
	}
	const onePacket = 1400
	m.Also = [][]expr.Any{append(said(0, helloBegins),
		&expr.Payload{DestRegister: 1, Base: payload, Offset: 3, Len: 2},
		&expr.Cmp{Op: expr.CmpOpGt, Register: 1, Data: binary.BigEndian.AppendUint16(nil, onePacket)},
	)}
	return s.Rule(Forward, m, fate)
}

// onlyHTTP marks a connection at the first words of an answer in HTTP. Before
// that it lets nothing but requests pass.
func onlyHTTP(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and ports")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	there, err := match(append([]string{"tcp"}, args[1:]...))
	if err != nil {
		return err
	}
	back := there
	back.Ports, back.FromPorts, back.To, back.From = nil, there.Ports, nil, there.To
	seen := []expr.Any{
		&expr.Ct{Key: expr.CtKeyMARK, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.NativeEndian.AppendUint32(nil, 1)},
	}
	mark := []expr.Any{
		&expr.Immediate{Register: 1, Data: binary.NativeEndian.AppendUint32(nil, 1)},
		&expr.Ct{Key: expr.CtKeyMARK, Register: 1, SourceRegister: true},
		Accept(),
	}
	anything := &expr.Payload{DestRegister: 1, Base: payload, Len: 1}
	words := func(m Match, words string) Match {
		for word := range strings.FieldsSeq(words) {
			m.Also = append(m.Also, said(0, word))
		}
		return m
	}
	known := func(m Match) Match {
		m.Also = [][]expr.Any{seen}
		return m
	}
	return errors.Join(
		s.Rule(Forward, known(there), Accept()), s.Rule(Forward, known(back), Accept()),
		s.Rule(Forward, words(there, "GET HEAD POST PUT OPTIONS"), Accept()),
		s.Rule(Forward, words(back, "HTTP/1."), mark...),
		s.Rule(Forward, there, anything, Drop()), s.Rule(Forward, back, anything, Drop()),
	)
}
