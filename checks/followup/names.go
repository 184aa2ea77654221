package followup

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// names asks for a name once more: each resolver that this machine uses, and
// the one to compare with, by UDP and by TCP. Their answers beside each other
// tell a filter from a name that does not exist.
var names = Followup{
	Name:  "names",
	Doc:   "Where a name failed, or its host did: the same question to each configured resolver and to --reference-dns, by UDP and TCP, and without DNSSEC where that may be why.",
	Wants: func(_ *Seen, c *result.Check) []result.Subject { return doubtfulNames(c) },
	Look:  askAround,
}

const (
	// slowly is a lookup that something is wrong with though it succeeded: a
	// resolver has the answer in its memory, or finds it in a few round trips.
	slowly = 1500 * time.Millisecond
	// patient is how long an answer is waited for: longer than the probe did,
	// which may have left just before a slow resolver answered. What follows
	// upon the answer needs the rest of the follow-ups' time.
	patient = 3500 * time.Millisecond
)

// doubtfulNames are the names that a check turned into addresses, or tried to, where
// it did not pass, or did so against its resolver.
func doubtfulNames(c *result.Check) []result.Subject {
	troubled := c.Verdict == result.Fail || c.Verdict == result.Warn || c.Verdict == result.Inconclusive
	if !troubled && c.Verdict != result.Pass {
		return nil
	}
	var subjects []result.Subject
	for i := range c.Steps {
		s := &c.Steps[i]
		if s.Op != result.OpResolve && s.Op != result.OpQuery {
			continue
		}
		if !troubled && s.Failure == "" && time.Duration(s.Duration) < slowly {
			continue
		}
		name, _ := s.Facts["dns.question.name"].(string)
		if name == "" || !talk.IsName(name) {
			continue
		}
		subject := result.Subject{Host: name}
		if own, ok := named(c); ok {
			subject.Address, subject.Port, subject.Proto = own.Addr().String(), int(own.Port()), "udp"
		}
		if !slices.Contains(subjects, subject) {
			subjects = append(subjects, subject)
		}
		if c.Kind == "dns" {
			break // what it asked further are guesses of its own
		}
	}
	return subjects
}

// named is the resolver that a check names for itself.
func named(c *result.Check) (netip.AddrPort, bool) {
	text, _ := c.Spec.Fields["resolver"].(string)
	if text == "" {
		return netip.AddrPort{}, false
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap, true
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return netip.AddrPortFrom(a, 53), err == nil
}

// server is a resolver to ask.
type server struct {
	addr      netip.AddrPort
	reference bool // it is asked to compare with
}

// servers are the resolvers that this machine uses, or the one that a check
// names, and those to compare with.
func servers(env *engine.Env, own netip.AddrPort) []server {
	var all []server
	add := func(a netip.AddrPort, reference bool) {
		a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
		if !slices.ContainsFunc(all, func(s server) bool { return s.addr == a }) {
			all = append(all, server{a, reference})
		}
	}
	switch {
	case own.IsValid():
		add(own, false)
	case len(env.Resolvers) > 0:
		for _, a := range env.Resolvers {
			add(a, false)
		}
	default:
		configured, err := machine.Resolvers()
		if err != nil {
			break // the reference can still be asked
		}
		for _, r := range configured {
			add(r.Addr, false)
		}
	}
	for _, a := range env.Reference {
		add(a, true)
	}
	return all
}

// resolverOf is the resolver that a subject names.
func resolverOf(s result.Subject) netip.AddrPort {
	a, err := netip.ParseAddr(s.Address)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, uint16(s.Port))
}

func askAround(ctx context.Context, t *engine.Trace, subject result.Subject) error {
	_ = t.Span(ctx, result.OpInspect, func(_ context.Context, s *engine.Step) error {
		s.Set("dns.question.name", subject.Host)
		if own := machine.Hosts(subject.Host); len(own) > 0 {
			s.Set("dns.hosts_file", texts(own))
		}
		return nil
	})
	all := servers(t.Env, resolverOf(subject))
	denied := make([]bool, len(all))
	engine.Parallel(len(all), func(i int) { denied[i] = askAgain(ctx, t, all[i], subject.Host) })
	if !slices.Contains(denied, false) {
		askSuffixed(ctx, t, all, subject.Host)
	}
	return nil
}

