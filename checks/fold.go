package checks

import (
	"slices"
	"strconv"
	"strings"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// answer is what makes two ports show the same.
type answer struct {
	state    result.State
	failure  result.Failure
	inferred bool
	errno    string
	icmp     result.ICMP
}

func answerOf(p dial.Port) answer {
	a := answer{state: p.State, failure: p.Code, inferred: p.Inferred, errno: p.Evidence.Errno}
	if p.Evidence.ICMP != nil {
		a.icmp = *p.Evidence.ICMP
	}
	return a
}

// fold makes one result of all ports of an address that showed the same, in
// the order of their lowest ports. Its evidence is the lowest port's, its round
// trip the fastest.
func fold(host, address string, ports []dial.Port) []result.Result {
	byPort := slices.Clone(ports)
	slices.SortFunc(byPort, func(a, b dial.Port) int { return int(a.Port) - int(b.Port) })
	var rs []result.Result
	var members [][]uint16
	at := map[answer]int{}
	last, i := answer{}, -1 // neighbours mostly show the same, and hashing costs more than comparing
	for _, p := range byPort {
		key, ok := answerOf(p), true
		if i < 0 || key != last {
			last = key
			i, ok = at[key]
		}
		if !ok {
			i = len(rs)
			at[key] = i
			r := result.Result{
				Host: host, Address: address, Proto: "tcp",
				State: p.State, Inferred: p.Inferred, Failure: p.Code, RTT: result.Duration(p.RTT),
			}
			if ev := p.Evidence; !ev.Empty() {
				r.Evidence = &ev
			}
			rs, members = append(rs, r), append(members, nil)
		}
		if rtt := result.Duration(p.RTT); rtt > 0 && (rs[i].RTT == 0 || rtt < rs[i].RTT) {
			rs[i].RTT = rtt
		}
		members[i] = append(members[i], p.Port)
	}
	for i := range rs {
		rs[i].Ports = portList(members[i])
	}
	return rs
}

// portList writes ascending ports as a profile would: 9000-9499,9700.
func portList(ports []uint16) string {
	var b strings.Builder
	for i := 0; i < len(ports); {
		j := i
		for j+1 < len(ports) && ports[j+1] == ports[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(ports[i])))
		if j > i {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(int(ports[j])))
		}
		i = j + 1
	}
	return b.String()
}
