package talk

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var here = netip.MustParseAddr("127.0.0.1")

// misbehaving puts a program in nmap's place, in a folder that is the whole
// path but for the system's own.
func misbehaving(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("takes a shell")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nmap"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
}

const says793 = `if [ "$1" = --version ]; then echo 'Nmap version 7.93 ( https://nmap.org )'; exit; fi
`

func TestFindNmap(t *testing.T) {
	for _, c := range []struct{ name, script, why string }{
		{"too old", "echo 'Nmap version 6.47 ( http://nmap.org )'", "nmap 6.47 is too old, it takes 7.40 or newer"},
		{"something else", "echo hello", "does not say which version it is"},
		{"broken", "echo 'cannot open shared object file' >&2; exit 127", "can't be run: nmap failed: exit status 127: cannot open shared object file"},
		{"endless", "yes", "can't be run: nmap wrote more than its question can bring"},
	} {
		t.Run(c.name, func(t *testing.T) {
			misbehaving(t, c.script)
			_, err := FindNmap(t.Context())
			tool, ok := errors.AsType[*ToolError](err)
			if !ok || !strings.Contains(tool.Why, c.why) || tool.How == "" {
				t.Errorf("got %v, want %q", err, c.why)
			}
		})
	}
	t.Run("good", func(t *testing.T) {
		misbehaving(t, says793)
		if n, err := FindNmap(t.Context()); err != nil || n.Version != "7.93" {
			t.Errorf("got %+v, %v", n, err)
		}
	})
}

// A program that lies about in the folder where somebody stands is not run.
func TestFindNmapNotHere(t *testing.T) {
	misbehaving(t, says793)
	path, err := exec.LookPath("nmap")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(path))
	t.Setenv("PATH", ".")
	if n, err := FindNmap(t.Context()); err == nil {
		t.Errorf("it is %s", n.Path)
	}
}

// found is the nmap of the path.
func found(t *testing.T) *Nmap {
	t.Helper()
	n, err := FindNmap(t.Context())
	if err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return n
}

// When the time is over, or a person has had enough, it ends at once, and with
// it whatever it has started.
func TestNmapEnds(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	misbehaving(t, says793+"sleep 1000 & echo $$ $! > "+pids+".new; mv "+pids+".new "+pids+"; trap '' TERM INT HUP; wait")
	n := found(t)
	ctx, cancel := context.WithCancel(t.Context())
	var stopped time.Time
	go func() {
		defer cancel()
		for t.Context().Err() == nil {
			if _, err := os.Stat(pids); err == nil {
				break
			}
			runtime.Gosched() // until the script has come so far
		}
		stopped = time.Now()
	}()
	if _, err := n.Ask(ctx, NmapQuestion{Host: here, TCP: []uint16{1}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(stopped); took > 100*time.Millisecond {
		t.Errorf("it went on for %s", took)
	}
	text, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range strings.Fields(string(text)) {
		if !gone(t, pid) {
			t.Errorf("%s is still there", pid)
		}
	}
}

// gone tells whether a process ends, or has: one that is killed takes a moment.
func gone(t *testing.T, pid string) bool {
	t.Helper()
	for end := time.Now().Add(time.Second); alive(pid); {
		if time.Now().After(end) {
			return false
		}
		runtime.Gosched()
	}
	return true
}

// alive tells whether a process runs. One that has ended and was not buried by
// whoever inherited it does not.
func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

// What it leaves behind when it has ended by itself ends too, and is not waited
// for.
func TestNmapLeavesNobody(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	misbehaving(t, says793+"sleep 1000 & echo $! > "+pid+"; echo '<nmaprun></nmaprun>'")
	n := found(t)
	begin := time.Now()
	if _, err := n.Ask(t.Context(), NmapQuestion{Host: here, TCP: []uint16{1}}, nil); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it was waited for: %s", took)
	}
	text, err := os.ReadFile(pid)
	if err != nil || !gone(t, strings.TrimSpace(string(text))) {
		t.Errorf("%s is still there (%v)", text, err)
	}
}

// It gets to know nothing of this program's environment that it does not need.
func TestNmapEnvironment(t *testing.T) {
	env := filepath.Join(t.TempDir(), "env")
	misbehaving(t, says793+"env > "+env+"; pwd >> "+env+"; echo '<nmaprun></nmaprun>'")
	t.Setenv("NETCHECK_PARAM_PASSWORD", "s3ntinel-4711")
	if _, err := found(t).Ask(t.Context(), NmapQuestion{Host: here, TCP: []uint16{1}}, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(env)
	if err != nil || strings.Contains(string(text), "s3ntinel") || !strings.Contains(string(text), "LC_ALL=C") {
		t.Errorf("%v\n%s", err, text)
	}
	wd, err := os.Getwd()
	if err != nil || strings.Contains(string(text), wd+"\n") {
		t.Errorf("it runs in the current folder (%v)", err)
	}
}

// How far it is can be shown.
func TestNmapTells(t *testing.T) {
	misbehaving(t, says793+`echo '<nmaprun><taskprogress task="SYN Stealth Scan" time="1" percent="42.50" remaining="3" etc="4"/><taskprogress task="x" percent="900.0"/></nmaprun>'`)
	var told []float64
	if _, err := found(t).Ask(t.Context(), NmapQuestion{Host: here, TCP: []uint16{1}}, func(percent float64) { told = append(told, percent) }); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]float64{42.5}, told); diff != "" {
		t.Error(diff)
	}
}

