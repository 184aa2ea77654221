package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// imports is who may import whom, each line with its reason. A package that is
// not here may not exist: a new one is a decision.
var imports = map[string]struct {
	may []string
	why string
}{
	"cmd/netcheck": {
		[]string{
			"checks", "checks/dial", "checks/engine", "checks/followup", "checks/machine", "checks/standin", "checks/talk",
			"checks/vantage", "checks/vantage/server", "cmd/netcheck/demo",
			"profiles", "profiles/value", "report", "report/diagnosis", "report/firewall", "report/i18n", "report/result",
		}, "wires everything, and is imported by nothing",
	},
	"cmd/netcheck/demo": {
		[]string{"report/result"}, "servers and what they must look like; it must not know how netcheck looks at them",
	},
	"profiles":       {[]string{"profiles/value"}, "the format is pure: it must load where no check can run"},
	"profiles/value": {nil, "the smallest words of the format, shared by loader and kinds"},
	"checks": {
		[]string{"checks/dial", "checks/engine", "checks/machine", "checks/standin", "checks/talk", "checks/vantage", "profiles/value", "report/result"},
		"kinds use the engine's seam and the ways onto the network; they never see a report being made or shown",
	},
	"checks/checktest": {
		[]string{"checks/dial", "checks/engine", "checks/standin", "checks/talk", "checks/vantage/server", "internal/servers", "profiles", "profiles/value", "report/result"},
		"worlds for tests of kinds; imported by tests alone",
	},
	"checks/engine": {
		[]string{"checks/dial", "profiles", "profiles/value", "report/result"},
		"schedules and records without knowing any protocol or kind",
	},
	"checks/followup": {
		[]string{"checks/dial", "checks/engine", "checks/machine", "checks/talk", "checks/vantage", "report/result"},
		"asks once more by the same ways as the kinds, and knows no kind and no cause",
	},
	"checks/standin": {nil, "the question and answer by which netcheck knows its own stand-in; any side may speak it"},
	"checks/vantage": {
		[]string{"checks/standin", "checks/talk", "report/result"},
		"what netcheck and its helper outside say to each other: any side may speak it; a stand-in's proof goes from one to the other, and what strangers say is made harmless",
	},
	"checks/vantage/server": {
		[]string{"checks/dial", "checks/standin", "checks/vantage", "report/result"},
		"the helper outside calls back by the ways of a probe, and knows nothing of profiles, kinds and diagnosis",
	},
	"checks/talk":      {[]string{"checks/dial", "report/result"}, "one question in one protocol, for kinds and follow-ups alike: it knows neither"},
	"checks/dial":      {[]string{"report/result"}, "the way onto the network knows only how to word its evidence"},
	"checks/machine":   {[]string{"report/result"}, "facts of this machine, without contacting anything"},
	"report":           {[]string{"report/command", "report/i18n", "report/portset", "report/result"}, "a saved report is rendered where no check can run"},
	"report/portset":   {[]string{"report/result"}, "ports as a report has them, for formats and findings alike"},
	"report/command":   {[]string{"report/result"}, "a command to copy, for formats and findings alike"},
	"report/diagnosis": {[]string{"report/command", "report/i18n", "report/portset", "report/result"}, "pure: a saved report is diagnosed again, offline, with the same answer"},
	"report/firewall":  {[]string{"report", "report/i18n", "report/portset", "report/result"}, "what to ask of firewalls is worded from declarations and reports alone, where no check can run"},
	"report/i18n":      {nil, "words by key, for whoever has something to say"},
	"report/result":    {nil, "the contract with whoever reads reports: nothing of ours behind it"},
}

