//go:build linux

package lab

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/nftables/expr"
)

// filterVerbs are packet filters. PLACE may be followed by a hook: a router
// filters what it forwards, the till what it sends, others what they receive.
func filterVerbs() []verb {
	const match = "[early|in|forward|out] [tcp|udp|icmp [PORTS]] [from-port PORTS] [to NETS] [from NETS] [larger BYTES] [chance 5%] [syn] [over 15]"
	return []verb{
		{"drop", "PLACE " + match, harm, func(w *World, args []string) error { return filter(w, args, Drop()) }},
		{"accept", "PLACE " + match + ": ahead of the lines below", harm, func(w *World, args []string) error { return filter(w, args, Accept()) }},
		{"reset", "PLACE tcp " + match, harm, func(w *World, args []string) error { return filter(w, args, Reset()) }},
		{"reject", "PLACE CODE " + match, harm, reject},
		{"mute", "PLACE: sends no ICMP error", harm, mute},
		{"generous", "PLACE: sends every ICMP error that is due", harm, generous},
		{"guard", "PLACE: a firewall that completes every handshake from the shop in the server's place, and only then lets it in", harm, guard},
		{"splice", "PLACE PORTS [to NETS]: a transparent proxy of TCP", harm, splice},
		{"answer all", "PLACE PORTS [to NETS]: a firewall that answers every SYN, and then finds out", harm, answerAll},
	}
}

// codes are ICMP's destination-unreachable codes, by their names.
var codes = map[string]struct{ v4, v6 int }{
	"net-unreachable":   {0, 0},
	"host-unreachable":  {1, 3},
	"proto-unreachable": {2, -1},
	"port-unreachable":  {3, 4},
	"net-prohibited":    {9, 5},
	"host-prohibited":   {10, 6},
	"admin-prohibited":  {13, 1},
}

func reject(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and a code")
	}
	code, ok := codes[args[1]]
	if !ok {
		return fmt.Errorf("no code %q", args[1])
	}
	rest := append([]string{args[0]}, args[2:]...)
	// the codes' numbers differ, and so do the rules
	err := filterFor(w, rest, v4Only, Unreachable(uint8(code.v4)))
	if code.v6 >= 0 {
		err = errors.Join(err, filterFor(w, rest, v6Only, Unreachable(uint8(code.v6))))
	}
	return err
}

func filter(w *World, args []string, verdict ...expr.Any) error {
	return filterFor(w, args, nil, verdict...)
}

func filterFor(w *World, args []string, also []expr.Any, verdict ...expr.Any) error {
	if len(args) == 0 {
		return errors.New("no place")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	hook := map[string]Hook{"till": Out, "server": In, "vlan": In, "cloud": In}[args[0]]
	if hook == "" {
		hook = Forward
	}
	args = args[1:]
	if len(args) > 0 {
		if _, ok := hooks[Hook(args[0])]; ok {
			hook, args = Hook(args[0]), args[1:]
		}
	}
	m, err := match(args)
	if err != nil {
		return err
	}
	if also != nil {
		m.Also = append(m.Also, also)
	}
	return s.Rule(hook, m, verdict...)
}

func match(args []string) (m Match, err error) {
	next := func() string {
		if len(args) == 0 {
			return ""
		}
		w := args[0]
		args = args[1:]
		return w
	}
	for len(args) > 0 && err == nil {
		switch w := next(); w {
		case "tcp", "udp", "icmp":
			m.Proto = w
			if len(args) > 0 && strings.IndexByte("0123456789", args[0][0]) >= 0 {
				m.Ports, err = ports(next())
			}
		case "from-port":
			m.FromPorts, err = ports(next())
		case "to":
			m.To, err = prefixes(next())
		case "from":
			m.From, err = prefixes(next())
		case "larger":
			m.Larger, err = number(next(), 65535)
		case "chance":
			m.Chance, err = part(next())
		case "syn":
			m.Syn = true
		case "over":
			m.Over, err = number(next(), 1<<20)
		default:
			err = fmt.Errorf("%q matches nothing", w)
		}
	}
	return m, err
}

// mute makes a router one that never says that a packet expired with it, or
// that it can't be passed on.
func mute(w *World, args []string) error {
	s, err := w.Place(strings.Join(args, " "))
	if err != nil {
		return err
	}
	return s.Rule(Out, Match{Also: [][]expr.Any{icmpError(v4Only), icmpError(v6Only)}}, Drop())
}

func generous(w *World, args []string) error {
	s, err := w.Place(strings.Join(args, " "))
	if err != nil {
		return err
	}
	return errors.Join(
		s.Set("ipv4/icmp_ratelimit", 0), s.Set("ipv6/icmp/ratelimit", 0),
		s.Set("ipv4/icmp_msgs_per_sec", 1_000_000), s.Set("ipv4/icmp_msgs_burst", 100_000),
	)
}

// guard is the kernel's own protection against floods of SYNs: unlike a proxy
// it answers what it forwards, beyond the check of a packet's TTL.
func guard(w *World, args []string) error {
	s, err := w.Place(strings.Join(args, " "))
	if err != nil {
		return err
	}
	const invalid, untracked = 1, 64 // of the states of a connection
	return errors.Join(
		s.Rule(Early, Match{Proto: "tcp", Syn: true, Coming: "lan"}, &expr.Notrack{}),
		s.Rule(Forward, Match{Proto: "tcp", Also: [][]expr.Any{tracked(invalid | untracked)}}, &expr.SynProxy{Mss: 1460, MssValueSet: true, Wscale: 7, WscaleValueSet: true, Timestamp: true, SackPerm: true}),
		s.Rule(Forward, Match{Also: [][]expr.Any{tracked(invalid)}}, Drop()),
		s.Set("netfilter/nf_conntrack_tcp_loose", 0), // else it takes the middle of a connection for its beginning
	)
}
