package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// offer is where a server waits for a data connection.
type offer struct {
	command string
	port    uint16
	stated  netip.Addr // that PASV names; EPSV has none: the control connection's
}

// passive asks for a data connection's port.
func (s *ftpSession) passive(ctx context.Context, command string) (o offer, err error) {
	err = s.step(ctx, result.OpPassive, func(ctx context.Context, st *engine.Step) error {
		if o, err = s.ask(ctx, st, command); err != nil || o.port == 0 {
			return err
		}
		return s.compare(st, o)
	})
	if engine.Classify(err) == result.FailFTPAddress {
		return o, nil
	}
	return o, err
}

// compare records what was offered, and whether its address is the server's.
// Whoever else it may be is left alone: it is the server's word against the
// profile's, and clients have learnt not to believe it.
func (s *ftpSession) compare(st *engine.Step, o offer) error {
	st.Set("ftp.passive.port", int(o.port))
	if !o.stated.IsValid() {
		return nil
	}
	st.Set("ftp.passive.address", o.stated.String())
	to := s.at.to.Addr().Unmap()
	if !to.IsValid() || o.stated == to || o.stated == s.elsewhere {
		return nil // or it has been said
	}
	s.elsewhere = o.stated
	err := fmt.Errorf("for data connections the server names the address %s, not its own, %s", o.stated, to)
	s.remarks = append(s.remarks, err.Error())
	return engine.Failed(result.FailFTPAddress, err)
}

// ask sends EPSV or PASV. A server that does not know EPSV is not at fault, and
// offers port 0 here.
func (s *ftpSession) ask(ctx context.Context, st *engine.Step, command string) (offer, error) {
	o := offer{command: command}
	r, err := s.say(ctx, st, command, "")
	if err != nil {
		return o, err
	}
	understood := false
	if command == epsv {
		if s.noEPSV = r.Is(5); s.noEPSV {
			return o, nil
		}
		o.port, understood = r.ExtendedPassive()
		understood = understood && r.Code == 229
	} else {
		var ap netip.AddrPort
		ap, understood = r.Passive()
		o.stated, o.port = ap.Addr(), ap.Port()
		understood = understood && r.Code == 227
	}
	if !understood {
		o.port = 0
		return o, s.refusal(result.FailFTPPassive, command, r)
	}
	return o, nil
}

const (
	epsv = "EPSV"
	pasv = "PASV"
)

// data opens a data connection, as clients do: by EPSV first, and where that
// leads nowhere by PASV, which some firewalls know better. Only the address of
// the control connection is connected to.
func (s *ftpSession) data(ctx context.Context) (*dial.Conn, error) {
	var failed []result.Result
	var first error
	commands := []string{epsv, pasv}
	if s.noEPSV {
		commands = commands[1:]
	}
	if to := s.at.to.Addr(); to.IsValid() && to.Is6() && !to.Is4In6() {
		commands = commands[:1] // PASV has no room for its address
	}
	for _, command := range commands {
		o, err := s.passive(ctx, command)
		if err == nil && o.port == 0 {
			continue
		}
		if err == nil {
			var conn *dial.Conn
			var r result.Result
			if conn, r, err = s.connectData(ctx, o); err == nil {
				s.madeUpFor = failed
				return conn, nil
			}
			failed = append(failed, r)
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			return nil, err
		}
		if s.dead {
			break
		}
	}
	if first == nil { // IPv6, and no EPSV
		return nil, s.step(ctx, result.OpPassive, func(context.Context, *engine.Step) error {
			return engine.Failed(result.FailFTPPassive, errors.New("the server knows no EPSV, and IPv6 has no other way"))
		})
	}
	s.results = append(s.results, failed...)
	if len(failed) > 0 {
		s.learnPorts(ctx)
	}
	return nil, first
}

// connectData connects to a port that was offered.
func (s *ftpSession) connectData(ctx context.Context, o offer) (conn *dial.Conn, r result.Result, err error) {
	err = s.t.Span(s.via(ctx), result.OpData, func(ctx context.Context, st *engine.Step) error {
		st.Set("server.address", string(s.server.Host))
		st.Set("ftp.command", o.command)
		conn, r, err = s.at.another(ctx, s.t, "", o.port)
		return err
	})
	s.ports = append(s.ports, o.port)
	return conn, r, err
}

// enoughPorts is how many ports show a range: one asked for after the other,
// servers choose them at random or in turn.
const enoughPorts = 8

// learnPorts asks for more ports after a connect to one failed, and leaves them
// alone: whoever is to open the way to them must know what the server uses.
func (s *ftpSession) learnPorts(ctx context.Context) {
	if s.dead || ctx.Err() != nil {
		return
	}
	_ = s.step(ctx, result.OpPassive, func(ctx context.Context, st *engine.Step) error {
		command := epsv
		if s.noEPSV {
			command = pasv
		}
		for len(s.ports) < enoughPorts {
			o, err := s.ask(ctx, st, command)
			if err != nil || o.port == 0 {
				break // what was to be known is known: this is for good measure
			}
			s.ports = append(s.ports, o.port)
		}
		slices.Sort(s.ports)
		var seen []string
		for _, p := range slices.Compact(s.ports) {
			seen = append(seen, strconv.Itoa(int(p)))
		}
		st.Set("ftp.passive.ports", seen)
		return nil
	})
}

// partly remarks on a port that failed where another one did not: what opens
// the way to one may not know them all.
func (s *ftpSession) partly(ctx context.Context, failed result.Result) {
	if ctx.Err() != nil {
		return
	}
	s.results = append(s.results, failed)
	s.remarks = append(s.remarks, fmt.Sprintf("of two ports that the server offered for data connections, %s failed", failed.Ports))
	s.learnPorts(ctx)
}

// lookAgain asks for a second port once the listing has come, and connects to
// it: a rule in a firewall may not know all of them. It asks by PASV, where
// EPSV was used so far: the product may know no other, and whether its address
// is of use is told by that alone. That there is no second port is no fault.
func (s *ftpSession) lookAgain(ctx context.Context) {
	if s.dead || len(s.ports) > 1 {
		return
	}
	command := pasv
	if to := s.at.to.Addr(); to.IsValid() && to.Is6() && !to.Is4In6() {
		command = epsv
	}
	var o offer
	_ = s.step(ctx, result.OpPassive, func(ctx context.Context, st *engine.Step) (err error) {
		if o, err = s.ask(ctx, st, command); err != nil || o.port == 0 {
			return nil
		}
		return s.compare(st, o)
	})
	if o.port == 0 || ctx.Err() != nil {
		return
	}
	conn, r, err := s.connectData(ctx, o)
	if err != nil {
		s.partly(ctx, r)
		return
	}
	conn.Close()
}
