package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// patience is how long the system's own way is given at least: resolvers of
// the C library turn to the second server after five seconds, and a product
// that waits so long still works.
const patience = 6 * time.Second

// said is what one resolver said to all questions of a check.
type said struct {
	server  netip.AddrPort
	answers []*talk.Answer // per type; nil where there was none
	errs    []error        // per type
	err     error          // of the step: nil if the answer holds a record
	lines   []string       // all records, aliases included, for a reader
	nulls   bool           // an address that is nobody's is what the check wants
}

// lookup is what the system's own way gave.
type lookup struct {
	asked bool
	addrs []netip.Addr
	err   error // of the step
}

// Probe asks every resolver and the system at once, and compares.
func (d *dnsCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	servers, bySystem, err := d.resolvers(ctx, t)
	if err != nil {
		return engine.Outcome{}, t.Step(ctx, result.OpInspect, func(context.Context, *engine.Step) error { return err })
	}
	replies := make([]said, len(servers))
	system := lookup{asked: bySystem}
	n := len(servers)
	if bySystem {
		n++
	}
	inTurn(n, func(i int, begun func()) {
		if i < len(servers) {
			replies[i] = d.ask(ctx, t, servers[i], begun)
		} else {
			system.addrs, system.err = d.lookUp(ctx, t, begun)
		}
	})
	if len(servers) == 0 && (!bySystem || system.err != nil) {
		return engine.Outcome{}, t.Step(ctx, result.OpInspect, func(context.Context, *engine.Step) error {
			return engine.Failed(result.FailNoResolver, errors.New("this machine has no resolver configured"))
		})
	}
	if ctx.Err() != nil {
		return engine.Outcome{Results: dnsResults(replies)}, ctx.Err()
	}
	v := &dnsView{check: d, trace: t, system: system, replies: replies}
	out, err := v.judge(ctx)
	out.Results = dnsResults(replies)
	return out, err
}

// ask puts all questions of the check to one resolver.
func (d *dnsCheck) ask(ctx context.Context, t *engine.Trace, server netip.AddrPort, begun func()) said {
	types := d.types()
	numbers := make([]uint16, len(types))
	for i, name := range types {
		numbers[i], _ = talk.QueryType(name)
	}
	s := said{server: server, nulls: d.wantsNull()}
	asker, err := askerOf(ctx, t)
	if err != nil {
		s.err = err
		return s
	}
	s.err = t.Step(ctx, result.OpQuery, func(ctx context.Context, step *engine.Step) error {
		begun()
		s.answers, s.errs = asker.Query(ctx, server, d.question(), numbers, engine.Parallel)
		s.lines = described(s.answers)
		d.note(step, &s, types)
		return s.verdict(d.Name)
	})
	return s
}

// wantsNull reports whether the check is to see that a name is blocked.
func (d *dnsCheck) wantsNull() bool { return slices.ContainsFunc(d.Equals, isNullText) }

func isNullText(v string) bool {
	if v == "" || v[0] != '0' && v[0] != ':' {
		return false // as nearly all
	}
	a, err := netip.ParseAddr(v)
	return err == nil && isNull(a)
}

// askerOf is the run's.
func askerOf(ctx context.Context, t *engine.Trace) (*talk.Asker, error) {
	v, _, err := t.Env.Memo.Do(ctx, "dns: asker", func(context.Context) (any, error) { return talk.NewAsker(t.Network()), nil })
	if err != nil {
		return nil, err
	}
	return v.(*talk.Asker), nil
}

// verdict is nil if one of the questions was answered by a record, else the
// error that says most.
func (s *said) verdict(name string) error {
	if len(s.values()) > 0 {
		return nil
	}
	var nulls []string
	for _, a := range s.answers {
		if a != nil {
			nulls = append(nulls, texts(slices.DeleteFunc(a.Addrs(), func(a netip.Addr) bool { return !isNull(a) }))...)
		}
	}
	if len(nulls) > 0 {
		return nullAddress(name, nulls)
	}
	return gravest(s.errs)
}