// Where its own packets are refused it asks as any user does.
func TestNmapFallsBack(t *testing.T) {
	misbehaving(t, says793+`case "$*" in
*--unprivileged*) echo '<nmaprun><host><address addr="127.0.0.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="1"><state state="open" reason="syn-ack" reason_ttl="0"/></port></ports></host></nmaprun>';;
*) echo "Couldn't open a raw socket. Error: Operation not permitted (1)" >&2; exit 1;;
esac`)
	n := found(t)
	n.Raw = true
	a, err := n.Ask(t.Context(), NmapQuestion{Host: here, TCP: []uint16{1}, UDP: []uint16{2}}, nil)
	if err != nil || a.Raw || len(a.Ports) != 1 {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := n.Ask(t.Context(), NmapQuestion{Host: here, UDP: []uint16{2}}, nil); !errors.Is(err, ErrNotRaw) {
		t.Errorf("got %v", err)
	}
}

func TestNmapArguments(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there it has one more")
	}
	const always = "-oX - -Pn -n --reason -T4 --max-retries 2 --initial-rtt-timeout 1000ms --max-rtt-timeout 2000ms --stats-every 1s -p "
	for _, c := range []struct {
		name string
		q    NmapQuestion
		raw  bool
		want string
	}{
		{"any user", NmapQuestion{Host: here, TCP: []uint16{80, 443}}, false, always + "T:80,T:443 --unprivileged -sT 127.0.0.1"},
		{"root", NmapQuestion{Host: here, TCP: []uint16{80}, UDP: []uint16{53}}, true, always + "T:80,U:53 --privileged -sS -sU 127.0.0.1"},
		{"udp alone", NmapQuestion{Host: here, UDP: []uint16{53}}, true, always + "U:53 --privileged -sU 127.0.0.1"},
		{"service", NmapQuestion{Host: here, TCP: []uint16{22}, Service: true}, false, always + "T:22 --unprivileged -sT -sV --version-light 127.0.0.1"},
		{"IPv6", NmapQuestion{Host: netip.MustParseAddr("fe80::1%eth0"), TCP: []uint16{22}}, false, always + "T:22 -6 --unprivileged -sT fe80::1%eth0"},
		{"odd zone", NmapQuestion{Host: netip.MustParseAddr("fe80::1%e --script=x"), TCP: []uint16{22}}, false, always + "T:22 -6 --unprivileged -sT fe80::1"},
		{"mapped", NmapQuestion{Host: netip.MustParseAddr("::ffff:127.0.0.1"), TCP: []uint16{22}}, false, always + "T:22 --unprivileged -sT 127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := (&Nmap{Path: "/usr/bin/nmap"}).args(t.Context(), c.q, c.raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := (&Nmap{Path: "/usr/bin/nmap"}).args(t.Context(), NmapQuestion{TCP: []uint16{1}}, false); err == nil {
		t.Error("no address is no mistake")
	}
}
