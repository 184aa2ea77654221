package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"netcheck/internal/lab"
	"netcheck/report/result"
)

// TestLab runs netcheck as a technician does, without any right, in networks
// that are faulty in one way or another, or not at all: see testdata/lab.
// NETCHECK_LAB=require makes it fail where it can't run; LAB_REPORT=1 shows the
// whole report of a case that fails.
func TestLab(t *testing.T) {
	if file := os.Getenv("LAB_CASE"); file != "" {
		inLab(t, file)
		return
	}
	if testing.Short() {
		t.Skip("takes minutes")
	}
	probe := exec.CommandContext(t.Context(), "true")
	lab.Confine(probe)
	if err := probe.Run(); err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal("no lab here: ", err)
		}
		t.Skip("no lab here: ", err)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "lab", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases: ", err)
	}
	cases := make([]*labCase, len(files))
	slots := make(chan struct{}, 8) // cases wait more than they work
	for i, file := range files {
		c := &labCase{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), file: file, done: make(chan struct{})}
		cases[i] = c
		if c.faulty = c.read(); c.faulty != nil || c.missing != nil || !chosen(c.name) {
			close(c.done)
			continue
		}
		go func() {
			defer close(c.done)
			slots <- struct{}{}
			defer func() { <-slots }()
			c.run(t.Context())
		}()
	}
	t.Cleanup(func() {
		for _, c := range cases {
			if c.report != nil {
				t.Logf("%-32s %-60s %s", c.name, c.want.short(), shortOf(c.report))
			}
		}
	})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			<-c.done
			if c.faulty != nil {
				t.Fatal(c.faulty)
			}
			if c.missing != nil {
				if os.Getenv("NETCHECK_LAB") == "require" {
					t.Fatal(c.missing)
				}
				t.Skip(c.missing)
			}
			if c.wrong() {
				t.Logf("at first, beside others: %v", c.err)
				if c.report != nil {
					t.Log(tellFindings(c.report))
				}
				for _, o := range cases {
					<-o.done
				}
				c.err, c.report = nil, nil
				c.run(t.Context())
				if c.err != nil {
					t.Fatal(c.err)
				}
			}
			if c.report == nil {
				t.Fatal("not run")
			}
			offline(t, c.raw)
			endsSoon(t, c.report, c.flags)
			if wrong := c.want.check(c.report); len(wrong) > 0 {
				t.Errorf("%s\n%s", strings.Join(wrong, "\n"), tellFindings(c.report))
				if os.Getenv("LAB_REPORT") != "" {
					t.Logf("%s", c.raw)
				}
			}
		})
	}
	t.Run("enough", func(t *testing.T) {
		for _, w := range enough(cases) {
			t.Error(w)
		}
	})
}

