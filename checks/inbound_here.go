package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/standin"
	"netcheck/report/result"
)

// scope is for whom something listens on a port of this machine.
type scope string

const (
	scopeNone     scope = "none"
	scopeLoopback scope = "loopback"
	scopeOther    scope = "other-address" // on another address than the one to which calls are forwarded
	scopeThis     scope = "this-address"
	scopeAny      scope = "any"
	scopeUnknown  scope = "unknown" // the system does not show it, or it is another machine's
)

// scopes are in the order in which they serve a call.
var scopes = []scope{scopeNone, scopeLoopback, scopeOther, scopeThis, scopeAny}

// local is what is known of the end here before anybody calls.
type local struct {
	elsewhere   bool         // the calls are meant for another machine
	address     netip.Addr   // to which they are forwarded; none: not known
	own         []netip.Addr // this machine's addresses
	gateway     netip.Addr   // towards the internet; none: not known
	scope       scope        // of what listens
	process     string       // its program, where the system shows it
	owned       bool         // that program is netcheck: a stand-in by itself
	otherFamily bool         // something listens, by the other family
	posts       *standins    // those of the run
	post        *post        // where netcheck stands in; nil: it does not
	step        *engine.Step // of that
	refused     error        // why it could not
	nothing     error        // nothing listens that calls could reach: of the inspect step
}

// serves tells whether calls to this machine could reach what listens.
func (l *local) serves() bool { return l.scope == scopeThis || l.scope == scopeAny }

// hostPort is the end here, for a reader.
func (c *inboundCheck) hostPort(l *local) string {
	host := string(c.LocalHost)
	if host == "" && l.address.IsValid() {
		host = l.address.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(int(c.localPort())))
}

// inspect looks at this machine: what listens, and on which addresses. Where
// nothing does and stands in is set, netcheck takes the port.
func (c *inboundCheck) inspect(ctx context.Context, t *engine.Trace, stands bool) *local {
	l := &local{posts: standinsOf(ctx, t), scope: scopeUnknown}
	all, err := machine.Addresses()
	if err == nil {
		for _, a := range all {
			l.own = append(l.own, a.Prefix.Addr())
		}
	}
	l.gateway = gatewayOf(t.Env.Gateways, c.ipv6())
	c.locate(ctx, t, l, all)
	l.nothing = t.Span(ctx, result.OpInspect, func(ctx context.Context, s *engine.Step) error {
		s.Set("listen.port", int(c.localPort()))
		s.Set("addresses", texts(slices.DeleteFunc(slices.Clone(l.own), netip.Addr.IsLoopback)))
		if l.gateway.IsValid() {
			s.Set("gateway", l.gateway.String())
		}
		if !l.elsewhere {
			c.listeners(ctx, s, l, stands)
		}
		s.Set("listen.scope", string(l.scope))
		if l.elsewhere || !c.service() && l.scope == scopeNone {
			return nil
		}
		switch l.scope {
		case scopeNone:
			by := ""
			if l.otherFamily {
				by = " by IPv" + cmp.Or(c.Family, "4")
			}
			return engine.Failed(result.FailExpectation, fmt.Errorf("nothing listens on %s %d%s", c.proto(), c.localPort(), by))
		case scopeLoopback:
			return engine.Failed(result.FailExpectation, fmt.Errorf("%s %d listens for this machine alone", c.proto(), c.localPort()))
		}
		return nil
	})
	if l.post != nil || l.refused != nil {
		c.noteStandin(ctx, t, l)
	}
	return l
}

// locate finds out whether the calls are meant for this machine, and for which
// of its addresses.
func (c *inboundCheck) locate(ctx context.Context, t *engine.Trace, l *local, all []machine.Address) {
	if c.LocalHost == "" {
		l.address = towards(all, l.gateway, c.ipv6())
		return
	}
	as, _ := resolve(ctx, t, c.LocalHost) // a name that is not found is not this machine's
	as = ofFamily(as, c.ipv6())
	i := slices.IndexFunc(as, func(a netip.Addr) bool { return a.IsLoopback() || slices.Contains(l.own, a.WithZone("")) })
	switch {
	case i >= 0:
		l.address = as[i]
	case len(as) > 0:
		l.elsewhere, l.address = true, as[0]
	default:
		l.elsewhere = true
	}
}