// only says which packages may import a library: it is an idea of theirs.
var only = map[string]struct {
	by  []string
	why string
}{
	"go.yaml.in/yaml/v4":                  {[]string{"profiles", "profiles/value"}, "kinds decode through the one strict door"},
	"github.com/spf13/cobra":              {[]string{"cmd/netcheck"}, "only the command line knows flags"},
	"github.com/spf13/pflag":              {[]string{"cmd/netcheck"}, "only the command line knows flags"},
	"github.com/charmbracelet/lipgloss":   {[]string{"report"}, "only the terminal format has colours"},
	"charm.land/bubbles/v2":               {[]string{"cmd/netcheck"}, "only the command line asks a person"},
	"charm.land/bubbletea/v2":             {[]string{"cmd/netcheck"}, "only the command line asks a person"},
	"charm.land/huh/v2":                   {[]string{"cmd/netcheck"}, "only the command line asks a person"},
	"charm.land/lipgloss/v2":              {[]string{"cmd/netcheck"}, "the form's generation; what is printed has the first"},
	"github.com/miekg/dns":                {[]string{"checks/talk", "internal/servers", "cmd/netcheck/demo"}, "one place asks DNS questions; the others answer them"},
	"github.com/Ullaakut/nmap/v3":         {[]string{"checks/talk"}, "one place starts another program, in bounds"},
	"golang.org/x/crypto/ssh":             {[]string{"checks", "checks/checktest", "checks/talk"}, "one place speaks SSH; the kinds read its keys, the tests make some"},
	"github.com/pion/stun/v3":             {[]string{"checks/talk", "checks/vantage/server"}, "one place asks from where it is seen; the helper outside answers"},
	"github.com/pkg/sftp":                 {[]string{"checks/checktest", "checks/talk"}, "one place looks at files; the tests have some"},
	"github.com/prometheus/client_golang": {[]string{"checks/vantage/server"}, "only what runs for months is counted"},
	"golang.org/x/crypto/acme":            {[]string{"cmd/netcheck"}, "only the command that serves gets itself a certificate"},
	"github.com/chromedp/chromedp":        {nil, "a browser is for tests alone"},
	"golang.org/x/net/publicsuffix":       {[]string{"report"}, "which part of a name is somebody's own matters only before a report is handed on"},
	"golang.org/x/term":                   {[]string{"cmd/netcheck"}, "only the command line has a terminal"},
}

// TestImports holds the table against what the packages import, on each system.
func TestImports(t *testing.T) {
	for _, goos := range []string{"linux", "windows", "darwin"} {
		t.Run(goos, func(t *testing.T) {
			for path, found := range packages(t, goos) {
				name := strings.TrimPrefix(path, "netcheck/")
				if strings.HasPrefix(name, "internal/") {
					continue // tools and laboratories for the developers: nothing of ours imports them
				}
				rule, ok := imports[name]
				if !ok {
					t.Errorf("package %s is not in the table: say who it may import, and why", name)
					continue
				}
				for _, i := range found {
					if ours, ok := strings.CutPrefix(i, "netcheck/"); ok && !slices.Contains(rule.may, ours) {
						t.Errorf("%s imports %s, but %s", name, ours, rule.why)
					}
					for library, r := range only {
						if (i == library || strings.HasPrefix(i, library+"/")) && !slices.Contains(r.by, name) {
							t.Errorf("%s imports %s, but %s", name, i, r.why)
						}
					}
				}
			}
		})
	}
}

// TestImportsTableIsTight finds lines of the tables that nothing needs.
func TestImportsTableIsTight(t *testing.T) {
	found := map[string]map[string]bool{}
	for _, goos := range []string{"linux", "windows", "darwin"} {
		for path, imported := range packages(t, goos) {
			name := strings.TrimPrefix(path, "netcheck/")
			if found[name] == nil {
				found[name] = map[string]bool{}
			}
			for _, i := range imported {
				found[name][i] = true
			}
		}
	}
	for name, rule := range imports {
		if rule.why == "" {
			t.Errorf("%s: the line has no reason", name)
		}
		if found[name] == nil {
			t.Errorf("%s: there is no such package", name)
			continue
		}
		for _, i := range rule.may {
			if !found[name]["netcheck/"+i] {
				t.Errorf("%s may import %s, and does not", name, i)
			}
		}
	}
	for library, r := range only {
		for _, name := range r.by {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(found[name])), func(i string) bool { return i == library || strings.HasPrefix(i, library+"/") }) {
				t.Errorf("%s may be imported by %s, and is not", library, name)
			}
		}
	}
}

// packages lists our packages with what they import, tests aside.
func packages(t *testing.T, goos string) map[string][]string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "netcheck/...")
	c.Env = append(c.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p.Imports
	}
}
