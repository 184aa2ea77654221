package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// dnsView is all that was said to a check's question.
type dnsView struct {
	check   *dnsCheck
	trace   *engine.Trace
	system  lookup
	replies []said
	remarks []string // what is not as it should be, though the check need not fail
	code    result.Code
}

// judge decides. What the system's own way gives is what the product gets;
// without it, what the first resolver that answers says. The others are
// compared with that, and may make the verdict a warning.
func (v *dnsView) judge(ctx context.Context) (engine.Outcome, error) {
	if v.check.Expect == "nxdomain" {
		return v.judgeAbsence(ctx)
	}
	values, err := v.decisive(ctx)
	if err != nil {
		return engine.Outcome{}, err
	}
	want := v.check.expectation(publicAddrs)
	v.ownOutside(ctx, want, values)
	if unknown := want.unknown(values); unknown != "" {
		return engine.Outcome{Verdict: result.Inconclusive, Detail: unknown}, nil
	}
	if why := want.misses(values); why != "" {
		err := v.compare(ctx, result.FailExpectation, why, values)
		return engine.Outcome{Code: result.DNSMismatch}, err
	}
	v.remarkResolvers(want)
	if err := v.remarkSystem(ctx); err != nil {
		return engine.Outcome{}, err
	}
	v.remarkHere(values)
	return v.outcome(), nil
}

// outcome is a pass, or a warning if there is something to remark.
func (v *dnsView) outcome() engine.Outcome {
	if len(v.remarks) == 0 {
		return engine.Outcome{}
	}
	return engine.Outcome{Verdict: result.Warn, Code: v.code, Detail: strings.Join(v.remarks, "; ")}
}

func (v *dnsView) remark(code result.Code, format string, args ...any) {
	if v.code == "" {
		v.code = code
	}
	v.remarks = append(v.remarks, fmt.Sprintf(format, args...))
}

// compare records a finding that lies in no single answer.
func (v *dnsView) compare(ctx context.Context, f result.Failure, why string, values []string) error {
	return v.trace.Step(ctx, result.OpCompare, func(_ context.Context, step *engine.Step) error {
		step.Set("dns.answers", values)
		return engine.Failed(f, fmt.Errorf("%s: %s", v.check.Name, why))
	})
}

// decisive returns the values that the product would get, or why it gets none.
func (v *dnsView) decisive(ctx context.Context) ([]string, error) {
	first := slices.IndexFunc(v.replies, func(s said) bool { return s.err == nil })
	switch {
	case !v.system.asked:
		// An address that is nobody's is an answer: no program asks the next one.
		told := slices.IndexFunc(v.replies, func(s said) bool {
			return s.err == nil || engine.Classify(s.err) == result.FailNullAddress
		})
		if told < 0 {
			return nil, v.worst()
		}
		return v.replies[told].values(), v.replies[told].err
	case v.system.err == nil:
		values := v.check.ofFamily(v.system.addrs)
		if len(values) > 0 && !v.check.wantsNull() {
			if values = slices.DeleteFunc(values, isNullText); len(values) == 0 {
				return nil, v.compare(ctx, result.FailNullAddress, "the system gives an address that is nobody's", texts(v.system.addrs))
			}
		}
		if values = v.completed(values); len(values) > 0 {
			return values, nil
		}
		return nil, v.compare(ctx, result.FailNoData, "the system knows no address of this family", texts(v.system.addrs))
	case first >= 0 && engine.Classify(v.system.err) == result.FailDNSTimeout:
		// A resolver is dead or slow, another one has the answer: the product
		// waits longer than we do.
		v.remark(result.DNSSlow, "the system itself had no answer within %s", patience)
		return v.replies[first].values(), nil
	case first >= 0:
		return nil, v.system.err
	}
	return nil, v.worst()
}

// completed adds what the first resolver says of a family that the system left
// out whole: a machine without IPv6 is not told of addresses that it can't use.
func (v *dnsView) completed(values []string) []string {
	first := slices.IndexFunc(v.replies, func(s said) bool { return s.err == nil })
	if first < 0 {
		return values
	}
	isV6 := func(s string) bool { return strings.Contains(s, ":") }
	got4 := slices.ContainsFunc(values, func(s string) bool { return !isV6(s) })
	got6 := slices.ContainsFunc(values, isV6)
	for _, s := range v.replies[first].values() {
		if isV6(s) && !got6 || !isV6(s) && !got4 {
			values = append(values, s)
		}
	}
	return values
}

// worst is the error that says most, among the resolvers' and the system's.
func (v *dnsView) worst() error {
	var errs []error
	for _, s := range v.replies {
		errs = append(errs, s.err)
	}
	return gravest(append(errs, v.system.err))
}

// ofFamily keeps the addresses that the check's type asks for.
func (d *dnsCheck) ofFamily(addrs []netip.Addr) []string {
	types := d.types()
	var values []string
	for _, a := range addrs {
		if a.Is4() && slices.Contains(types, "A") || a.Is6() && slices.Contains(types, "AAAA") {
			values = append(values, a.String())
		}
	}
	return values
}

