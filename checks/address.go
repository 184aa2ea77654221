package checks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

var addressKind = engine.Kind{
	Name: "address",
	Doc:  "the addresses of this machine, and of its line as far as they show",
	Example: `- id: fixed-address
  title: The till has its fixed address
  address: {has: 192.0.2.0/24, static: true}`,
	New: func() engine.Prober { return new(addressCheck) },
}

type addressCheck struct {
	Has    value.OneOrMany[string]       `yaml:"has" doc:"this machine has one of these: an address, a network such as 192.168.1.0/24, or a name that leads here"`
	Static bool                          `yaml:"static" default:"false" doc:"the address was set by hand, not leased"`
	MAC    string                        `yaml:"mac" doc:"the interface has this hardware address"`
	Public bool                          `yaml:"public" default:"false" doc:"it has an IPv4 address that the internet can send to: neither private nor behind a provider's address translation"`
	NotIn  value.OneOrMany[value.Prefix] `yaml:"not_in" doc:"no address of this machine lies in these networks"`
}

func (a *addressCheck) String() string {
	if len(a.Has) > 0 {
		return result.Here + ", " + strings.Join(a.Has, ", ")
	}
	if a.MAC != "" {
		return result.Here + ", " + a.MAC
	}
	return result.Here
}

// AsksOutside says whether a helper outside would be asked, where there is one.
func (a *addressCheck) AsksOutside() bool { return a.Public }

func (a *addressCheck) Validate() error {
	var errs []error
	for _, h := range a.Has {
		if _, err := value.ParsePrefix(h); err == nil {
			continue
		}
		if _, err := value.ParseHost(h); err != nil {
			errs = append(errs, &engine.FieldError{Field: "has", Message: err.Error()})
		}
	}
	if a.MAC != "" {
		if _, err := net.ParseMAC(a.MAC); err != nil {
			errs = append(errs, &engine.FieldError{Field: "mac", Message: fmt.Sprintf("%q is not a hardware address", a.MAC), Hint: "such as 00:11:22:33:44:55"})
		}
	}
	if len(a.Has) == 0 && a.MAC == "" && !a.Static && !a.Public && len(a.NotIn) == 0 {
		errs = append(errs, &engine.FieldError{Field: "has", Message: "nothing is asked of the address", Hint: "add has, static, mac, public or not_in"})
	}
	return errors.Join(errs...)
}

// addressJudged is what one of the questions came to.
type addressJudged struct {
	verdict result.Verdict // "" met
	code    result.Code
	detail  string
}

func (a *addressCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	wanted, err := a.wanted(ctx, t)
	if err != nil {
		return engine.Outcome{}, err
	}
	var worst addressJudged
	var shown []result.Result
	err = t.Span(ctx, result.OpInspect, func(ctx context.Context, s *engine.Step) error {
		all, err := machine.Addresses()
		if err != nil {
			return engine.Failed(result.FailPermission, err)
		}
		all = slices.DeleteFunc(all, func(m machine.Address) bool { return m.Prefix.Addr().IsLoopback() })
		facts := []string{}
		for _, m := range all {
			facts = append(facts, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Interface, m.Prefix, m.MAC)))
		}
		s.Set("addresses", facts)
		var chosen []machine.Address
		via, err := machine.Gateways()
		if err != nil {
			return engine.Failed(result.FailPermission, err)
		}
		worst, chosen = a.judge(all, wanted, via, machine.OriginOf)
		if worst.detail == onlyTheLine && t.Env.Vantage != "" {
			if worst = a.judgeLine(ctx, t, worst); worst.verdict == "" {
				rest := *a
				rest.Public = false
				worst, chosen = rest.judge(all, wanted, via, machine.OriginOf)
			}
		}
		for _, m := range chosen {
			shown = append(shown, result.Result{Address: m.Prefix.Addr().String(), Note: m.Interface})
		}
		if worst.verdict == result.Fail {
			return engine.Failed(result.FailExpectation, errors.New(worst.detail))
		}
		return nil
	})
	out := engine.Outcome{Verdict: worst.verdict, Code: worst.code, Detail: worst.detail, Results: shown}
	if err != nil && worst.verdict == "" { // the system does not show its addresses
		out = engine.Outcome{Verdict: result.Inconclusive, Detail: err.Error()}
	}
	return out, err
}

// wanted are the networks of has, a name replaced by its addresses.
func (a *addressCheck) wanted(ctx context.Context, t *engine.Trace) ([]netip.Prefix, error) {
	var ps []netip.Prefix
	for _, h := range a.Has {
		if p, err := value.ParsePrefix(h); err == nil {
			ps = append(ps, p.Prefix)
			continue
		}
		as, err := resolve(ctx, t, value.Host(h))
		if err != nil {
			return nil, err
		}
		for _, ip := range as {
			ps = append(ps, netip.PrefixFrom(ip, ip.BitLen()))
		}
	}
	return ps, nil
}