// enough holds the cases against what they are to prove: that many of them,
// and of no rule so many that the others are hidden behind it. Several causes
// at once are no case of one rule; what several machines showed is a case of
// what they show together, and a built-in profile's cases are the profile's.
func enough(cases []*labCase) (wrong []string) {
	const least, most = 80, 3
	if len(cases) < least {
		wrong = append(wrong, fmt.Sprintf("%d cases, want %d", len(cases), least))
	}
	of := map[string][]string{}
	for _, c := range cases {
		if c.report != nil && !c.builtin && len(c.report.Machines) == 1 && len(c.want.findings) == 1 && len(c.report.Findings) > 0 {
			rule := c.report.Findings[0].Rule
			of[rule] = append(of[rule], c.name)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(of)) {
		if len(of[rule]) > most {
			wrong = append(wrong, fmt.Sprintf("more than %d cases of rule %s: %s", most, rule, strings.Join(of[rule], " ")))
		}
	}
	return wrong
}

// chosen spares the cases that -run leaves out.
func chosen(name string) bool {
	pattern := ""
	if f := flagValue("test.run"); f != "" {
		_, pattern, _ = strings.Cut(f, "/")
	}
	return pattern == "" || meantBy(pattern, name)
}

// labCase is a world, a profile, and what netcheck must find.
type labCase struct {
	name, file string
	want       *wanted
	flags      string
	builtin    bool // a profile that netcheck brings along is run
	report     *result.Report
	raw        []byte
	err        error
	faulty     error // what is wrong with the case itself
	missing    error // why the case can't run here
	done       chan struct{}
}

// wrong tells whether a case must be run once more, alone: it looks at times and
// at losses, and what runs beside it adds some of both. What is wrong even then is.
func (c *labCase) wrong() bool {
	return c.err != nil || c.report != nil && len(c.want.check(c.report)) > 0
}

func (c *labCase) read() error {
	a, err := txtar.ParseFile(c.file)
	if err != nil {
		return err
	}
	err = errors.New("the case wants nothing")
	c.missing = lab.Lacking(string(a.Comment))
	for _, f := range a.Files {
		switch f.Name {
		case "want":
			c.want, err = readWanted(string(f.Data))
		case "builtin":
			c.builtin = true
		case "flags":
			c.flags = string(f.Data)
		}
	}
	return err
}

// run builds the world in a process of its own, which dies with this one.
func (c *labCase) run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // for the slowest case on the slowest machine
	defer cancel()
	r, w, err := os.Pipe()
	if err != nil {
		c.err = err
		return
	}
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestLab$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), "LAB_CASE="+c.file)
	cmd.ExtraFiles = []*os.File{w}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	lab.Confine(cmd)
	raw := make(chan []byte)
	go func() {
		var b bytes.Buffer
		b.ReadFrom(r)
		r.Close()
		raw <- b.Bytes()
	}()
	err = cmd.Start()
	w.Close()
	if err == nil {
		err = cmd.Wait()
	}
	c.raw = <-raw
	if err != nil {
		c.err = fmt.Errorf("%w\n%s%s", err, said.Bytes(), c.raw)
		return
	}
	c.report = new(result.Report)
	c.err = json.Unmarshal(c.raw, c.report)
}

// inLab builds the case's world and runs netcheck in it; the report goes to
// the parent.
func inLab(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := lab.New(string(a.Comment))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	dir := t.TempDir()
	args := []string{"run", filepath.Join(dir, "profile.yaml"), "--format", "json", "--no-input"}
	for _, f := range a.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		switch f.Name {
		case "builtin": // in place of a profile of its own
			args[1] = strings.TrimSpace(string(f.Data))
		case "flags":
			args = append(args, strings.Fields(string(f.Data))...)
		case "site.yaml":
			args = append(args, "--site", filepath.Join(dir, "site.yaml"))
		}
	}
	out := probed(t, w, "till", args)
	for _, f := range a.Files {
		if f.Name == "also" { // PLACE FLAG... a line: the reports are merged
			out = together(t, w, dir, out, args, string(f.Data))
		}
	}
	if _, err := os.NewFile(3, "report").Write(out); err != nil {
		t.Fatal(err)
	}
}

// probed is what netcheck writes at a place of the world.
func probed(t *testing.T, w *lab.World, place string, args []string) []byte {
	t.Helper()
	var out, said bytes.Buffer
	err := w.ProbeAt(t.Context(), place, lab.Netcheck, args, &out, &said)
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || !slices.Contains([]int{1, 3}, exit.ExitCode())) {
		t.Fatalf("%s: %v\n%s", place, err, said.Bytes())
	}
	return out.Bytes()
}

// together runs netcheck at further places, and merges what it finds there with
// what it found at the till.
func together(t *testing.T, w *lab.World, dir string, first []byte, args []string, lines string) []byte {
	t.Helper()
	merge := []string{"report", "merge", "--format", "json"}
	save := func(name string, b []byte) {
		file := filepath.Join(dir, name+".json")
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
		merge = append(merge, file)
	}
	save("till", first)
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) > 0 {
			save(words[0], probed(t, w, words[0], slices.Concat(args, words[1:])))
		}
	}
	return probed(t, w, "till", merge)
}
