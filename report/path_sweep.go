package report

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// sweep is what packets to one port met at each TTL.
type sweep struct {
	machine string
	host    string
	address string
	port    int
	proto   string
	hops    []result.Hop
	inside  string // of a call from outside: where it is to go, as address and port
}

// sweepsOf are the sweeps on account of a finding: those of what failed, and
// those of ports that answered, the nearest kin first.
func sweepsOf(r *result.Report, f *result.Finding) (failed, controls []sweep) {
	if aboutCalls(f) {
		return callsOf(r, f)
	}
	var answered []sweep // of the finding's own targets all the same
	add := func(s sweep, on []string) {
		concerned, host, own := s.concerns(r, f, on)
		s.host = cmp.Or(s.host, host)
		switch {
		case own && !s.open():
			failed = append(failed, s)
		case own:
			answered = append(answered, s)
		case concerned && s.open():
			controls = append(controls, s)
		}
	}
	for i := range r.Followups {
		u := &r.Followups[i]
		for j := range u.Steps {
			if st := &u.Steps[j]; st.Evidence != nil && len(st.Evidence.Hops) > 0 && !elsewhere(st, u.Port) {
				add(sweep{machine: u.Machine, host: u.Host, address: u.Address, port: u.Port, proto: cmp.Or(transport(st), u.Proto, "tcp"), hops: st.Evidence.Hops}, u.Checks)
			}
		}
	}
	for i := range r.Checks { // some look how far away it is who answers
		c := &r.Checks[i]
		for j := range c.Steps {
			if st := &c.Steps[j]; st.Op != result.OpReach && st.Evidence != nil && len(st.Evidence.Hops) > 0 && slices.Contains(c.Findings, f.ID) {
				address, _ := st.Facts["network.peer.address"].(string)
				port, _ := strconv.Atoi(fact(st.Facts["network.peer.port"]))
				add(sweep{machine: c.Machine, address: address, port: port, proto: cmp.Or(transport(st), "tcp"), hops: st.Evidence.Hops}, nil)
			}
		}
	}
	switch {
	case len(failed) > 0:
		controls = append(controls, answered...)
	case slices.Contains(impostors, f.Code) && f.At != nil && f.At.Address != "":
		failed = answered // who answers is what is wrong
	}
	if len(failed) > 0 {
		kin := func(s sweep) int {
			switch {
			case s.address == failed[0].address:
				return 0
			case isV4(s.address) == isV4(failed[0].address):
				return 1
			}
			return 2
		}
		slices.SortStableFunc(controls, func(a, b sweep) int { return cmp.Compare(kin(a), kin(b)) })
	}
	return failed, controls
}

// impostors are the causes that are somebody who answers in the host's place.
var impostors = []result.Code{result.TCPTransparentProxy, result.TCPAnsweredByFirewall, result.TLSIntercepted, result.HTTPCaptivePortal, result.HTTPBlockPage}

// elsewhere tells whether a step's packets went to another port than its
// follow-up's: those say who answers there, and are no way of this port's.
func elsewhere(s *result.Step, port int) bool {
	to, known := s.Facts["network.peer.port"]
	return known && port > 0 && fact(to) != strconv.Itoa(port)
}

// transport is by what a step sent its packets, if it says so.
func transport(s *result.Step) string {
	t, _ := s.Facts["network.transport"].(string)
	return t
}

// concerns tells whether a sweep, made on account of these checks, has to do
// with a finding's, and whether its port is one that the finding is about, by
// which name.
func (s *sweep) concerns(r *result.Report, f *result.Finding, on []string) (concerned bool, host string, own bool) {
	if strings.HasPrefix(string(f.Code), "dns.") && s.port != 53 {
		return false, "", false // a wrong name is not on the way to where it led
	}
	port := portset.Set{{First: uint16(s.port), Last: uint16(s.port)}}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Machine != s.machine {
			continue
		}
		explained := slices.Contains(c.Findings, f.ID)
		concerned = concerned || explained && slices.Contains(on, c.ID)
		for j := range c.Results {
			res := &c.Results[j]
			if res.Address != s.address || cmp.Or(res.Proto, "tcp") != s.proto || !portset.Parse(res.Ports).Overlaps(port) {
				continue
			}
			host = cmp.Or(host, res.Host)
			concerned = concerned || explained
			if explained && res.Cause != nil && res.Cause.Code == f.Code && samePlace(res.Cause.At, f.At) {
				return true, res.Host, true
			}
		}
	}
	return concerned, host, false
}

func samePlace(a, b *result.Place) bool {
	return a == nil || b == nil || a.Address == b.Address && slices.Equal(a.Between, b.Between)
}

// open tells whether the port answered at some distance.
func (s *sweep) open() bool {
	return slices.ContainsFunc(s.hops, func(h result.Hop) bool { return h.State == result.Open })
}

// distance is at how many hops the port answered; 0 if it did not.
func (s *sweep) distance() int {
	for i := range s.hops {
		if s.hops[i].State == result.Open {
			return s.hops[i].TTL
		}
	}
	return 0
}

// answered is at how many hops anybody answered for the port; 0 if nobody did.
func (s *sweep) answered() int {
	for i := range s.hops {
		if h := &s.hops[i]; h.State == result.Open || h.State == result.Closed || h.State == result.Reset {
			return h.TTL
		}
	}
	return 0
}

// last is the last hop that let the packets pass.
func (s *sweep) last(at *result.Place) int {
	last := 0
	for i := range s.hops {
		if h := &s.hops[i]; h.State == result.Expired {
			last = max(last, h.TTL)
		}
	}
	if at != nil && at.Hop > 0 {
		last = min(last, at.Hop)
	}
	return min(last, maxTTL)
}

// maxTTL is as far as a packet goes, whatever a report says that comes from
// anybody.
const maxTTL = 255

// hop is what the packets met at a TTL, nil if it is not known.
func (s *sweep) hop(ttl int) *result.Hop {
	for i := range s.hops {
		if s.hops[i].TTL == ttl {
			return &s.hops[i]
		}
	}
	return nil
}

// router is the device where packets of a TTL expired, if it said so.
func (s *sweep) router(ttl int) string {
	if h := s.hop(ttl); h != nil && h.State == result.Expired {
		return h.From
	}
	return ""
}

// hostsOf are the hosts of sweeps, each once.
func hostsOf(sweeps []sweep) []string {
	var hosts []string
	for i := range sweeps {
		if h := cmp.Or(sweeps[i].host, sweeps[i].address); !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

func isV4(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && a.Unmap().Is4()
}
