//go:build linux

package lab

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Hook is where a rule sees packets.
type Hook string

// The hooks. Early is before the router looks at a packet's TTL; Turn and
// Leave are where addresses are translated.
const (
	Early   Hook = "early"
	Turn    Hook = "turn"
	In      Hook = "in"
	Forward Hook = "forward"
	Out     Hook = "out"
	Leave   Hook = "leave"
)

var hooks = map[Hook]nftables.Chain{
	Early:   {Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityRaw, Type: nftables.ChainTypeFilter},
	Turn:    {Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityNATDest, Type: nftables.ChainTypeNAT},
	In:      {Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter, Type: nftables.ChainTypeFilter},
	Forward: {Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter, Type: nftables.ChainTypeFilter},
	Out:     {Hooknum: nftables.ChainHookOutput, Priority: nftables.ChainPriorityFilter, Type: nftables.ChainTypeFilter},
	Leave:   {Hooknum: nftables.ChainHookPostrouting, Priority: nftables.ChainPriorityNATSource, Type: nftables.ChainTypeNAT},
}

// Match says which packets a rule is about. What is left out matches any.
type Match struct {
	Proto     string // tcp, udp or icmp
	Ports     []Ports
	FromPorts []Ports // source ports
	To, From  []netip.Prefix
	Larger    int     // IP length above this
	Chance    float64 // of each packet; 0: all
	Syn       bool    // packets that open a connection
	Over      int     // what exceeds so many a second, after ten at once
	Leaving   string  // the interface on which it leaves
	Coming    string  // the interface on which it came
	Also      [][]expr.Any
}

// Ports is a range of ports.
type Ports struct{ First, Last uint16 }

// Rule appends a rule to a hook: rules are looked at in the order in which
// they came, and the first that has a verdict counts.
func (s *Space) Rule(h Hook, m Match, verdict ...expr.Any) error {
	return s.Do(func() error {
		c, err := nftables.New()
		if err != nil {
			return err
		}
		table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: "lab"})
		chain := hooks[h]
		chain.Name, chain.Table = string(h), table
		c.AddChain(&chain)
		for _, conds := range m.rules() {
			c.AddRule(&nftables.Rule{Table: table, Chain: &chain, Exprs: append(conds, verdict...)})
		}
		if err := c.Flush(); err != nil {
			return fmt.Errorf("a packet filter's rule: %w", err)
		}
		return nil
	})
}

// Drop and the like are what becomes of a packet.
func Drop() expr.Any   { return &expr.Verdict{Kind: expr.VerdictDrop} }
func Accept() expr.Any { return &expr.Verdict{Kind: expr.VerdictAccept} }
func Reset() expr.Any  { return &expr.Reject{Type: unix.NFT_REJECT_TCP_RST} }

// Unreachable answers by ICMP, or ICMPv6, with this code.
func Unreachable(code uint8) expr.Any {
	return &expr.Reject{Type: unix.NFT_REJECT_ICMP_UNREACH, Code: code}
}

// Masquerade gives a packet the router's own address.
func Masquerade() expr.Any { return &expr.Masq{} }

// Redirect gives a packet to a port of the router itself.
func Redirect(port uint16) []expr.Any {
	return []expr.Any{
		&expr.Immediate{Register: 1, Data: binaryutil.BigEndian.PutUint16(port)},
		&expr.Redir{RegisterProtoMin: 1},
	}
}