// askAgain asks one server in all the ways that tell something. It tells
// whether the server denied that the name exists.
func askAgain(ctx context.Context, t *engine.Trace, to server, name string) bool {
	ways := []question{{to: to, name: name, qtype: "A"}, {to: to, name: name, qtype: "AAAA"}, {to: to, name: name, qtype: "A", tcp: true}}
	said := make([]result.Failure, len(ways))
	engine.Parallel(len(ways), func(i int) {
		q := ways[i]
		if said[i] = q.ask(ctx, t); said[i] == result.FailServFail && !q.tcp {
			q.unchecked = true
			q.ask(ctx, t)
		}
	})
	return said[0] == result.FailNXDomain
}

// mostSuffixes is how many suffixes are tried behind a name: more than these
// few machines have.
const mostSuffixes = 3

// askSuffixed asks this machine's resolvers for what the system makes of a
// name that does not exist: it appends its search suffixes.
func askSuffixed(ctx context.Context, t *engine.Trace, all []server, name string) {
	suffixes := machine.Search()
	if strings.HasSuffix(name, ".") {
		return
	}
	var questions []question
	for _, suffix := range suffixes[:min(len(suffixes), mostSuffixes)] {
		for _, to := range all {
			if !to.reference {
				questions = append(questions, question{to: to, name: name + "." + suffix, qtype: "A", suffix: suffix}, question{to: to, name: name + "." + suffix, qtype: "AAAA", suffix: suffix})
			}
		}
	}
	engine.Parallel(len(questions), func(i int) { questions[i].ask(ctx, t) })
}

// question is one that is put to one server.
type question struct {
	to        server
	name      string
	qtype     string
	tcp       bool
	unchecked bool   // without DNSSEC
	nobodys   bool   // the name is random
	suffix    string // this machine's own, behind the name
}

// ask asks, and says how it failed.
func (q question) ask(ctx context.Context, t *engine.Trace) result.Failure {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	return engine.Classify(t.Span(ctx, result.OpQuery, func(ctx context.Context, s *engine.Step) error {
		s.Set("dns.question.name", q.name)
		s.Set("dns.question.type", q.qtype)
		s.Set("server.address", q.to.addr.Addr().String())
		s.Set("server.port", int(q.to.addr.Port()))
		transport := "udp"
		if q.tcp {
			transport = "tcp"
		}
		s.Set("network.transport", transport)
		for key, set := range map[string]bool{"dns.reference": q.to.reference, "dns.checking_disabled": q.unchecked, "dns.random_name": q.nobodys} {
			if set {
				s.Set(key, true)
			}
		}
		if q.suffix != "" {
			s.Set("dns.search_suffix", q.suffix)
		}
		number, _ := talk.QueryType(q.qtype)
		a, err := talk.Query(ctx, t.Network(), q.to.addr, q.name, number, talk.QueryOptions{TCP: q.tcp, CheckingDisabled: q.unchecked})
		if a == nil {
			return err
		}
		s.Set("dns.response_code", a.RCodeName)
		addrs := a.Addrs()
		if len(addrs) > 0 {
			s.Set("dns.answers", texts(addrs[:min(len(addrs), 16)]))
		}
		if a.Truncated {
			s.Set("dns.truncated", true)
		}
		var extended []string
		for _, e := range a.Extended {
			extended = append(extended, strings.TrimSpace(fmt.Sprintf("%d %s %s", e.Code, e.Name, e.Text)))
		}
		if len(extended) > 0 {
			s.Set("dns.extended_errors", extended)
		}
		if err == nil && !slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !a.Unmap().IsUnspecified() }) {
			return engine.Failed(result.FailNullAddress, fmt.Errorf("%s: the address %s is nobody's", q.name, strings.Join(texts(addrs), ", ")))
		}
		return err
	}))
}

func texts(as []netip.Addr) []string {
	out := make([]string, len(as))
	for i, a := range as {
		out[i] = a.String()
	}
	return out
}
