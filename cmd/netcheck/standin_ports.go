package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"netcheck/checks"
	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report/i18n"
)

// standing is what a stand-in saw: its JSON.
type standing struct {
	Profile string       `json:"profile,omitempty"`
	Role    string       `json:"role,omitempty"`
	Started time.Time    `json:"started"`
	Ended   time.Time    `json:"ended"`
	Ports   []*standPort `json:"ports"`

	a        *standingIn
	commands []string // that reach this machine from the others
	choose   string   // what these still need; "": nothing that is known here
}

// portState is what became of a port.
type portState string

const (
	portWaiting      portState = "waiting"       // nobody came
	portReached      portState = "reached"       // by another machine
	portSelf         portState = "reached-here"  // by this machine alone, which says nothing of the network
	portInUse        portState = "in-use"        // another program's
	portNotPermitted portState = "not-permitted" // this user may not
	portNotOpened    portState = "not-opened"
)

// standPort is one port of a stand-in.
type standPort struct {
	Proto    string    `json:"proto"`
	Port     uint16    `json:"port"`
	Checks   []string  `json:"checks,omitempty"`
	State    portState `json:"state"`
	Visitors []visitor `json:"visitors,omitempty"`
	More     int       `json:"more_contacts,omitempty"` // of visitors beyond those listed
	Holders  []holder  `json:"held_by,omitempty"`
	Err      string    `json:"error,omitempty"`
	Hint     string    `json:"hint,omitempty"`
}

// visitor is an address that got through to a port.
type visitor struct {
	Address  string    `json:"address"`
	Self     bool      `json:"this_machine,omitempty"`
	Netcheck bool      `json:"netcheck,omitempty"` // it asked as netcheck does
	Times    int       `json:"times"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
}

// holder is a program that has a port.
type holder struct {
	PID      int      `json:"pid,omitempty"`
	Name     string   `json:"name,omitempty"` // "": the system does not say it to this user
	Loopback bool     `json:"loopback_only,omitempty"`
	URLs     []string `json:"urls,omitempty"` // that it serves by the system's own web server
}

// open tells whether the stand-in has the port.
func (q *standPort) open() bool {
	return q.State == portWaiting || q.State == portReached || q.State == portSelf
}

// served are ports by protocol, each once, with the checks that name it.
type served map[string]map[uint16]*standPort

func (f served) add(proto string, ports []uint16, check string) {
	if f[proto] == nil {
		f[proto] = map[uint16]*standPort{}
	}
	for _, n := range ports {
		q := f[proto][n]
		if q == nil {
			q = &standPort{Proto: proto, Port: n, State: portWaiting}
			f[proto][n] = q
		}
		if check != "" && !slices.Contains(q.Checks, check) {
			q.Checks = append(q.Checks, check)
		}
	}
}

func (f served) list() (all []*standPort) {
	for _, ports := range f {
		for _, q := range ports {
			all = append(all, q)
		}
	}
	slices.SortFunc(all, func(a, b *standPort) int {
		return cmp.Or(cmp.Compare(a.Proto, b.Proto), cmp.Compare(a.Port, b.Port))
	})
	return all
}

// servedPorts are the ports of the role, from the checks that tell of them.
func (s *streams) servedPorts(p *profiles.Profile, b *profiles.Bound) ([]*standPort, error) {
	found := served{}
	for _, c := range b.Checks {
		if !c.Applies {
			continue
		}
		proto, ports := checks.Served(c.Body)
		if proto != "" && len(ports) == 0 {
			s.tell("standin.unknown-port", i18n.Data{"Check": c.ID})
		}
		found.add(proto, ports, c.Group)
	}
	if all := found.list(); len(all) > 0 {
		return all, nil
	}
	err := wrong("standin.no-port", i18n.Data{"Profile": p.File, "Role": b.Role})
	if roles := servingRoles(p); len(roles) > 0 {
		return nil, err.advised(sentence{"standin.serving-roles", i18n.Data{"Roles": strings.Join(roles, ", ")}})
	}
	return nil, err.advised(sentence{key: "standin.say-port"})
}

// servingRoles are those that some check gives a port.
func servingRoles(p *profiles.Profile) (roles []string) {
	for _, r := range p.Roles {
		if slices.ContainsFunc(p.Declared, func(d profiles.Declaration) bool {
			local := slices.Contains(checks.LocalKinds(), d.Kind) && slices.Contains(d.From, r.ID)
			return local || slices.Contains(d.To, r.ID)
		}) {
			roles = append(roles, r.ID)
		}
	}
	return roles
}

// portsText writes ascending ports as a profile would: 80,8000-8005.
func portsText(ports []uint16) string {
	var all value.Ports
	for _, n := range ports {
		if last := len(all) - 1; last >= 0 && all[last].Last+1 == n {
			all[last].Last = n
			continue
		}
		all = append(all, value.PortRange{First: n, Last: n})
	}
	return all.String()
}