func gatewayOf(all []netip.Addr, ipv6 bool) netip.Addr {
	if as := ofFamily(all, ipv6); len(as) > 0 {
		return as[0]
	}
	return netip.Addr{}
}

func ofFamily(as []netip.Addr, ipv6 bool) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(as), func(a netip.Addr) bool { return a.Unmap().Is6() != ipv6 })
}

// towards is this machine's address in the gateway's network, to which a router
// forwards; else its only one.
func towards(all []machine.Address, gateway netip.Addr, ipv6 bool) netip.Addr {
	var only netip.Addr
	n := 0
	for _, a := range all {
		ip := a.Prefix.Addr()
		if ip.Is6() != ipv6 || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			continue
		}
		if gateway.IsValid() && a.Prefix.Contains(gateway.WithZone("")) {
			return ip
		}
		only, n = ip, n+1
	}
	if n != 1 {
		return netip.Addr{}
	}
	return only
}

// listeners looks who listens, and stands in where nobody does.
func (c *inboundCheck) listeners(ctx context.Context, s *engine.Step, l *local, stands bool) {
	on := netip.Addr{}
	if c.LocalHost != "" {
		on = l.address
	}
	needed := func(found []machine.Socket, unread error) bool {
		return stands && (unread != nil || c.scopeOf(found, l) == scopeNone)
	}
	var found []machine.Socket
	var unread error
	found, unread, l.post, l.refused = l.posts.look(ctx, c.proto(), c.localPort(), on, needed)
	if unread != nil {
		if l.post != nil {
			l.scope = scopeNone // or the port would not have been free
		}
		return
	}
	l.scope = c.scopeOf(found, l)
	l.otherFamily = len(found) > 0
	sockets := []string{}
	for _, f := range found {
		sockets = append(sockets, f.Addr.String())
		owner, err := machine.OwnerOf(f)
		if err == nil && l.process == "" {
			l.process = owner.Name
			l.owned = strings.HasPrefix(strings.ToLower(owner.Name), "netcheck")
		}
	}
	s.Set("listen.sockets", sockets)
	if l.process != "" {
		s.Set("listen.process", l.process)
	}
}

// scopeOf is the best that is said of any of the sockets.
func (c *inboundCheck) scopeOf(found []machine.Socket, l *local) scope {
	best := scopeNone
	for _, f := range found {
		ip, s := f.Addr.Addr().Unmap(), scopeOther
		switch {
		case ip.IsUnspecified():
			if ip.Is4() && c.ipv6() {
				continue
			}
			s = scopeAny
		case ip.Is6() != c.ipv6():
			continue
		case ip.WithZone("") == l.address, !l.address.IsValid() && !ip.IsLoopback():
			s = scopeThis
		case ip.IsLoopback():
			s = scopeLoopback
		}
		if slices.Index(scopes, s) > slices.Index(scopes, best) {
			best = s
		}
	}
	return best
}

// noteStandin records that netcheck stands in, or why it could not.
func (c *inboundCheck) noteStandin(ctx context.Context, t *engine.Trace, l *local) {
	_ = t.Span(ctx, result.OpStandin, func(_ context.Context, s *engine.Step) error {
		l.step = s
		s.Set("standin.address", c.hostPort(l))
		if l.refused != nil {
			if p, ok := errors.AsType[*standin.PortError](l.refused); ok {
				return p.Err
			}
		}
		return l.refused
	})
}

// leave frees what was taken.
func (l *local) leave() {
	if l.post != nil {
		l.posts.leave(l.post)
		l.post = nil
	}
}
