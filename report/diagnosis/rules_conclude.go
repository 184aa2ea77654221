package diagnosis

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/report/result"
)

// conclusionRules are about what the machines of a merged report show together,
// of which none shows it by itself. A rule that names no cause leaves the one of
// the machine's own run.
func conclusionRules() []rule {
	return []rule{
		{
			// Both get past the same device: it lets one of them pass.
			id: "one-source", when: []cond{jointly(outerPasses), heldUpOnWay, beyondOther},
			sure: together(result.Strong), at: ownPlace, request: true,
			alike: []alike{{result.HostFirewall, placedOnWay}, {result.DNSMismatch, sameAddressAsked}, {result.HostDown, atOneTime}},
		},
		{
			// Nothing lies between the two that not both have to pass.
			id: "alone-in-network", when: []cond{jointly(outerPasses), heldUpOnWay, oneGateway},
			sure: together(result.Strong), at: ownPlace, request: true, act: network,
			alike: []alike{{result.LocalFirewall, anyOf(notHere, icmp)}, {result.HostFirewall, anyOf(placedOnWay, icmp)}, {result.DNSMismatch, sameAddressAsked}, {result.HostDown, atOneTime}},
		},
		{
			id: "inner-rule", when: []cond{jointly(outerPasses), heldUpOnWay, not(beyondOther), silentOnWay},
			code: result.TCPFiltered, sure: together(result.Strong), at: betweenParties, request: true, act: network,
			alike: []alike{
				{result.LocalFirewall, anyOf(notHere, placedOnWay)},
				{result.PathNoRoute, anyOf(familyReached, sameAddressAnswers)},
				{result.HostFirewall, placedOnWay},
				{result.DNSMismatch, sameAddressAsked},
				{result.HostDown, atOneTime},
			},
		},
		{
			// Somebody said so, in the host's name or by ICMP; and the host lets
			// the other machine in.
			id: "inner-refusal", when: []cond{jointly(outerPasses), heldUpOnWay, not(beyondOther), refusedOnWay},
			code: result.TCPResetByMiddlebox, sure: together(result.Likely), at: betweenParties, request: true, act: network,
			alike: []alike{{result.LocalFirewall, notHere}, {result.HostFirewall, nil}, {result.DNSMismatch, sameAddressAsked}, {result.TCPClosed, atOneTime}},
		},
		{
			id: "inner-otherwise", when: []cond{jointly(outerPasses), heldUpOnWay, not(beyondOther)},
			sure: together(result.Strong), at: betweenParties, request: true, act: network,
			alike: []alike{{result.LocalFirewall, anyOf(notHere, icmp)}, {result.HostFirewall, icmp}, {result.DNSMismatch, sameAddressAsked}, {result.HostDown, atOneTime}},
		},
		{
			id: "outer-alone", when: []cond{jointly(innerPasses), heldUpOnWay},
			sure: together(result.Strong), at: ownPlace, request: true,
			alike: []alike{{result.LocalFirewall, anyOf(notHere, placedOnWay)}, {result.HostFirewall, placedOnWay}, {result.DNSMismatch, sameAddressAsked}, {result.HostDown, atOneTime}},
		},
		{
			// The packets of the inner one come this way, too, if they come so far.
			id: "both-fail", when: []cond{jointly(innerFails), outermostAsked, heldUpOnWay},
			sure: asAlone, at: ownPlace, request: true,
			alike: ownAlike(result.HostDown, result.HostFirewall, result.TCPClosed, result.TCPFiltered, result.TCPRejected, result.TCPResetByMiddlebox, result.PathNoRoute, result.LocalFirewall, result.PathLoss, result.UDPRejected),
		},
		{
			id: "listens-at-another", when: []cond{jointly(listens), refusedOnWay, boundElsewhere},
			code: result.TCPClosed, sure: together(result.Strong), at: atTarget, act: site,
			alike: []alike{{result.HostFirewall, atOneTime}},
		},
		{
			// It is on, and the link gets no answer from it: a switch or an access
			// point keeps the two apart.
			id: "hears-nothing", when: []cond{jointly(listens), toLink, saysGone},
			code: result.TCPFiltered, sure: together(result.Strong), at: betweenParties, act: network,
			alike: []alike{{result.LocalWrongNetmask, ordinaryNeighbour}, {result.HostDown, atOneTime}},
		},
		{
			// On one link nothing but a switch lies in between.
			id: "listens-near", when: []cond{jointly(listens), overTCP, toLink, not(icmp)},
			code: result.HostFirewall, sure: together(result.Likely), at: beforeTarget, request: true, act: site,
			alike: []alike{{result.TCPFiltered, anyOf(sameAddressAnswers, refusedOnWay)}, {result.LocalFirewall, notHere}, {result.TCPClosed, anyOf(silentOnWay, boundNow)}, {result.HostDown, atOneTime}},
		},
		{
			id: "listens-far", when: []cond{jointly(listens), overTCP, heldUpOnWay},
			sure: together(result.Strong), at: ownPlace, request: true, act: network,
			alike: []alike{{result.HostFirewall, placedOnWay}, {result.LocalFirewall, anyOf(notHere, placedOnWay)}, {result.HostDown, atOneTime}},
		},
		{
			id: "only-the-service", when: []cond{jointly(notReached), cameSoFar},
			sure: asAlone, at: atThisMachine,
		},
		{
			id: "service-first", when: []cond{jointly(notReached)},
			sure: asAlone, at: atThisMachine,
		},
		{
			// Proven from another place: what stops it is not the shop's router as such.
			id: "way-in-for-others", when: []cond{jointly(comesInElsewhere), anyOf(heldUpOnWay, closedThere)},
			sure: together(result.Likely), at: ownPlace,
			alike: []alike{{result.LocalFirewall, notHere}, {result.InboundAllowList, nil}, {result.InboundAddressChanged, atOneTime}},
		},
		{
			id: "way-in", when: []cond{jointly(comesIn), anyOf(heldUpOnWay, closedThere)},
			sure: either(reachedInside, result.Strong, result.Likely), at: ownPlace, act: network,
			alike: []alike{{result.InboundCGNAT, icmp}, {result.InboundDoubleNAT, icmp}, {result.InboundAddressChanged, nil}, {result.HostFirewall, nil}, {result.InboundWrongHost, silentOnWay}, {result.InboundRouterAnswers, silentOnWay}, {result.InboundAllowList, not(listedOnly)}},
		},
		{
			id: "way-back", when: []cond{jointly(otherWay), heldUpOnWay, not(saysGone)},
			sure: together(result.Likely), at: ownPlace, request: true,
			alike: []alike{{result.HostFirewall, nil}, {result.LocalFirewall, notHere}, {result.TCPClosed, anyOf(silentOnWay, overUDP)}, {result.UDPClosed, overTCP}},
		},
		{
			id: "another-address", when: []cond{jointly(elsewhereIs)},
			code: result.AddressMissing, sure: always(result.Likely), at: atTarget, act: site,
			alike: []alike{{result.HostDown, refusedOnWay}, {result.TCPFiltered, refusedOnWay}, {result.TCPClosed, silentOnWay}},
		},
	}
}

