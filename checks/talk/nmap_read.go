package talk

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/Ullaakut/nmap/v3"

	"netcheck/report/result"
)

// NmapAnswer is what a scan saw of one host.
type NmapAnswer struct {
	Raw   bool // it made its own packets
	Ports []NmapPort
}

// NmapPort is what it saw of one port.
type NmapPort struct {
	Proto   string // tcp or udp
	Port    uint16
	State   string // open, closed, filtered, or two of them with a bar in between
	Reason  string // of the state: syn-ack, reset, no-response, admin-prohibited, …
	Service string // who serves it, where that was asked and found out; made harmless

	from netip.Addr // who said so
	ttl  int        // with which the answer came
}

const (
	mostElements = 20_000 // a hundred ports have a thousand
	mostDepth    = 16     // nmap's own are six deep
	mostText     = 160    // of a service, for a reader
)

// readNmap reads nmap's XML, in which servers have a say, and takes from it
// what was asked for. An output that was cut off is read as far as it goes.
func readNmap(b []byte, q NmapQuestion) (*NmapAnswer, error) {
	b, err := sound(b)
	if err != nil {
		return nil, err
	}
	var run nmap.Run
	if err := nmap.Parse(b, &run); err != nil {
		return nil, unreadable(err)
	}
	a := &NmapAnswer{}
	for i := range run.Hosts {
		h := &run.Hosts[i]
		if !slices.ContainsFunc(h.Addresses, func(a nmap.Address) bool {
			at, err := netip.ParseAddr(a.Addr)
			return err == nil && at.Unmap() == q.Host.Unmap().WithZone("")
		}) {
			continue
		}
		for j := range h.Ports {
			p, ok := portOf(&h.Ports[j])
			asked := p.Proto == "tcp" && slices.Contains(q.TCP, p.Port) || p.Proto == "udp" && slices.Contains(q.UDP, p.Port)
			seen := slices.ContainsFunc(a.Ports, func(o NmapPort) bool { return o.Proto == p.Proto && o.Port == p.Port })
			if ok && asked && !seen {
				if !p.from.IsValid() {
					p.from = q.Host.Unmap() // it names others only
				}
				a.Ports = append(a.Ports, p)
			}
		}
	}
	return a, nil
}

func unreadable(err error) error {
	return &ToolError{"nmap's output can't be read: " + Clean(err.Error(), 120), howToGetNmap()}
}

