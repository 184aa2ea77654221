package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const small = `
netcheck: 1
id: small
title: Shop
params:
  number: {type: int, required: true, ask: Which store?}
  label: {type: dns-label, required: true, ask: Which name?}
  password: {type: secret, required: true, ask: The password}
checks:
  - {id: number, when_set: [number, label, password], assert: {param: number, min: 1}}
`

// Answers that somebody wants remembered are offered the next time; those that
// somebody does not want any more stand there to be changed. What else is in
// the file stays, and a secret never gets there.
func TestAnswersAreRemembered(t *testing.T) {
	folder, profile := t.TempDir(), writeProfile(t, small)
	site := filepath.Join(folder, siteFile)
	before := "# Via Roma 1\nnetcheck-site: 1\nprofiles:\n  other: {number: 3} # theirs\n"
	if err := os.WriteFile(site, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	x := openTerminalIn(t, folder, 80, nil, "run", profile, "--quiet")
	x.shows("Which store?")
	x.send("7" + enter)
	x.shows("Which name?")
	x.send("roma" + enter)
	x.shows("The password")
	x.send("hunter2" + enter)
	x.shows("Remember these answers for next time, in netcheck-site.yaml?")
	x.send("y")
	x.shows("the answers are in netcheck-site.yaml")
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
	want := before + "  small:\n    number: 7\n    label: roma\n"
	if got := read(t, site); got != want {
		t.Errorf("the file has:\n%s\nnot:\n%s", got, want)
	}
	if info, err := os.Stat(site); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("who may read it has changed: %v, %v", info.Mode(), err)
	}

	x = openTerminalIn(t, folder, 80, nil, "run", profile, "--quiet")
	x.shows("netcheck-site.yaml has values for this profile. Use them?", "netcheck-site.yaml: number=7, label=roma", "> yes")
	x.send(enter)
	x.shows("The password")
	x.send("hunter2" + enter)
	if got := x.exit(); got != exitOK || strings.Contains(x.all(), "Remember") {
		t.Errorf("exit status %d, not 0, or a secret alone was to be remembered:\n%s", got, x.all())
	}

	x = openTerminalIn(t, folder, 80, nil, "run", profile, "--quiet")
	x.shows("Use them?")
	x.send("n")
	x.shows("Which store?", "> 7")
	x.send("1" + enter)
	x.shows("Which name?", "> roma")
	x.send(enter)
	x.shows("The password")
	x.send("hunter2" + enter)
	x.shows("Remember")
	x.send("y")
	x.exit()
	if got, want := read(t, site), strings.ReplaceAll(want, "number: 7", "number: 71"); got != want {
		t.Errorf("the file has:\n%s\nnot:\n%s", got, want)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Where nobody is asked, a file that nobody named counts for nothing.
func TestSiteFileIsNotUsedUnasked(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, siteFile), []byte("netcheck-site: 1\nvalues: {number: 7, label: roma}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string][]string{"CI": {"CI=true"}, "--no-input": nil} {
		t.Run(name, func(t *testing.T) {
			args := []string{"run", writeProfile(t, small), "--quiet"}
			if env == nil {
				args = append(args, name)
			}
			x := openTerminalIn(t, folder, 80, env, args...)
			x.expect("3 parameters have no value")
			if got := x.exit(); got != exitUsage {
				t.Errorf("exit status %d, not %d", got, exitUsage)
			}
		})
	}
}

// A site file that can't be read, or written, keeps nobody from a run.
func TestSiteFileThatIsNoUse(t *testing.T) {
	args := []string{"run", writeProfile(t, small), "--quiet", "--set", "label=roma"}
	answered := func(t *testing.T, x *terminal) {
		x.shows("Which store?")
		x.send("7" + enter)
		x.shows("The password")
		x.send("hunter2" + enter)
	}
	t.Run("a mistake in it", func(t *testing.T) {
		folder := t.TempDir()
		site := filepath.Join(folder, siteFile)
		broken := "netcheck-site: 1\nvalue: {number: 7}\n"
		if err := os.WriteFile(site, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		x := openTerminalIn(t, folder, 80, nil, args...)
		answered(t, x)
		if got := x.exit(); got != exitOK || !strings.Contains(x.all(), "netcheck-site.yaml is not used") || strings.Contains(x.all(), "Remember") {
			t.Errorf("exit status %d: %s", got, x.all())
		}
		if read(t, site) != broken {
			t.Error("it was written over")
		}
	})
	t.Run("a full disk", func(t *testing.T) {
		folder := t.TempDir()
		x := openTerminalIn(t, folder, 80, nil, args...)
		answered(t, x)
		x.shows("Remember")
		none := unix.Rlimit{} // no file may get longer than nothing: as good as a full disk, and SIGXFSZ is Go's to ignore
		if err := unix.Prlimit(x.cmd.Process.Pid, unix.RLIMIT_FSIZE, &none, nil); err != nil {
			t.Fatal(err)
		}
		x.send("y")
		x.shows("the answers are not remembered: can't write netcheck-site.yaml: file too large")
		if got := x.exit(); got != exitOK {
			t.Errorf("exit status %d, not 0:\n%s", got, x.all())
		}
		if left, err := filepath.Glob(filepath.Join(folder, "*site*")); err != nil || len(left) > 0 {
			t.Errorf("something is left: %v, %v", left, err)
		}
	})
}