// heldUp tells whether a cause is that packets, or what they say, are held up on
// their way; and not that the host itself, or this machine, is at fault.
func heldUp(c *result.Cause) bool {
	return slices.Contains([]result.Code{
		result.TCPFiltered, result.TCPRejected, result.TCPRefused, result.TCPResetByMiddlebox, result.HostDown, result.HostFirewall, result.PathNoRoute, result.PathAddressDead,
		result.ProtoBlocked, result.UDPNoReply, result.UDPRejected,
	}, c.Code)
}

// atServer tells whether a cause is what the server itself shows to whoever asks,
// and not somebody in its place.
func atServer(c *result.Cause) bool {
	family, _, _ := strings.Cut(string(c.Code), ".")
	return c.Code == result.TCPClosed || slices.Contains([]string{"tls", "http", "ftp", "ssh"}, family) && !slices.Contains([]result.Code{
		result.TLSIntercepted, result.TLSUntrusted, result.TLSRootsOutdated, result.TLSSNIBlocked, result.TLSLargeHello, result.TLSHandshakeReset, result.TLSHandshakeTimeout,
		result.TLSPinMismatch, result.HTTPCaptivePortal, result.HTTPBlockPage, result.HTTPTimeout, result.FTPDataBlocked,
	}, c.Code)
}

// What the machines show together.

func saysGone(s *symptom) bool {
	return s.joint.single.Code == result.HostDown && neighbourSays("silent")(s)
}

func jointly(kind jointKind) cond { return func(s *symptom) bool { return s.joint.kind == kind } }

// heldUpOnWay leaves out what a packet from the destination, or about it, said.
func heldUpOnWay(s *symptom) bool {
	c := s.joint.single
	if !heldUp(c) {
		return false
	}
	said := s.ev.ICMP != nil || c.At != nil && c.At.Address != ""
	return !said || c.Code == result.TCPRejected || c.Code == result.UDPRejected || c.Code == result.TCPResetByMiddlebox
}

