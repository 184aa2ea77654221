package main

import (
	"bytes"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netcheck/profiles"
)

// TestReadme runs README's console blocks: each line that begins with "$ " is a
// command, and what follows is what it prints. A line [...] stands for any
// lines, and numbers that differ from run to run are not compared. The profile
// in README is there under the name that the text gives it.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sites := 0
	for _, b := range blocks(string(readme), "yaml") {
		if strings.HasPrefix(b, "netcheck-site: 1\n") {
			sites++
			site, err := profiles.ParseSite("README.md", []byte(b))
			if err != nil {
				t.Fatal(err)
			}
			if passcom, err := profiles.OpenBuiltin("passcom", kinds()); err != nil {
				t.Error(err)
			} else if _, err := passcom.Gather(profiles.Sources{Site: site}); err != nil {
				t.Errorf("README's site file does not fit: %v", err)
			}
		}
		if strings.HasPrefix(b, "netcheck: 1\n") {
			if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if sites != 1 {
		t.Errorf("README shows %d site files, not 1", sites)
	}
	ran := 0
	for _, b := range blocks(string(readme), "console") {
		for command, want := range dialogue(b) {
			args, ok := strings.CutPrefix(strings.Replace(command, "go run ./cmd/netcheck", "netcheck", 1), "netcheck ")
			if !ok {
				if command != "go test ./..." { // that is what runs this
					t.Errorf("README has a command that this test can't run: %s", command)
				}
				continue
			}
			t.Run(args, func(t *testing.T) {
				c := exec.CommandContext(t.Context(), "netcheck", strings.Fields(args)...)
				c.Dir = dir
				c.Env = []string{"LANG=C.UTF-8", "PATH=" + os.Getenv("PATH")}
				var out bytes.Buffer
				c.Stdout, c.Stderr = &out, &out
				if err := c.Run(); err != nil && c.ProcessState == nil {
					t.Fatal(err)
				}
				if !matches(steady(want), steady(out.String())) {
					t.Errorf("README shows\n%s\nbut it prints\n%s", want, out.String())
				}
			})
			ran++
		}
	}
	if ran < 5 {
		t.Errorf("only %d commands were found", ran)
	}
}

// blocks are the fenced blocks of a language.
func blocks(text, language string) []string {
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

// dialogue yields each command of a console block with what it prints.
func dialogue(block string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
			command, output, _ := strings.Cut(part, "\n")
			if !yield(command, output) {
				return
			}
		}
	}
}

// steady takes out what differs from run to run: times, dates, free ports, the
// version, and the space that a column makes for them.
func steady(s string) string {
	for _, r := range []struct{ pattern, by string }{
		{`\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December) \d{4}( \d{2}:\d{2} [A-Z]+)?`, "DATE"},
		{`\d+(\.\d+)? (ms|s)\b`, "TIME"},
		{`\b\d{5}\b`, "PORT"},
		{`netcheck (devel|v?\d\S*)$`, "netcheck VERSION"},
		{` +`, " "},
		{`(?m) +$`, ""},
	} {
		s = regexp.MustCompile("(?m)"+r.pattern).ReplaceAllString(s, r.by)
	}
	return s
}

// matches compares line by line; [...] stands for any lines.
func matches(want, got string) bool {
	var pattern strings.Builder
	pattern.WriteString(`\A`)
	for line := range strings.Lines(strings.TrimRight(want, "\n") + "\n") {
		if line == "[...]\n" {
			pattern.WriteString(`(.*\n)*?`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(line))
	}
	pattern.WriteString(`\z`)
	return regexp.MustCompile(pattern.String()).MatchString(strings.TrimRight(got, "\n") + "\n")
}
