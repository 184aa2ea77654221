package lab

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// confined runs the test again where a world can be built.
func confined(t *testing.T) bool {
	t.Helper()
	if os.Getenv("LAB_INSIDE") == t.Name() {
		return true
	}
	probe := exec.CommandContext(t.Context(), "true")
	Confine(probe)
	if err := probe.Run(); err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal("no lab here: ", err)
		}
		t.Skip("no lab here: ", err)
	}
	run := func() ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.parallel=16", "-test.timeout=3m") // they wait more than they work
		cmd.Env = append(os.Environ(), "LAB_INSIDE="+t.Name())
		Confine(cmd)
		return cmd.CombinedOutput()
	}
	// A machine that runs other packages' tests beside these has other times:
	// what is broken is tried once more before it is said to be.
	out, err := run()
	if err != nil {
		t.Logf("at first: %v\n%s", err, out)
		out, err = run()
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// TestProberHasNoRights: else a run in the lab proves nothing for a
// technician without them.
func TestProberHasNoRights(t *testing.T) {
	if !confined(t) {
		return
	}
	start := time.Now()
	w, err := New("")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if took := time.Since(start); took > 2*time.Second { // a tenth of it on a machine with nothing else to do
		t.Errorf("the world took %v to stand", took)
	}
	var out bytes.Buffer
	if err := w.Probe(t.Context(), "rights", nil, &out, &out); err != nil {
		t.Fatal(err, out.String())
	}
	want := "Uid: 65534\nCapPrm: 0000000000000000\nCapEff: 0000000000000000\nCapAmb: 0000000000000000\nNoNewPrivs: 1\n"
	if got := out.String(); got != want {
		t.Errorf("the prober has\n%s\nwant\n%s", got, want)
	}
}

// TestVerbs: what a verb promises is what the till meets.
func TestVerbs(t *testing.T) {
	if !confined(t) {
		return
	}
	const silent = unix.Errno(0)
	for _, c := range []struct {
		name, world, to string
		want            error
	}{
		{"open", "open cloud 198.51.100.10 443", "198.51.100.10:443", nil},
		{"open, IPv6", "open cloud 2001:db8:c::10 443", "[2001:db8:c::10]:443", nil},
		{"closed", "", "198.51.100.10:443", unix.ECONNREFUSED},
		{"another net", "addresses till=10.9.8.7/24 server=10.9.8.8/24 gateway=10.9.8.1/24 cloud=198.18.7.0/24\nopen cloud 198.18.7.12 443", "198.18.7.12:443", nil},
		{"two gateways", "two gateways\nopen cloud 198.51.100.10 443", "198.51.100.10:443", nil},
		{"VLAN", "vlan 192.168.20.0/24\nopen vlan 192.168.20.20 443", "192.168.20.20:443", nil},
		{"no NAT", "no nat\nopen cloud 198.51.100.10 443", "198.51.100.10:443", nil},
		{"no IPv6", "no ipv6\nopen cloud 2001:db8:c::10 443", "[2001:db8:c::10]:443", unix.ENETUNREACH},
		{"near", "open server 192.168.1.20 443", "192.168.1.20:443", nil},
		{"another address", "also cloud 198.18.0.1\nopen cloud 198.18.0.1 443", "198.18.0.1:443", nil},
		{"late", "link wan delay 50ms\nopen cloud 198.51.100.10 443", "198.51.100.10:443", nil},
		{"drop", "open cloud 198.51.100.10 443\ndrop gateway tcp 443", "198.51.100.10:443", silent},
		{"drop early", "open cloud 198.51.100.10 443\ndrop provider early tcp 443", "198.51.100.10:443", silent},
		{"drop another port", "open cloud 198.51.100.10 443\ndrop core tcp 80,444-500 to 198.51.100.0/24", "198.51.100.10:443", nil},
		{"drop answers", "open cloud 198.51.100.10 443\ndrop provider tcp from-port 443", "198.51.100.10:443", silent},
		{"drop at the server", "open cloud 2001:db8:c::10 443\ndrop cloud tcp 443", "[2001:db8:c::10]:443", silent},
		{"drop all, accept some", "open cloud 198.51.100.10 443\naccept gateway tcp 443\ndrop gateway tcp syn", "198.51.100.10:443", nil},
		{"drop by chance", "open cloud 198.51.100.10 443\ndrop gateway tcp chance 100%", "198.51.100.10:443", silent},
		{"drop large", "open cloud 198.51.100.10 443\ndrop gateway larger 1280", "198.51.100.10:443", nil},
		{"drop smaller", "open cloud 2001:db8:c::10 443\ndrop gateway larger 60", "[2001:db8:c::10]:443", silent},
		{"reject", "reject core admin-prohibited tcp", "198.51.100.10:443", unix.EHOSTUNREACH},
		{"reject, IPv6", "reject core admin-prohibited tcp", "[2001:db8:c::10]:443", unix.EACCES},
		{"reject, net", "reject gateway net-prohibited tcp", "198.51.100.10:443", unix.ENETUNREACH},
		{"reset", "open cloud 198.51.100.10 443\nreset provider tcp 443", "198.51.100.10:443", unix.ECONNREFUSED},
		{"no default route", "no route till default", "198.51.100.10:443", unix.ENETUNREACH},
		{"blackhole", "route till 198.51.100.0/24 blackhole", "198.51.100.10:443", unix.EINVAL},
		{"no route there", "route provider 198.51.100.0/24 unreachable", "198.51.100.10:443", unix.EHOSTUNREACH},
		{"loop", "loop 192.0.2.0/24 provider core", "192.0.2.10:443", unix.EHOSTUNREACH},
		{"loop, IPv6", "loop 2001:db8:c::/64 provider core", "[2001:db8:c::10]:443", unix.EHOSTUNREACH},
		{"nobody there", "", "198.51.100.99:443", unix.EHOSTUNREACH},
		{"cable out", "down till", "198.51.100.10:443", unix.ENETUNREACH},
		{"no address", "no address till", "198.51.100.10:443", unix.ENETUNREACH},
		{"dead gateway", "dead gateway", "198.51.100.10:443", unix.EHOSTUNREACH},
		{"splice", "open cloud 198.51.100.10 443\nsplice gateway 443", "198.51.100.10:443", nil},
		{"splice, IPv6, nobody there", "splice provider 443", "[2001:db8:c::99]:443", nil},
		{"answer all", "answer all gateway 1-65535\ndrop core to 192.0.2.99", "192.0.2.99:9", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, err := New(c.world)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			patience := 4 * time.Second // longer than it takes to find out that nobody is there
			if c.want == silent {
				patience = time.Second // shorter than a second try: what is silent once is
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			conn, err := w.Dial(ctx, "till", "tcp", c.to)
			if err == nil {
				conn.Close()
			}
			timeout, _ := errors.AsType[net.Error](err)
			switch {
			case c.want == silent:
				if timeout == nil || !timeout.Timeout() {
					t.Errorf("%v, want silence", err)
				}
			case !errors.Is(err, c.want):
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestVerbsSayWhatIsWrong: a slip in a case is no empty world.
func TestVerbsSayWhatIsWrong(t *testing.T) {
	if !confined(t) {
		return
	}
	for _, line := range []string{"dropp gateway", "open", "drop nowhere tcp 1", "drop gateway tcp x", "reject gateway maybe tcp", "link wan loss", "loop 192.0.2.0/24 till cloud", "dead till", "squid gateway 192.168.1.1 x", "vsftpd cloud 198.51.100.10 21 nonsense"} {
		w, err := New(line)
		if err == nil {
			w.Close()
			t.Errorf("%q builds a world", line)
		} else if first, _, _ := strings.Cut(line, " "); !strings.Contains(err.Error(), first) {
			t.Errorf("%q: %v does not say where", line, err)
		}
	}
}