// judgeAbsence decides for a name that is not to exist.
func (v *dnsView) judgeAbsence(ctx context.Context) (engine.Outcome, error) {
	if v.system.asked && v.system.err == nil {
		err := v.compare(ctx, result.FailExpectation, "the name has an address here, and is not to exist", texts(v.system.addrs))
		return engine.Outcome{Code: result.DNSMismatch}, err
	}
	absent := slices.IndexFunc(v.replies, func(s said) bool { exists, known := s.existing(); return known && !exists })
	present := slices.IndexFunc(v.replies, func(s said) bool { exists, _ := s.existing(); return exists })
	// Without the system's word the first resolver that knows decides.
	if present >= 0 && (absent < 0 || !v.system.asked && present < absent) {
		err := v.compare(ctx, result.FailExpectation, "the name exists, and is not to", v.replies[present].lines)
		return engine.Outcome{Code: result.DNSMismatch}, err
	}
	if absent < 0 {
		return engine.Outcome{}, v.worst()
	}
	for _, s := range v.replies {
		switch exists, known := s.existing(); {
		case !known:
			v.remark(result.DNSResolverUnreachable, "%s", s.missing())
		case exists:
			v.remark(result.DNSMismatch, "%s says that the name exists", s.server)
		}
	}
	return v.outcome(), nil
}

// remarkResolvers holds the resolvers one by one to what was decisive.
func (v *dnsView) remarkResolvers(want *expected) {
	for _, s := range v.replies {
		f := engine.Classify(s.err)
		switch {
		case s.err != nil && resolverState(f) != result.Open:
			v.remark(result.DNSResolverUnreachable, "%s", s.missing())
		case s.err != nil && v.fromElsewhere():
			// A name of this machine alone; no resolver need know it.
		case f == result.FailNullAddress:
			v.remark(result.DNSFiltered, "%s", s.missing())
		case s.err != nil:
			v.remark(result.DNSMismatch, "%s", s.missing())
		case want.misses(s.values()) != "":
			v.remark(result.DNSMismatch, "%s: %s", s.server, want.misses(s.values()))
		default:
			v.remarkTransport(s)
		}
	}
}

// missing says why a resolver gave no answer.
func (s *said) missing() string {
	why := s.err
	if e, ok := errors.AsType[*talk.DNSError](why); ok {
		why = e.Err
	}
	return talk.Clean(fmt.Sprintf("%s gave no answer: %v", s.server, why), 300)
}

// remarkTransport tells of a resolver that answers, but not as it should.
func (v *dnsView) remarkTransport(s said) {
	for i, a := range s.answers {
		switch {
		case a == nil:
			v.remark(result.DNSSlow, "%s does not answer %s questions", s.server, v.check.types()[i])
		case a.Truncated && !a.TCP:
			v.remark(result.DNSTCPBlocked, "%s sends a long answer by TCP only, and does not answer there", s.server)
		}
	}
}

// fromElsewhere reports whether the system has an answer and no resolver does:
// it comes from the hosts file, a suffix or another service of this machine.
func (v *dnsView) fromElsewhere() bool {
	return v.system.asked && v.system.err == nil && !slices.ContainsFunc(v.replies, func(s said) bool { return s.err == nil })
}

// remarkSystem looks into why the system's answer is none of the resolvers'.
func (v *dnsView) remarkSystem(ctx context.Context) error {
	values := v.check.ofFamily(v.system.addrs)
	if len(values) == 0 {
		return nil
	}
	var theirs []string
	for _, s := range v.replies {
		theirs = append(theirs, s.values()...)
	}
	if slices.ContainsFunc(values, func(a string) bool { return slices.Contains(theirs, a) }) {
		return nil // the sets of large services turn; one common address is agreement
	}
	var own []netip.Addr
	var suffix string
	err := v.trace.Span(ctx, result.OpCompare, func(ctx context.Context, step *engine.Step) error {
		step.Set("dns.system.answers", values)
		step.Set("dns.resolver.answers", theirs)
		if own = machine.Hosts(v.check.Name); len(own) > 0 {
			step.Set("dns.hosts_file", texts(own))
			return nil
		}
		if suffix = v.capturedBy(ctx, values); suffix != "" {
			step.Set("dns.search_suffix", suffix)
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case len(own) > 0 && len(theirs) > 0:
		v.remark(result.DNSHostsOverride, "this machine's hosts file says %s, the resolvers say %s", strings.Join(texts(own), ", "), strings.Join(theirs, ", "))
	case suffix != "" && strings.Contains(strings.TrimSuffix(v.check.Name, "."), "."):
		v.remark(result.DNSSearchSuffix, "what answers is %s.%s: this machine appended its search suffix", v.check.Name, suffix)
	}
	return nil
}

// remarkHere tells of a name that leads to this machine, unless the check says
// where it is to lead.
func (v *dnsView) remarkHere(values []string) {
	if !v.check.asksAddress() || v.check.Resolver != "" || len(v.check.Equals)+len(v.check.Within) > 0 || v.code == result.DNSHostsOverride {
		return
	}
	var as []netip.Addr
	for _, s := range values {
		if a, err := netip.ParseAddr(s); err == nil {
			as = append(as, a)
		}
	}
	if h := leadsHere(v.trace, value.Host(v.check.Name), as); h != nil {
		v.remark(h.code, "%s", h.text)
	}
}

// capturedBy names the search suffix under which the system's answer was
// found, if without suffixes it is another one or none.
func (v *dnsView) capturedBy(ctx context.Context, values []string) string {
	suffixes := machine.Search()
	if len(suffixes) == 0 || strings.HasSuffix(v.check.Name, ".") {
		return ""
	}
	full := *v.check
	full.Name += "."
	if addrs, err := full.lookUp(ctx, v.trace, func() {}); err == nil && slices.Equal(full.ofFamily(addrs), values) {
		return ""
	}
	for _, suffix := range suffixes {
		candidate := *v.check
		candidate.Name = strings.TrimSuffix(v.check.Name, ".") + "." + suffix
		for _, s := range v.replies {
			got := candidate.ask(ctx, v.trace, s.server, func() {})
			if slices.ContainsFunc(got.values(), func(a string) bool { return slices.Contains(values, a) }) {
				return suffix
			}
		}
	}
	return ""
}
