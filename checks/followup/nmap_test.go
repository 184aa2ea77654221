package followup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// inItsPlace puts a program in nmap's place: nobody is contacted.
func inItsPlace(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("takes a shell")
	}
	dir := t.TempDir()
	script = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'Nmap version 7.93 ( https://nmap.org )'; exit; fi\n" + script
	if err := os.WriteFile(filepath.Join(dir, "nmap"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
}

// troubled is a run in which ports of two addresses failed.
func troubled() *result.Report {
	return reportOf(
		result.Check{ID: "web", Kind: "tcp", Verdict: result.Pass, Results: []result.Result{{Address: "198.51.100.7", Ports: "443", Proto: "tcp", State: result.Open}}},
		result.Check{ID: "pay", Kind: "tcp", Verdict: result.Fail, Results: []result.Result{{
			Address: "198.51.100.7", Ports: "9000-9009", Proto: "tcp", State: result.Filtered, Failure: result.FailConnectTimeout,
		}}},
		result.Check{ID: "media", Kind: "udp", Verdict: result.Inconclusive, Results: []result.Result{{
			Address: "192.0.2.9", Ports: "3478", Proto: "udp", State: result.Filtered, Failure: result.FailNoReply,
		}}},
		result.Check{ID: "own", Kind: "tcp", Verdict: result.Fail, Results: []result.Result{{
			Address: "127.0.0.1", Ports: "9", Proto: "tcp", State: result.Closed, Failure: result.FailRefused,
		}}},
		result.Check{ID: "odd", Kind: "tls", Verdict: result.Fail, Steps: []result.Step{
			{Op: result.OpConnect, Facts: result.Facts{"network.peer.address": "203.0.113.5", "network.peer.port": 443}},
			{Op: result.OpHandshake, Failure: result.FailNotTLS},
		}},
	)
}

// What failed is asked, from both ends of a range, with a control of the same
// address; this machine's own ports are not, and services only where what
// answers is not understood.
func TestNmapAsks(t *testing.T) {
	dir := t.TempDir()
	inItsPlace(t, "echo \"$*\" >> "+dir+"/asked; echo '<nmaprun></nmaprun>'")
	t.Setenv("NMAP_PRIVILEGED", "1")
	if err := Nmap(t.Context(), troubled(), &engine.Env{}, nil); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(dir + "/asked")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		_, ports, _ := strings.Cut(strings.TrimSpace(line), " -p ")
		got = append(got, ports)
	}
	want := map[string]bool{
		"T:9000,T:9009,T:443 --privileged -sS 198.51.100.7":      true,
		"U:3478 --privileged -sU 192.0.2.9":                      true,
		"T:443 --privileged -sS -sV --version-light 203.0.113.5": true,
	}
	seen := map[string]bool{}
	for _, g := range got {
		seen[g] = true
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestNmapMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := troubled()
	err := Nmap(t.Context(), r, &engine.Env{}, nil)
	if _, ok := errors.AsType[*talk.ToolError](err); !ok && runtime.GOOS != "windows" {
		t.Errorf("got %v", err)
	}
	if len(r.Followups) != 1 || r.Followups[0].Steps[0].Failure != result.FailTool || !strings.Contains(r.Followups[0].Steps[0].Err, "not installed") {
		t.Errorf("got %+v", r.Followups)
	}
}

// When a person has had enough, what is done by then is kept.
func TestNmapInterrupted(t *testing.T) {
	inItsPlace(t, `case "$*" in
*198.51.100.7*) echo '<nmaprun><host><address addr="198.51.100.7" addrtype="ipv4"/><ports><port protocol="tcp" portid="9000"><state state="filtered" reason="no-response"/></port></ports></host></nmaprun>';;
*) sleep 1000;;
esac`)
	t.Setenv("NMAP_PRIVILEGED", "1")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := 0
	var stopped time.Time
	r := troubled()
	_ = Nmap(ctx, r, &engine.Env{}, func(done, total int) {
		told++
		if done == 100 && total == 300 { // one of three
			stopped = time.Now()
			cancel()
		}
	})
	if took := time.Since(stopped); stopped.IsZero() || took > 100*time.Millisecond {
		t.Errorf("it took %s to stop", took)
	}
	kept := false
	for _, f := range r.Followups {
		kept = kept || f.Port == 9000 && f.Steps[0].Facts["nmap.reason"] == "no-response"
	}
	if !kept || told == 0 {
		t.Errorf("told %d times, got %+v", told, r.Followups)
	}
}
