package vantage

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"netcheck/report/result"
)

// maxProbes bounds what is believed of a measurement: no more were asked.
const maxProbes = globalpingProbes

// parseMeasurement reads what is known of a measurement so far.
func parseMeasurement(body []byte, target netip.Addr) (p Port, done bool, err error) {
	var said struct {
		Status  string `json:"status"`
		Results []struct {
			Result probed `json:"result"`
		} `json:"results"`
	}
	if err := decode(body, &said); err != nil {
		return p, false, fmt.Errorf("what it says can't be read: %w", err)
	}
	switch {
	case said.Status == "in-progress":
		return p, false, nil
	case said.Status == "" || len(said.Results) > maxProbes:
		return p, false, errors.New("what it says is no measurement that was asked for")
	}
	var states []result.State
	for _, r := range said.Results {
		state, rtt := r.Result.state(target)
		if state == "" {
			continue
		}
		states = append(states, state)
		if state == result.Open && (p.RTT == 0 || rtt < p.RTT) {
			p.RTT = rtt
		}
	}
	p.State = together(states)
	p.Unreached = p.State == result.Unknown && len(states) > 1
	return p, true, nil
}

// probed is what one machine saw.
type probed struct {
	Status   string `json:"status"`
	Raw      string `json:"rawOutput"`
	Resolved string `json:"resolvedAddress"`
	Stats    *struct {
		Total    int     `json:"total"`
		Received int     `json:"rcv"`
		Min      float64 `json:"min"` // milliseconds
	} `json:"stats"`
}

// state is what became of a machine's connects; "" if it says nothing of them.
// A machine that was refused reports a failure with the words of its system,
// and none of its statistics: there is no other sign of it (tcp-ping.ts of
// jsdelivr/globalping-probe). What was silent is finished, with nothing received.
func (p *probed) state(target netip.Addr) (result.State, result.Duration) {
	if a, err := netip.ParseAddr(p.Resolved); p.Resolved != "" && (err != nil || a.Unmap() != target) {
		return "", 0
	}
	switch {
	case p.Status == "finished" && p.Stats != nil && p.Stats.Total > 0:
		if p.Stats.Received <= 0 {
			return result.Filtered, 0
		}
		if ms := p.Stats.Min; ms > 0 && ms < float64(maxRTT/time.Millisecond) {
			return result.Open, result.Duration(ms * float64(time.Millisecond))
		}
		return result.Open, 0
	case p.Status == "failed" && strings.Contains(p.Raw, "connect ECONNREFUSED "+target.String()+":"):
		return result.Closed, 0
	}
	return "", 0
}

// together is what several machines say: that one got through is enough; else
// two at least must say the same, and none otherwise.
func together(states []result.State) result.State {
	var all result.State
	for _, s := range states {
		switch {
		case s == result.Open:
			return s
		case all == "":
			all = s
		case all != s:
			all = result.Unknown
		}
	}
	if len(states) < 2 {
		return result.Unknown
	}
	return all
}