// closedThere tells whether whoever has the address refuses: of the shop's public
// one that is the router, as often as not.
func closedThere(s *symptom) bool { return s.joint.single.Code == result.TCPClosed }

// silentOnWay and refusedOnWay tell how it was held up.
func silentOnWay(s *symptom) bool {
	return s.ev.ICMP == nil && slices.Contains([]result.Code{result.TCPFiltered, result.HostDown, result.HostFirewall, result.PathNoRoute, result.PathAddressDead}, s.joint.single.Code) && s.failure != result.FailRefused
}

func refusedOnWay(s *symptom) bool {
	return s.ev.ICMP == nil && (s.failure == result.FailRefused || s.failure == result.FailReset)
}

// placedOnWay tells whether it is known behind which device it is, and that this
// is neither this machine nor the destination.
func placedOnWay(s *symptom) bool {
	at := s.joint.single.At
	return at != nil && at.Owner != result.Destination && at.Owner != result.ThisMachine && whereKnown(&diagnosed{symptom: s, cause: s.joint.single}).IsValid()
}

// oneGateway tells whether both machines leave their network by the same device.
func oneGateway(s *symptom) bool {
	return slices.ContainsFunc(s.joint.own.view.gateways, s.joint.other.view.isGateway)
}

// beyondOther tells whether the device is one that the other machine's packets
// pass, too, or lies outside the shop's network.
func beyondOther(s *symptom) bool {
	device := whereKnown(&diagnosed{symptom: s, cause: s.joint.single})
	if !device.IsValid() {
		return false
	}
	return s.joint.single.At.Owner == result.Provider || passesToo(s.joint.other, device)
}

// passesToo tells whether a machine's packets are known to pass a device.
func passesToo(o *party, device netip.Addr) bool {
	return o.view.isGateway(device) || slices.ContainsFunc(o.view.trails, func(t *trail) bool {
		return slices.ContainsFunc(t.hops, func(h result.Hop) bool { return h.State == result.Expired && sameAddr(h.From, device) })
	})
}

// sameAddressAsked tells whether the other machine reached the very address.
func sameAddressAsked(s *symptom) bool {
	return slices.ContainsFunc(s.joint.check.Results, func(r result.Result) bool { return sameAddr(r.Address, s.addr) })
}

// atOneTime tells whether the runs lie so close to each other that nothing will
// have changed in between.
func atOneTime(s *symptom) bool { return s.joint.apart() <= oneTime }

// oneTime is within which a technician walks from one machine to the next.
const oneTime = 15 * time.Minute

// listedOnly tells whether only those on a list are meant to come in.
func listedOnly(s *symptom) bool { return s.joint.way != nil && s.joint.way.listed }

func outermostAsked(s *symptom) bool { return s.joint.outermost }
func cameSoFar(s *symptom) bool      { return s.joint.outermost }
func reachedInside(s *symptom) bool  { return s.joint.inside != nil && atOneTime(s) }

// boundNow tells whether a program listens at the very address that was asked,
// boundElsewhere that all listen at others.
func boundNow(s *symptom) bool {
	return atOneTime(s) && slices.ContainsFunc(s.joint.sockets, bound(s))
}

func boundElsewhere(s *symptom) bool {
	return len(s.joint.sockets) > 0 && !slices.ContainsFunc(s.joint.sockets, bound(s))
}

// How sure, and where.

// together is how sure a conclusion is of runs that were made at one time and
// asked the same address, if no device said so by itself.
func together(sure result.Confidence) func(*symptom) result.Confidence {
	return func(s *symptom) result.Confidence {
		switch {
		case s.joint.single.Confidence == result.Certain:
			return result.Certain
		case !atOneTime(s), s.joint.kind == outerPasses && !sameAddressAsked(s):
			return least(sure, result.Likely)
		}
		return sure
	}
}

// asAlone is as sure as the machine's own run.
func asAlone(s *symptom) result.Confidence { return s.joint.single.Confidence }

// ownAlike are the look-alikes that the machine's own run leaves open.
func ownAlike(codes ...result.Code) []alike {
	var all []alike
	for _, c := range codes {
		all = append(all, alike{c, func(s *symptom) bool { return !slices.Contains(s.joint.single.NotExcluded, c) }})
	}
	return all
}

func ownPlace(s *symptom) *result.Place { return s.joint.single.At }

// betweenParties is between the two machines, or where the machine's own run
// says more.
func betweenParties(s *symptom) *result.Place {
	if at := s.joint.single.At; at != nil && whereKnown(&diagnosed{symptom: s, cause: s.joint.single}).IsValid() {
		return at
	}
	return &result.Place{Between: []string{s.local(), s.joint.other.address(s)}, Owner: result.Site}
}
