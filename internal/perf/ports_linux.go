package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"netcheck/internal/lab"
	"netcheck/report/result"
)

// portCase is one state of a server's ports 9000-9999.
type portCase struct {
	name   string
	host   string
	fault  lab.Fault
	near   bool // another check connects to the same network, so that a round trip is known
	is     func(port int) result.State
	ratio  float64 // most of nmap's time; 0: nmap is not run, it would take minutes
	within float64 // seconds, most
	cpu    float64 // most of nmap's CPU time; 0: as it comes
}

func every(s result.State) func(int) result.State { return func(int) result.State { return s } }

func mixed(port int) result.State {
	switch {
	case port == 9000:
		return result.Open
	case port < 9500:
		return result.Closed
	}
	return result.Filtered
}

// mostMemory is the peak of a run of 1000 ports, in MiB.
const mostMemory = 24

func (b *bench) ports() error {
	const ms = time.Millisecond
	for _, c := range []portCase{
		{name: "open", host: lab.Open, is: every(result.Open), ratio: 0.8, cpu: 0.8},
		{name: "closed", host: lab.Closed, is: every(result.Closed), ratio: 0.6, cpu: 0.8},
		{name: "rejected", host: lab.Rejected, is: every(result.Rejected), ratio: 1, cpu: 0.8},
		{name: "half dropped", host: lab.Mixed, is: mixed, ratio: 1, within: 1.3, cpu: 0.8},
		{name: "all dropped", host: lab.Dropped, near: true, is: every(result.Filtered), within: 1.3},
		{name: "half dropped, public", host: lab.Public, is: mixed, within: 2.5},
		{name: "open, 80 ms", host: lab.Open, fault: lab.Fault{Delay: 40 * ms}, is: every(result.Open), ratio: 0.2},
		{name: "open, 5 % loss", host: lab.Open, fault: lab.Fault{Loss: 0.05}, is: every(result.Open), ratio: 0.25},
		{name: "half dropped, 5 % loss", host: lab.Mixed, fault: lab.Fault{Loss: 0.05}, is: mixed, ratio: 0.05},
	} {
		if err := b.portsOf(c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return b.path.Suffer(lab.Fault{})
}

func (b *bench) portsOf(c portCase) error {
	args, err := b.scan(c.host, "9000-9999", c.near)
	if err != nil {
		return err
	}
	if err := b.path.Suffer(c.fault); err != nil {
		return err
	}
	netcheck := &series{args: args, look: func(u used) error { return right(u, c.is) }}
	if c.ratio == 0 {
		if err := b.race(b.runs, netcheck); err != nil {
			return err
		}
		b.print(c.name, netcheck, "", nil)
	} else {
		runs := b.runs
		if c.ratio < 0.1 {
			runs = min(runs, 3) // half a minute each
		}
		nmap := &series{args: []string{"nmap", "-sT", "-n", "-Pn", "-T4", "-p", "9000-9999", c.host}}
		if err := b.race(runs, netcheck, nmap); err != nil {
			return err
		}
		b.print(c.name, netcheck, "nmap", nmap)
		b.judge("time beside nmap", netcheck.median().wall/nmap.median().wall, c.ratio, "")
		if c.cpu > 0 {
			b.judge("CPU beside nmap", netcheck.median().cpu/nmap.median().cpu, c.cpu, "")
		}
	}
	ours := netcheck.median()
	if c.within > 0 {
		b.judge("time", ours.wall, c.within, "s")
	}
	b.judge("memory", ours.peak, mostMemory, "MiB")
	return nil
}

// answers counts the runs in which netcheck names all 1000 ports right.
func (b *bench) answers() error {
	const ms = time.Millisecond
	for _, f := range []struct {
		name string
		lab.Fault
	}{
		{"no loss", lab.Fault{}},
		{"1 % loss each way", lab.Fault{Loss: 0.01}},
		{"5 % loss each way", lab.Fault{Loss: 0.05}},
		{"all lost for 300 of each 900 ms", lab.Fault{Every: 900 * ms, Gap: 300 * ms}},
		{"150 ms round trip", lab.Fault{Delay: 75 * ms}},
		{"250 ms round trip, 2 % loss", lab.Fault{Delay: 125 * ms, Loss: 0.02}},
	} {
		if err := b.path.Suffer(f.Fault); err != nil {
			return err
		}
		for _, c := range []struct {
			name, host string
			is         func(int) result.State
		}{
			{"open", lab.Open, every(result.Open)},
			{"closed", lab.Closed, every(result.Closed)},
			{"half dropped", lab.Mixed, mixed},
			{"rejected", lab.Rejected, every(result.Rejected)},
		} {
			args, err := b.scan(c.host, "9000-9999", false)
			if err != nil {
				return err
			}
			good, slowest := 0, 0.0
			for range b.rounds {
				u, err := b.run(args...)
				if err != nil {
					return err
				}
				slowest = max(slowest, u.Wall.Seconds())
				if err := right(u, c.is); err != nil {
					fmt.Println("   ", err)
					continue
				}
				good++
			}
			word := "ok"
			if good < b.rounds {
				word, b.failed = "WRONG", true
			}
			fmt.Printf("  %-32s %-14s %3d of %d right, slowest %6.2f s  %s\n", f.name, c.name, good, b.rounds, slowest, word)
		}
	}
	return b.path.Suffer(lab.Fault{})
}

// large scans all ports there are.
func (b *bench) large() error {
	for _, c := range []struct{ name, host string }{{"closed", lab.Closed}, {"dropped", lab.Dropped}, {"rejected", lab.Rejected}} {
		args, err := b.scan(c.host, "1-65535", true)
		if err != nil {
			return err
		}
		s := &series{args: args}
		if err := b.race(1, s); err != nil {
			return err
		}
		b.print(c.name, s, "", nil)
		b.judge("memory", s.median().peak, 100, "MiB")
	}
	return nil
}

// scan writes a profile for a range of ports, and returns the command.
func (b *bench) scan(host, ports string, near bool) ([]string, error) {
	lines := []string{"netcheck: 1", "id: range", "revision: 2026-11-21", "title: Range", "checks:"}
	if near {
		lines = append(lines, "  - id: near", "    tcp: {host: "+lab.Open+", port: 9000}")
	}
	lines = append(lines, "  - id: range", "    tcp: {host: "+host+", ports: "+ports+", match: any}")
	file, err := b.write("range.yaml", lines...)
	return []string{b.netcheck, "run", "--no-input", "--no-followup", "--format", "json", file}, err
}

// right compares a report's states with the truth, port by port.
func right(u used, is func(int) result.State) error {
	var r result.Report
	if err := json.Unmarshal(u.out, &r); err != nil {
		return err
	}
	wrong, named := map[string]int{}, 0
	for _, c := range r.Checks {
		if c.ID != "range" {
			continue
		}
		for _, res := range c.Results {
			for part := range strings.SplitSeq(res.Ports, ",") {
				lo, hi, err := bounds(part)
				if err != nil {
					return err
				}
				for p := lo; p <= hi; p++ {
					named++
					if want := is(p); res.State != want {
						wrong[fmt.Sprintf("%s called %s", want, res.State)]++
					}
				}
			}
		}
	}
	if named != 1000 || len(wrong) > 0 {
		return fmt.Errorf("%d ports named, wrong: %v", named, wrong)
	}
	return nil
}

func bounds(s string) (lo, hi int, err error) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		b = a
	}
	lo, err1 := strconv.Atoi(a)
	hi, err2 := strconv.Atoi(b)
	return lo, hi, errors.Join(err1, err2)
}
