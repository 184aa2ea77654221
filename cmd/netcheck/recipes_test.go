package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"netcheck/report"
)

// workflow is as much of a GitHub workflow as README's has.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			If, Run, Uses string
			With          struct{ Path string }
		}
	}
}

// pipeline is as much of a GitLab pipeline as README's has.
type pipeline map[string]struct {
	Script    []string
	Artifacts struct {
		When    string
		Paths   []string
		Reports struct{ JUnit string }
	}
}

// recipe reads the YAML block of README that is about this file.
func recipe(t *testing.T, file string, into any) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks(string(readme), "yaml") {
		if strings.HasPrefix(b, "# "+file+"\n") {
			if err := yaml.Unmarshal([]byte(b), into); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("README has no %s", file)
}

// recipeShops are what the recipes' profile may find, and the status that it
// must give: all is tested on loopback, or not on the network at all.
var recipeShops = map[string]struct {
	profile string
	status  int
	verdict string
}{
	"all is well": {`checks: [{id: branch, assert: {param: branch, in: [milano]}}]`, 0, "PASS: Shop"},
	"a fault":     {"checks:\n  - {id: branch, assert: {param: branch, in: [roma]}}", 1, "FAIL: Shop"},
	"a remark":    {`checks: [{id: branch, level: recommended, assert: {param: branch, in: [roma]}}]`, 1, "PASS, WITH WARNINGS: Shop"},
	"not known":   {`checks: [{id: seen, attest: {ask: Is it there?}}]`, 1, "INCONCLUSIVE: Shop"},
	"no profile":  {`cheks: []`, 2, ""},
}

// TestRecipes runs what README gives for CI, as the CI systems run it.
func TestRecipes(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	var github workflow
	recipe(t, ".github/workflows/network.yml", &github)
	var gitlab pipeline
	recipe(t, ".gitlab-ci.yml", &gitlab)
	if len(github.Jobs) != 1 || len(gitlab) != 1 {
		t.Fatalf("%d and %d jobs", len(github.Jobs), len(gitlab))
	}
	for name, shop := range recipeShops {
		for _, job := range github.Jobs {
			t.Run("github/"+name, func(t *testing.T) {
				dir := recipeShop(t, shop.profile)
				status, uploaded, log := 0, "", ""
				for _, step := range job.Steps {
					if status != 0 && step.If != "always()" {
						continue
					}
					if step.Run != "" {
						n, out := shell(t, dir, step.Run)
						log += out
						status = max(status, n) // a step that fails makes the job fail
					}
					if strings.HasPrefix(step.Uses, "actions/upload-artifact@") {
						uploaded = step.With.Path
					}
				}
				if why := "Under --strict"; strings.Contains(log, why) != (name == "a remark" || name == "not known") {
					t.Errorf("says or does not say %q:\n%s", why, log)
				}
				if status != shop.status {
					t.Errorf("the job ends with %d, not %d\n%s", status, shop.status, log)
				}
				summary, _ := os.ReadFile(filepath.Join(dir, "summary"))
				if !strings.Contains(string(summary), shop.verdict) || (len(summary) == 0) != (shop.verdict == "") {
					t.Errorf("the summary is\n%s", summary)
				}
				made(t, dir, uploaded, shop.verdict != "")
				if annotated := strings.Contains(log, "::error file=shop.yaml,line="); annotated != (shop.status == 1) {
					t.Errorf("the log is\n%s", log)
				}
			})
		}
		for _, job := range gitlab {
			t.Run("gitlab/"+name, func(t *testing.T) {
				dir := recipeShop(t, shop.profile)
				status, log := shell(t, dir, strings.Join(job.Script, "\n"))
				if status != shop.status || job.Artifacts.When != "always" || !strings.Contains(log, shop.verdict) {
					t.Errorf("the job ends with %d, not %d, artifacts %s\n%s", status, shop.status, job.Artifacts.When, log)
				}
				for _, p := range job.Artifacts.Paths {
					made(t, dir, p, shop.verdict != "")
				}
				tests, err := os.ReadFile(filepath.Join(dir, job.Artifacts.Reports.JUnit))
				if shop.verdict == "" {
					return
				}
				if red := !bytes.Contains(tests, []byte(`failures="0" errors="0"`)); err != nil || red != (shop.status != 0) {
					t.Errorf("%v: the tests are\n%s", err, tests)
				}
			})
		}
	}
}

// recipeShop is a folder as a CI system would check it out.
func recipeShop(t *testing.T, checks string) string {
	t.Helper()
	dir := t.TempDir()
	for file, text := range map[string]string{
		"shop.yaml":   "netcheck: 1\nid: shop\ntitle: Shop\nparams:\n  branch: {type: dns-label, required: true, ask: Which branch?}\n" + checks + "\n",
		"shop42.yaml": "netcheck-site: 1\nvalues: {branch: milano}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shell runs a step's script as a runner does.
func shell(t *testing.T, dir, script string) (status int, log string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script)
	c.Dir = dir
	c.Env = []string{"LANG=C.UTF-8", "CI=true", "PATH=" + os.Getenv("PATH"), "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary")}
	out, err := c.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), string(out)
	} else if err != nil {
		t.Fatal(err)
	}
	return 0, string(out)
}

// made holds that a pattern finds the reports, if any were to be made.
func made(t *testing.T, dir, pattern string, want bool) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	if expected := []string{"report.json", "report.md", "report.xml"}; want && !slices.Equal(names, expected) || !want && len(names) > 0 {
		t.Errorf("%s finds %v", pattern, names)
	}
}

// README's table of formats is the list of them.
func TestReadmeNamesFormats(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range formats() {
		if name != "terminal" && !bytes.Contains(readme, []byte("`"+name+"` |")) {
			t.Errorf("README does not name the format %s", name)
		}
	}
	for _, f := range report.Formats() {
		if len(f.Ext) > 0 && !bytes.Contains(readme, []byte("| `"+f.Ext[0]+"`, `"+f.Name+"` |")) {
			t.Errorf("README does not name the ending of the format %s", f.Name)
		}
	}
}
