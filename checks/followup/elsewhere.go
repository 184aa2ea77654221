package followup

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// elsewhere goes to where the resolver to compare with says that a host is, if
// that is not where this machine's resolvers send to; or to where a resolver
// sends, if this machine's hosts file sends elsewhere. A service that is well
// there and not here was given a false address.
var elsewhere = Followup{
	Name:  "elsewhere",
	Doc:   "Where a host fails at the addresses that this machine's resolver gives: a connect to the one that --reference-dns gives, or that a resolver gives against the hosts file, and on port 443 a TLS handshake.",
	Wants: wantsElsewhere,
	Look:  lookElsewhere,
}

func wantsElsewhere(s *Seen, c *result.Check) []result.Subject {
	if c.Verdict != result.Fail && c.Verdict != result.Inconclusive && c.Verdict != result.Warn || c.Kind == "dns" || c.Kind == "listen" || calledFromOutside(c) {
		return nil
	}
	var subjects []result.Subject
	for i := range c.Results {
		r := &c.Results[i]
		if _, err := netip.ParseAddr(r.Host); err == nil || r.Host == "" || r.Proto == "udp" || !talk.IsName(r.Host) {
			continue
		}
		subject := Target(c, r)
		if subject.Port == 0 || len(s.Env.Reference) == 0 && len(machine.Hosts(r.Host)) == 0 {
			continue
		}
		subject.Host, subject.Address = r.Host, ""
		if !slices.Contains(subjects, subject) {
			subjects = append(subjects, subject)
		}
	}
	return subjects
}

// whole is how long all of it may take: an answer, a connect and a handshake,
// each of which takes less than a second where all is well.
const whole = 4 * time.Second

func lookElsewhere(ctx context.Context, t *engine.Trace, subject result.Subject) error {
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	all := servers(t.Env, netip.AddrPort{})
	here, there := make([][]netip.Addr, len(all)), make([][]netip.Addr, len(all))
	engine.Parallel(len(all), func(i int) {
		as := addressesOf(ctx, t, all[i], subject.Host)
		if all[i].reference {
			there[i] = as
		} else {
			here[i] = as
		}
	})
	ours, theirs := slices.Concat(here...), slices.Concat(there...)
	if own := machine.Hosts(subject.Host); len(own) > 0 {
		ours, theirs = own, slices.Concat(theirs, ours)
	}
	if len(theirs) == 0 || slices.ContainsFunc(theirs, func(a netip.Addr) bool { return slices.Contains(ours, a) }) {
		return nil
	}
	to := netip.AddrPortFrom(theirs[0], uint16(subject.Port))
	return t.Span(ctx, result.OpConnect, func(ctx context.Context, s *engine.Step) error {
		s.Set("server.address", subject.Host)
		s.Set("network.peer.address", to.Addr().String())
		s.Set("network.peer.port", int(to.Port()))
		conn, err := t.Network().Connect(ctx, to)
		if err != nil {
			return err
		}
		defer conn.Close()
		if subject.Port != 443 {
			return nil // another protocol may not like to be greeted so
		}
		_ = t.Span(ctx, result.OpHandshake, func(ctx context.Context, s *engine.Step) error {
			s.Set("tls.client.server_name", subject.Host)
			s.Set("network.peer.address", to.Addr().String())
			h, err := talk.Handshake(ctx, conn, talk.HelloOptions{ServerName: subject.Host})
			if err != nil {
				return err
			}
			v := talk.Verify(h.Chain, subject.Host, time.Now(), talk.VerifyOptions{Extra: t.Env.Roots, PublicRoots: t.Env.Public})
			s.Set("tls.trusted", v.System == nil && v.Name == nil && v.Dates == nil)
			return nil
		})
		return nil
	})
}

// addressesOf asks a server for the addresses of a name, IPv4 first.
func addressesOf(ctx context.Context, t *engine.Trace, from server, name string) []netip.Addr {
	for _, qtype := range []string{"A", "AAAA"} {
		number, _ := talk.QueryType(qtype)
		if a, err := talk.Query(ctx, t.Network(), from.addr, name, number, talk.QueryOptions{}); err == nil && a != nil {
			if as := slices.DeleteFunc(a.Addrs(), netip.Addr.IsUnspecified); len(as) > 0 {
				return as
			}
		}
	}
	return nil
}
