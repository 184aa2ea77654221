package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"netcheck/internal/lab"
)

// meterArg makes this program start another and tell what that used. A process
// begins its life with the memory peak of the one that started it, so that
// must be a small one.
const meterArg = "meter"

// used is what one run of a tool took.
type used struct {
	Wall, CPU time.Duration
	Peak      int64 // bytes
	Exit      int
	out       []byte
}

func meter(args []string) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	u := used{Wall: time.Since(start)}
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	u.Exit = cmd.ProcessState.ExitCode()
	u.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Peak = int64(r.Maxrss) << 10
	}
	if err := json.NewEncoder(os.NewFile(3, "meter")).Encode(u); err != nil {
		return 1
	}
	return 0
}

// run runs a tool on the client, without rights.
func (b *bench) run(args ...string) (used, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return used{}, err
	}
	defer r.Close()
	cmd := exec.Command("/proc/self/exe", append([]string{meterArg}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	lab.Unprivileged(cmd)
	err = b.path.Client.Do(cmd.Start)
	w.Close()
	if err != nil {
		return used{}, err
	}
	var u used
	told := json.NewDecoder(r).Decode(&u)
	if err := cmd.Wait(); err != nil || told != nil {
		return used{}, fmt.Errorf("%s: %v: %s", args[0], err, errs.Bytes())
	}
	u.out = out.Bytes()
	return u, nil
}

// median is what most runs of a tool come near.
type median struct{ wall, cpu, peak float64 } // seconds, seconds, MiB

// series is a tool's runs.
type series struct {
	args []string
	look func(used) error // judges a run's output; nil: nobody does

	walls, cpus, peaks []float64
}

func (s *series) add(u used) error {
	if s.look != nil {
		if err := s.look(u); err != nil {
			return fmt.Errorf("%s: %w", s.args[0], err)
		}
	}
	s.walls = append(s.walls, u.Wall.Seconds())
	s.cpus = append(s.cpus, u.CPU.Seconds())
	s.peaks = append(s.peaks, float64(u.Peak)/(1<<20))
	return nil
}

func (s *series) median() median { return median{middle(s.walls), middle(s.cpus), middle(s.peaks)} }

// race runs tools in turn, so that whatever else the machine does in the
// meantime meets them alike.
func (b *bench) race(n int, tools ...*series) error {
	for range n {
		for _, t := range tools {
			u, err := b.run(t.args...)
			if err == nil {
				err = t.add(u)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func middle(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// print shows a tool's medians, beside another's if there is one.
func (b *bench) print(what string, s *series, name string, other *series) {
	m := s.median()
	fmt.Printf("  %-26s netcheck %8.4f s %7.4f CPU-s %5.1f MiB", what, m.wall, m.cpu, m.peak)
	if other != nil {
		o := other.median()
		fmt.Printf("   %-4s %8.4f s %7.4f CPU-s %5.1f MiB", name, o.wall, o.cpu, o.peak)
	}
	fmt.Println()
}

// judge prints a figure beside its target.
func (b *bench) judge(what string, got, target float64, unit string) {
	word := "ok"
	if got > target {
		word, b.failed = "MISSED", true
	}
	fmt.Printf("    %-34s %8.3f %-4s target %8.3f  %s\n", what, got, unit, target, word)
}