// rules are the conditions, once for each combination of addresses and ports.
func (m Match) rules() [][]expr.Any {
	all := [][]expr.Any{nil}
	each := func(n int, f func(i int) []expr.Any) {
		if n == 0 {
			return
		}
		var more [][]expr.Any
		for _, r := range all {
			for i := range n {
				more = append(more, append(r[:len(r):len(r)], f(i)...))
			}
		}
		all = more
	}
	each(len(m.To), func(i int) []expr.Any { return address(m.To[i], 16, 24) })
	each(len(m.From), func(i int) []expr.Any { return address(m.From[i], 12, 8) })
	if m.Proto != "" {
		protos := map[string][]byte{"tcp": {unix.IPPROTO_TCP}, "udp": {unix.IPPROTO_UDP}, "icmp": {unix.IPPROTO_ICMP, unix.IPPROTO_ICMPV6}}[m.Proto]
		each(len(protos), func(i int) []expr.Any { return meta(expr.MetaKeyL4PROTO, protos[i]) })
	}
	each(len(m.Ports), func(i int) []expr.Any { return m.Ports[i].at(2) })
	each(len(m.FromPorts), func(i int) []expr.Any { return m.FromPorts[i].at(0) })
	if m.Syn {
		each(1, func(int) []expr.Any { return syn() })
	}
	if m.Coming != "" {
		each(1, func(int) []expr.Any { return meta(expr.MetaKeyIIFNAME, device(m.Coming)...) })
	}
	if m.Leaving != "" {
		each(1, func(int) []expr.Any { return meta(expr.MetaKeyOIFNAME, device(m.Leaving)...) })
	}
	if m.Larger > 0 {
		each(2, func(i int) []expr.Any {
			if i == 0 {
				return append(meta(expr.MetaKeyNFPROTO, unix.NFPROTO_IPV4), above(2, m.Larger)...)
			}
			return append(meta(expr.MetaKeyNFPROTO, unix.NFPROTO_IPV6), above(4, m.Larger-40)...)
		})
	}
	if m.Chance > 0 {
		each(1, func(int) []expr.Any { return chance(m.Chance) })
	}
	if m.Over > 0 {
		each(1, func(int) []expr.Any {
			return []expr.Any{&expr.Limit{Type: expr.LimitTypePkts, Rate: uint64(m.Over), Unit: expr.LimitTimeSecond, Burst: 10, Over: true}}
		})
	}
	each(len(m.Also), func(i int) []expr.Any { return m.Also[i] })
	return all
}

func meta(key expr.MetaKey, value ...byte) []expr.Any {
	return []expr.Any{&expr.Meta{Key: key, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: value}}
}

// device is an interface's name as the kernel compares it.
func device(name string) []byte {
	b := make([]byte, unix.IFNAMSIZ)
	copy(b, name)
	return b
}

func address(p netip.Prefix, offset4, offset6 uint32) []expr.Any {
	a, offset, proto := p.Masked().Addr(), offset4, byte(unix.NFPROTO_IPV4)
	if a.Is6() {
		offset, proto = offset6, unix.NFPROTO_IPV6
	}
	n := uint32(a.BitLen() / 8)
	return append(meta(expr.MetaKeyNFPROTO, proto),
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: n},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: n, Mask: ipNet(p, true).Mask, Xor: make([]byte, n)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: a.AsSlice()},
	)
}

func (p Ports) at(offset uint32) []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 2},
		&expr.Range{Op: expr.CmpOpEq, Register: 1, FromData: binaryutil.BigEndian.PutUint16(p.First), ToData: binaryutil.BigEndian.PutUint16(p.Last)},
	}
}

// syn are the packets with SYN and without ACK.
func syn() []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{0x12}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0x02}},
	}
}

// tracked are the packets of connections in one of these states.
func tracked(states uint32) []expr.Any {
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: binary.NativeEndian.AppendUint32(nil, states), Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

func above(offset uint32, length int) []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 2},
		&expr.Cmp{Op: expr.CmpOpGt, Register: 1, Data: binaryutil.BigEndian.PutUint16(uint16(length))},
	}
}

// chance matches this part of all packets, at random.
func chance(part float64) []expr.Any {
	const of = 10000
	return []expr.Any{
		&expr.Numgen{Register: 1, Type: unix.NFT_NG_RANDOM, Modulus: of},
		&expr.Byteorder{SourceRegister: 1, DestRegister: 1, Op: expr.ByteorderHton, Len: 4, Size: 4},
		&expr.Cmp{Op: expr.CmpOpLt, Register: 1, Data: binary.BigEndian.AppendUint32(nil, uint32(part*of))},
	}
}

var (
	v4Only = meta(expr.MetaKeyNFPROTO, unix.NFPROTO_IPV4)
	v6Only = meta(expr.MetaKeyNFPROTO, unix.NFPROTO_IPV6)
)

// icmpError are ICMP's destination unreachable and time exceeded.
func icmpError(family []expr.Any) []expr.Any {
	proto, first, last := byte(unix.IPPROTO_ICMP), byte(3), byte(11)
	if family[1].(*expr.Cmp).Data[0] == unix.NFPROTO_IPV6 {
		proto, first, last = unix.IPPROTO_ICMPV6, 1, 3
	}
	return append(append(family[:2:2], meta(expr.MetaKeyL4PROTO, proto)...),
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 0, Len: 1},
		&expr.Range{Op: expr.CmpOpEq, Register: 1, FromData: []byte{first}, ToData: []byte{last}},
		// an echo reply is 0 and a request 8: neither is an error
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: []byte{8}},
	)
}
