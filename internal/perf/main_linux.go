// Command perf compares netcheck with the tools that technicians use, in
// network namespaces of its own: nothing leaves them. See README.md.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"netcheck/internal/lab"
)

// bench is a run of the comparison.
type bench struct {
	dir      string // for profiles, reports and the built netcheck
	netcheck string
	goss     string
	runs     int
	rounds   int
	path     *lab.Path
	failed   bool // a target was missed or an answer wrong
}

// suite is a comparison.
type suite struct {
	name, doc string
	run       func(*bench) error
}

// suites are in the order in which they run.
var suites = []suite{
	{"ports", "1000 ports beside nmap -sT -n -Pn -T4: time, CPU, memory, answers", (*bench).ports},
	{"answers", "1000 ports under loss, bursts and delay: all answers right in each of 20 runs", (*bench).answers},
	{"large", "65,535 ports: memory and descriptors", (*bench).large},
	{"https", "100 endpoints beside curl --parallel", (*bench).https},
	{"dns", "1000 names beside goss", (*bench).names},
	{"start", "netcheck --version beside true", (*bench).start},
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == meterArg {
		os.Exit(meter(os.Args[2:]))
	}
	var b bench
	flag.StringVar(&b.netcheck, "netcheck", "", "the binary to measure; built if not given")
	flag.StringVar(&b.goss, "goss", "goss", "the goss to compare with")
	flag.IntVar(&b.runs, "runs", 7, "runs of each tool, of which the median counts")
	flag.IntVar(&b.rounds, "rounds", 20, "runs of each case of answers")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: perf [flags] [suite...]")
		for _, s := range suites {
			fmt.Fprintf(flag.CommandLine.Output(), "  %-8s %s\n", s.name, s.doc)
		}
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := b.main(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "perf:", err)
		os.Exit(1)
	}
}

const insideEnv = "NETCHECK_PERF_DIR"

func (b *bench) main(names []string) error {
	if dir := os.Getenv(insideEnv); dir != "" {
		b.dir = dir
		return b.measure(names)
	}
	return b.enter()
}

// enter builds netcheck and starts this program again in its namespaces.
func (b *bench) enter() error {
	if err := lab.Missing(exec.LookPath); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "netcheck-perf-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	args := os.Args[1:]
	if b.netcheck == "" {
		bin := filepath.Join(dir, "netcheck")
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, "netcheck/cmd/netcheck")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building netcheck: %w: %s", err, bytes.TrimSpace(out))
		}
		args = append([]string{"-netcheck", bin}, args...)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), insideEnv+"="+dir)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	lab.Isolate(cmd)
	// an interrupt ends the one inside, and then this one cleans up
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	return cmd.Run()
}

func (b *bench) measure(names []string) error {
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	for _, name := range names {
		if !slices.ContainsFunc(suites, func(s suite) bool { return s.name == name }) {
			return fmt.Errorf("no suite %q", name)
		}
	}
	var err error
	if b.path, err = lab.NewPath(); err != nil {
		return err
	}
	defer b.path.Close()
	for _, s := range suites {
		if len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		fmt.Printf("\n%s: %s\n", s.name, s.doc)
		if err := s.run(b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if b.failed {
		return errors.New("not all targets were met")
	}
	return nil
}

// write puts a file into the run's folder.
func (b *bench) write(name string, lines ...string) (string, error) {
	f := filepath.Join(b.dir, name)
	return f, os.WriteFile(f, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}
