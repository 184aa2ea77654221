package machine

import (
	"net"
	"time"

	"netcheck/report/result"
)

// maxInterfaces is how many are told: a host of containers has hundreds, which say
// nothing of a shop's network.
const maxInterfaces = 32

// interfaces are this machine's but for the loopback, those that are down as well:
// a cable that is out is what support asks for first.
func interfaces() []result.Interface {
	links, err := net.Interfaces()
	if err != nil {
		return nil // a system that does not tell
	}
	var all []result.Interface
	for _, l := range links {
		if l.Flags&net.FlagLoopback != 0 || len(all) == maxInterfaces {
			continue
		}
		all = append(all, result.Interface{Name: printable(l.Name), State: stateOf(l.Flags), MTU: max(0, l.MTU)})
	}
	return all
}

func stateOf(f net.Flags) string {
	switch {
	case f&net.FlagUp == 0:
		return "down"
	case f&net.FlagRunning == 0:
		return "no-carrier"
	}
	return "up"
}

// zone is the time zone in which a moment is shown here: its letters, where the
// system has some, and how far it is from UTC.
func zone(t time.Time) string {
	name, _ := t.Zone()
	offset := t.Format("-07:00")
	if name == "" || name[0] == '-' || name[0] == '+' {
		return "UTC" + offset
	}
	return printable(name) + ", UTC" + offset
}