// judge answers every question about the addresses, and returns the gravest
// answer and the addresses that it is about: those that has and mac choose.
func (a *addressCheck) judge(all []machine.Address, wanted []netip.Prefix, gateways []netip.Addr, originOf func(machine.Address) (machine.Origin, string)) (addressJudged, []machine.Address) {
	chosen := slices.Clone(all)
	if len(a.Has) > 0 && !slices.ContainsFunc(wanted, func(p netip.Prefix) bool { return !p.Addr().IsLoopback() }) {
		return addressJudged{result.Inconclusive, "", strings.Join(a.Has, " or ") + " leads only to this machine's loopback address here; what others see is not to be told"}, nil
	}
	if len(a.Has) > 0 {
		chosen = slices.DeleteFunc(chosen, func(m machine.Address) bool { return !within(m.Prefix.Addr(), wanted) })
		if len(chosen) == 0 {
			return addressJudged{result.Fail, result.AddressMissing, "no address of this machine is " + strings.Join(a.Has, " or ")}, nil
		}
	}
	if a.MAC != "" {
		mac, _ := net.ParseMAC(a.MAC)
		had := chosen
		chosen = slices.DeleteFunc(slices.Clone(chosen), func(m machine.Address) bool { return m.MAC != mac.String() })
		if len(chosen) == 0 {
			return addressJudged{result.Fail, result.AddressMAC, fmt.Sprintf("no interface has %s: %s", mac, macs(had))}, had
		}
	}
	answers := []addressJudged{a.judgeNotIn(chosen), a.judgePublic(chosen, gateways), a.judgeStatic(chosen, originOf)}
	for _, v := range []result.Verdict{result.Fail, result.Inconclusive} {
		for _, j := range answers {
			if j.verdict == v {
				return j, chosen
			}
		}
	}
	return addressJudged{}, chosen
}

func macs(as []machine.Address) string {
	var seen []string
	for _, m := range as {
		if m.MAC != "" && !slices.Contains(seen, m.Interface+" has "+m.MAC) {
			seen = append(seen, m.Interface+" has "+m.MAC)
		}
	}
	if len(seen) == 0 {
		return "none has any"
	}
	return strings.Join(seen, ", ")
}

func within(a netip.Addr, ps []netip.Prefix) bool {
	a = a.WithZone("")
	return slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (a *addressCheck) judgeNotIn(as []machine.Address) addressJudged {
	for _, m := range as {
		for _, p := range a.NotIn {
			if within(m.Prefix.Addr(), []netip.Prefix{p.Prefix}) {
				return addressJudged{result.Fail, result.AddressUnwanted, fmt.Sprintf("%s has %s, which lies in %s", m.Interface, m.Prefix.Addr(), p)}
			}
		}
	}
	return addressJudged{}
}

// providerNAT is RFC 6598: addresses that a provider gives to lines that share
// a public one.
var providerNAT = netip.MustParsePrefix("100.64.0.0/10")

// judgePublic can be sure only of what an interface shows: behind a router the
// line's own address is not to be seen from here. An IPv6 address does not
// count, as nearly every line has one and hardly a product uses it; nor does a
// provider's shared address unless the way out is through it, since VPNs use
// the same networks.
func (a *addressCheck) judgePublic(as []machine.Address, gateways []netip.Addr) addressJudged {
	if !a.Public {
		return addressJudged{}
	}
	for _, m := range as {
		if ip := m.Prefix.Addr(); ip.Is4() && isPublic(ip) {
			return addressJudged{}
		}
	}
	for _, m := range as {
		if ip := m.Prefix.Addr(); providerNAT.Contains(ip) && slices.ContainsFunc(gateways, m.Prefix.Contains) {
			return addressJudged{result.Fail, result.AddressNotPublic, fmt.Sprintf("%s is an address that the provider shares out behind its own translation", ip)}
		}
	}
	return addressJudged{result.Inconclusive, "", onlyTheLine}
}

// onlyTheLine is said where this machine alone can't tell.
const onlyTheLine = "this machine has no public IPv4 address of its own; the line's is not to be seen from here"

// judgeStatic looks at the IPv4 addresses if there are any: the IPv6 ones of a
// machine with a fixed IPv4 address are made by itself as a rule.
func (a *addressCheck) judgeStatic(as []machine.Address, originOf func(machine.Address) (machine.Origin, string)) addressJudged {
	if !a.Static {
		return addressJudged{}
	}
	is4 := func(m machine.Address) bool { return m.Prefix.Addr().Is4() }
	if slices.ContainsFunc(as, is4) {
		as = slices.DeleteFunc(slices.Clone(as), func(m machine.Address) bool { return !is4(m) })
	}
	if len(as) == 0 {
		return addressJudged{result.Fail, result.AddressMissing, "this machine has no address"}
	}
	doubt := addressJudged{}
	for _, m := range as {
		switch origin, why := originOf(m); origin {
		case machine.OriginStatic:
		case machine.OriginUnknown:
			doubt = addressJudged{result.Inconclusive, "", fmt.Sprintf("whether %s is fixed can't be told: %s", m.Prefix.Addr(), why)}
		default:
			return addressJudged{result.Fail, result.AddressNotStatic, fmt.Sprintf("%s was not set by hand: %s", m.Prefix.Addr(), why)}
		}
	}
	return doubt
}
