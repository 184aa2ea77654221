package vantage

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"time"

	"netcheck/checks/standin"
	"netcheck/report/result"
)

const (
	// maxHops is the longest path that is believed: sweeps end at 30.
	maxHops = 40
	// maxRTT is the longest round trip that is believed: no call takes as long.
	maxRTT = time.Minute
)

// parseReply reads what a helper says to a request, and believes nothing that
// could not be so. Fields that are not known are those of a newer one.
func parseReply(body []byte, r Request) (Reply, error) {
	var reply Reply
	if err := decode(body, &reply); err != nil {
		return Reply{}, fmt.Errorf("what it says can't be read: %w", err)
	}
	c := &reply.Caller
	if c.Address = c.Address.Unmap(); !c.Address.IsValid() || c.Address.Zone() != "" {
		return Reply{}, errors.New("it does not say whom it sees asking")
	}
	if c.TTL < 0 || c.TTL > 255 || c.MSS < 0 || c.MSS > 65535 {
		return Reply{}, errors.New("what it saw of the caller can't be")
	}
	if len(reply.Ports) > len(r.Ports) {
		return Reply{}, errors.New("it tells of ports that it was not asked about")
	}
	seen := map[uint16]bool{}
	for i := range reply.Ports {
		p := &reply.Ports[i]
		if seen[p.Port] || !slices.Contains(r.Ports, p.Port) {
			return Reply{}, errors.New("it tells of a port that it was not asked about")
		}
		seen[p.Port] = true
		if err := p.check(); err != nil {
			return Reply{}, fmt.Errorf("port %d: %w", p.Port, err)
		}
	}
	return reply, nil
}

func (p *Port) check() error {
	if from := p.From; from.IsValid() {
		p.From = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if from.Addr().Zone() != "" {
			return errBelief
		}
	}
	if _, ok := standin.Asked(standin.Ask(p.Challenge)); p.Challenge != "" && !ok {
		return errors.New("its challenge is none")
	}
	if _, ok := standin.Proof(standin.Answer + " " + p.Answer + "\n"); p.Answer != "" && !ok {
		return errors.New("it hands on an answer that no stand-in gives")
	}
	if p.RTT < 0 || time.Duration(p.RTT) > maxRTT || p.Challenge == "" && p.Answer != "" {
		return errBelief
	}
	switch p.Ended {
	case "", EndedReset, EndedClosed:
	default:
		return errBelief
	}
	if p.Kept < 0 || time.Duration(p.Kept) > maxRTT || p.Ended != "" && p.State != result.Open {
		return errBelief
	}
	if p.Control != nil {
		if err := errors.Join(stateOfCall(p.Control.State), answered(p.Control.ICMP, p.Control.AnswerTTL), path(p.Control.Hops)); err != nil {
			return err
		}
	}
	return errors.Join(stateOfCall(p.State), answered(p.ICMP, p.AnswerTTL), path(p.Hops))
}

var errBelief = errors.New("what it says can't be")

func stateOfCall(s result.State) error {
	switch s {
	case result.Open, result.Closed, result.Rejected, result.Filtered, result.Unknown:
		return nil
	}
	return errors.New("the state is none that a call ends in")
}

// icmpName is how netcheck calls ICMP errors.
var icmpName = regexp.MustCompile(`^[a-z0-9 -]{0,40}$`)

func answered(i *result.ICMP, ttl int) error {
	if ttl < 0 || ttl > 255 {
		return errBelief
	}
	if i == nil {
		return nil
	}
	inByte := func(n int) bool { return n >= 0 && n <= 255 }
	if !isAddress(i.From) || !icmpName.MatchString(i.Name) || !inByte(i.Type) || !inByte(i.Code) || !inByte(i.TTL) || i.MTU < 0 || i.MTU > 65535 {
		return errBelief
	}
	return nil
}

func path(hops []result.Hop) error {
	if len(hops) > maxHops {
		return fmt.Errorf("a path of %d hops is not believed", len(hops))
	}
	for _, h := range hops {
		if h.TTL < 1 || h.TTL > 255 || h.From != "" && !isAddress(h.From) || h.RTT < 0 || time.Duration(h.RTT) > maxRTT {
			return errBelief
		}
		if err := answered(h.ICMP, 0); err != nil {
			return err
		}
		if h.State != result.Expired && stateOfCall(h.State) != nil {
			return errBelief
		}
	}
	slices.SortStableFunc(hops, func(a, b result.Hop) int { return cmp.Compare(a.TTL, b.TTL) })
	return nil
}

func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}