// sound holds XML against bounds before anything is built of it, and ends one
// that was cut off after the last part that is whole. Go's decoder knows no
// entities but XML's own, so that none can grow.
func sound(b []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	depth, elements, whole := 0, 0, int64(0)
	for {
		t, err := d.Token()
		if err != nil {
			if depth == 0 && elements > 0 {
				return b, nil
			}
			if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok && whole > 0 && syntax.Msg == "unexpected EOF" {
				return append(slices.Clone(b[:whole]), "</nmaprun>"...), nil
			}
			return nil, unreadable(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth, elements = depth+1, elements+1
			if depth > mostDepth || elements > mostElements {
				return nil, unreadable(fmt.Errorf("%d elements, %d deep", elements, depth))
			}
			if depth == 1 && t.Name.Local != "nmaprun" {
				return nil, unreadable(fmt.Errorf("it is %q", t.Name.Local))
			}
		case xml.EndElement:
			if depth--; depth == 1 {
				whole = d.InputOffset()
			}
		}
	}
}

// portOf takes what is needed from a port's element; false if it says nothing
// that can be understood.
func portOf(p *nmap.Port) (NmapPort, bool) {
	states := []string{"open", "closed", "filtered", "unfiltered", "open|filtered", "closed|filtered"}
	if !slices.Contains(states, p.State.State) || p.Protocol != "tcp" && p.Protocol != "udp" {
		return NmapPort{}, false
	}
	out := NmapPort{
		Proto: p.Protocol, Port: p.ID, State: p.State.State, Reason: Clean(p.State.Reason, 40), Service: serviceOf(&p.Service),
	}
	if ttl := float64(p.State.ReasonTTL); ttl >= 1 && ttl <= 255 && ttl == math.Trunc(ttl) {
		out.ttl = int(ttl)
	}
	if from, err := netip.ParseAddr(p.State.ReasonIP); err == nil {
		out.from = from.Unmap()
	}
	return out, true
}

// serviceOf is who serves a port. What nmap has from its list of ports, and not
// from the server, is no evidence.
func serviceOf(s *nmap.Service) string {
	if s.Method != "probed" {
		return ""
	}
	name := s.Name
	if s.Tunnel == "ssl" {
		name = "ssl/" + name
	}
	text := strings.Join([]string{name, s.Product, s.Version}, " ")
	if s.ExtraInfo != "" {
		text += " (" + s.ExtraInfo + ")"
	}
	return Clean(text, mostText)
}

// Seen is the same as a probe of our own would have it.
func (p NmapPort) Seen() (result.State, result.Failure, result.Evidence) {
	var ev result.Evidence
	switch p.State {
	case "open":
		ev.AnswerTTL = p.ttl
		return result.Open, "", ev
	case "closed":
		if p.Proto == "udp" {
			ev.ICMP = p.icmp()
		} else {
			ev.AnswerTTL = p.ttl
		}
		return result.Closed, result.FailRefused, ev
	}
	if m, ok := p.message(); ok {
		ev.ICMP = p.icmp()
		return result.Rejected, m.failure, ev
	}
	if p.Proto == "udp" {
		return result.Filtered, result.FailNoReply, ev
	}
	return result.Filtered, result.FailConnectTimeout, ev
}

// message is an ICMP error: RFC 792's, 1122's and 4443's types and codes, named
// as in our own evidence, and what it means for the exchange.
type message struct {
	kind, code int
	name       string
	failure    result.Failure
}

// The reasons that are ICMP errors, by family.
var (
	messages = map[string]message{
		"net-unreach":      {3, 0, "net-unreachable", result.FailNetUnreachable},
		"host-unreach":     {3, 1, "host-unreachable", result.FailHostUnreachable},
		"proto-unreach":    {3, 2, "protocol-unreachable", result.FailICMP},
		"port-unreach":     {3, 3, "port-unreachable", result.FailRefused},
		"net-prohibited":   {3, 9, "net-prohibited", result.FailProhibited},
		"host-prohibited":  {3, 10, "host-prohibited", result.FailProhibited},
		"admin-prohibited": {3, 13, "admin-prohibited", result.FailProhibited},
		"time-exceeded":    {11, 0, "ttl-exceeded", result.FailTTLExceeded},
	}
	messages6 = map[string]message{
		"no-route":         {1, 0, "no-route", result.FailNetUnreachable},
		"admin-prohibited": {1, 1, "admin-prohibited", result.FailProhibited},
		"beyond-scope":     {1, 2, "beyond-scope", result.FailNetUnreachable},
		"addr-unreach":     {1, 3, "address-unreachable", result.FailHostUnreachable},
		"host-unreach":     {1, 3, "address-unreachable", result.FailHostUnreachable},
		"port-unreach":     {1, 4, "port-unreachable", result.FailRefused},
		"reject-route":     {1, 6, "reject-route", result.FailProhibited},
		"time-exceeded":    {3, 0, "hop-limit-exceeded", result.FailTTLExceeded},
	}
)

func (p NmapPort) message() (message, bool) {
	if p.from.Is6() {
		m, ok := messages6[p.Reason]
		return m, ok
	}
	m, ok := messages[p.Reason]
	return m, ok
}

// icmp is the message behind a reason; nil if nmap did not see it, but was told
// by the system of a connect.
func (p NmapPort) icmp() *result.ICMP {
	m, ok := p.message()
	if !ok || p.ttl == 0 {
		return nil
	}
	return &result.ICMP{From: p.from.String(), V6: p.from.Is6(), Type: m.kind, Code: m.code, Name: m.name, TTL: p.ttl}
}