// note records what a resolver said as facts.
func (d *dnsCheck) note(step *engine.Step, s *said, types []string) {
	step.Set("server.address", s.server.Addr().String())
	step.Set("server.port", int(s.server.Port()))
	step.Set("dns.question.name", d.question())
	step.Set("dns.question.type", strings.Join(types, ","))
	transport, tries := "udp", 1
	var unanswered, extended []string
	for i, a := range s.answers {
		if a == nil {
			unanswered = append(unanswered, types[i])
			continue
		}
		if a.TCP {
			transport = "tcp"
		}
		tries = max(tries, a.Tries)
		step.Set("dns.response_code", a.RCodeName)
		if a.Truncated {
			step.Set("dns.truncated", true)
		}
		if a.Authentic {
			step.Set("dns.authentic_data", true)
		}
		for _, e := range a.Extended {
			extended = append(extended, strings.TrimSpace(fmt.Sprintf("%d %s %s", e.Code, e.Name, e.Text)))
		}
	}
	step.Set("network.transport", transport)
	if tries > 1 {
		step.Set("dns.tries", tries)
	}
	if len(s.lines) > 0 {
		step.Set("dns.answers", s.lines)
	}
	if len(unanswered) > 0 {
		step.Set("dns.unanswered", unanswered)
	}
	if len(extended) > 0 {
		step.Set("dns.extended_errors", extended)
	}
}

// values are the records of the types that were asked for, without addresses
// that are nobody's.
func (s *said) values() []string {
	var all []string
	for _, a := range s.answers {
		if a != nil {
			all = append(all, a.Values(a.Type)...)
		}
	}
	if s.nulls {
		return all
	}
	return slices.DeleteFunc(all, isNullText)
}

// described are all records, aliases included, for a reader.
func described(answers []*talk.Answer) []string {
	var all []string
	for _, a := range answers {
		if a == nil {
			continue
		}
		for _, r := range a.Records {
			if line := r.Type + " " + r.Value; !slices.Contains(all, line) {
				all = append(all, line)
			}
		}
	}
	slices.Sort(all)
	return all[:min(len(all), 32)]
}

// existing reports whether the resolver knows the name, and whether it said
// anything at all on that.
func (s *said) existing() (exists, known bool) {
	if s.err == nil {
		return true, true
	}
	switch engine.Classify(s.err) {
	case result.FailNXDomain:
		return false, true
	case result.FailNoData, result.FailNullAddress:
		return true, true
	}
	return false, false
}

// lookUp goes the system's own way.
func (d *dnsCheck) lookUp(ctx context.Context, t *engine.Trace, begun func()) (addrs []netip.Addr, err error) {
	ctx, cancel := context.WithTimeout(ctx, max(patience, t.Env.Timeout))
	defer cancel()
	err = t.Span(ctx, result.OpResolve, func(ctx context.Context, step *engine.Step) error {
		begun()
		step.Set("dns.question.name", d.Name)
		found, how, err := talk.SystemLookup(ctx, d.Name)
		step.Set("dns.lookup", how)
		if err != nil {
			return err
		}
		addrs = found
		step.Set("dns.answers", texts(found))
		return nil
	})
	return addrs, err
}

// gravest picks the error that says most of why there is no answer: a
// server's word before its silence.
func gravest(errs []error) error {
	order := []result.Failure{
		result.FailNullAddress, result.FailNXDomain, result.FailNoData, result.FailServFail, result.FailDNSRefused, result.FailRCode, result.FailDNSTCP, result.FailDNSFormat,
	}
	var best error
	at := len(order) + 1
	for _, err := range errs {
		if err == nil {
			continue
		}
		i := slices.Index(order, engine.Classify(err))
		if i < 0 {
			i = len(order)
		}
		if i < at {
			best, at = err, i
		}
	}
	return best
}

// dnsResults has a line for each resolver.
func dnsResults(replies []said) []result.Result {
	var rs []result.Result
	for _, s := range replies {
		r := result.Result{Address: s.server.Addr().String(), Proto: "udp", Ports: fmt.Sprint(s.server.Port()), State: result.Open}
		for _, a := range s.answers {
			if a != nil {
				r.RTT = max(r.RTT, result.Duration(a.RTT))
			}
		}
		if s.err != nil {
			r.Failure = engine.Classify(s.err)
			r.State = resolverState(r.Failure)
			r.Note = string(r.Failure)
		} else {
			r.Note = talk.Clean(strings.Join(s.lines, ", "), 200)
		}
		rs = append(rs, r)
	}
	return rs
}

// resolverState is what a question's failure says of the server's port.
func resolverState(f result.Failure) result.State {
	switch f {
	case result.FailNXDomain, result.FailNoData, result.FailNullAddress, result.FailServFail, result.FailDNSRefused, result.FailRCode, result.FailDNSTCP, result.FailDNSFormat:
		return result.Open
	case result.FailDNSTimeout:
		return result.Filtered
	case result.FailRefused:
		return result.Closed
	case result.FailProhibited, result.FailHostUnreachable, result.FailNetUnreachable, result.FailICMP:
		return result.Rejected
	}
	return result.Unknown
}
