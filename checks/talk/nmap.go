package talk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Ullaakut/nmap/v3"

	"netcheck/report/result"
)

// Nmap is the scanner of that name, where this machine has it. It is asked
// about ports of addresses that were chosen before, and nothing else: it looks
// up no name, looks for no host and runs no script. Safe for concurrent use.
type Nmap struct {
	Path    string
	Version string
	Raw     bool // it may make packets of its own, and sees TTLs and ICMP messages of the answers

	slots chan struct{} // each scan takes 50 MB
}

// NmapQuestion is what it is asked.
type NmapQuestion struct {
	Host     netip.Addr
	TCP, UDP []uint16 // UDP only where it is Raw
	Service  bool     // and who serves the open ones: takes some seconds each
}

// NmapMemo is under what name a run remembers which nmap it has.
const NmapMemo = "nmap"

// ToolError says why a program can't be used, and how to get one that can.
type ToolError struct{ Why, How string }

func (e *ToolError) Error() string { return e.Why + "; " + e.How }

// Failure makes it a finding about this machine.
func (*ToolError) Failure() result.Failure { return result.FailTool }

const (
	// oldestNmap is of 2016: the first whose packet driver Windows 10 accepts
	// as signed. What systems that are still looked after bring along is newer.
	oldestMajor, oldestMinor = 7, 40
	// startTakes is for a program that was never started on a slow disk before,
	// and is looked at by a virus scanner first.
	startTakes = 10 * time.Second
	// scansAtOnce leaves a till with 2 GB enough to sell.
	scansAtOnce = 3
)

var nmapVersion = regexp.MustCompile(`(?m)^Nmap version (\d{1,4})\.(\d{1,4})`)

// FindNmap looks for the program and finds out what it can do. The error is a
// *ToolError if it can't be used. It is never taken from the current folder.
func FindNmap(ctx context.Context) (*Nmap, error) {
	path, err := exec.LookPath("nmap")
	if err != nil {
		path = installed()
	}
	if path == "" {
		return nil, &ToolError{"nmap is not installed", howToGetNmap()}
	}
	ctx, cancel := context.WithTimeout(ctx, startTakes)
	defer cancel()
	n := &Nmap{Path: path, Raw: mayBeRaw(), slots: make(chan struct{}, scansAtOnce)}
	out, err := n.run(ctx, []string{"--version"}, 16<<10, nil)
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		return nil, ctx.Err()
	}
	m := nmapVersion.FindSubmatch(out)
	if m == nil {
		why := "does not say which version it is"
		if err != nil {
			why = "can't be run: " + Clean(err.Error(), 120)
		}
		return nil, &ToolError{fmt.Sprintf("%s %s", path, why), howToGetNmap()}
	}
	major, _ := strconv.Atoi(string(m[1]))
	minor, _ := strconv.Atoi(string(m[2]))
	n.Version = fmt.Sprintf("%s.%s", m[1], m[2])
	if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		return nil, &ToolError{fmt.Sprintf("nmap %s is too old, it takes %d.%d or newer", n.Version, oldestMajor, oldestMinor), howToGetNmap()}
	}
	return n, nil
}

func howToGetNmap() string {
	switch runtime.GOOS {
	case "windows":
		return "get it from https://nmap.org/download, with the Npcap that comes with it"
	case "darwin":
		return "get it by brew install nmap"
	}
	return "get it by apt install nmap, dnf install nmap or the like"
}

// mayBeRaw tells whether nmap may be able to make packets. On Windows its
// driver may let anybody; a NMAP_PRIVILEGED in the environment is how who set
// it up says so elsewhere.
func mayBeRaw() bool {
	return runtime.GOOS == "windows" || os.Geteuid() == 0 || os.Getenv("NMAP_PRIVILEGED") != ""
}

// ErrNotRaw is why a port was not asked by UDP.
var ErrNotRaw = &ToolError{"nmap asks by UDP only where it may make packets of its own", "run netcheck as administrator (root)"}

// Ask runs one scan of one host. What it has seen when ctx ends is lost but for
// the hosts that it is done with, which with one host is all or nothing. told,
// if there is one, hears how much is done, in per cent.
func (n *Nmap) Ask(ctx context.Context, q NmapQuestion, told func(percent float64)) (*NmapAnswer, error) {
	select {
	case n.slots <- struct{}{}:
		defer func() { <-n.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	raw := n.Raw
	for {
		if !raw {
			if q.UDP = nil; len(q.TCP) == 0 {
				return nil, ErrNotRaw
			}
		}
		a, err := n.once(ctx, q, raw, told)
		if err == nil || !raw || ctx.Err() != nil || errors.Is(err, errTooMuch) {
			return a, err
		}
		raw = false // root of a container, a link that its driver does not know: as any user, then
	}
}

func (n *Nmap) once(ctx context.Context, q NmapQuestion, raw bool, told func(percent float64)) (*NmapAnswer, error) {
	args, err := n.args(ctx, q, raw)
	if err != nil {
		return nil, err
	}
	ports := len(q.TCP) + len(q.UDP)
	out, err := n.run(ctx, args, headTakes+ports*portTakes, told)
	a, unread := readNmap(out, q)
	switch {
	case unread == nil && (err == nil || len(a.Ports) > 0):
		a.Raw = raw
		return a, nil
	case err == nil:
		err = unread
	}
	return nil, err
}

const (
	// headTakes and portTakes bound what it may write: an element of a port,
	// with the fingerprint of a service that it does not know, is below 8 KB.
	headTakes = 128 << 10
	portTakes = 16 << 10
)

// The times of a scan: twice the round trip of a satellite, and two more asks
// where none is answered, so that a few lost packets do not decide.
const (
	firstWait = time.Second
	mostWait  = 2 * time.Second
	askAgain  = 2
)

var interfaceName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// args are made of numbers and of an address that was parsed: nothing that
// somebody wrote gets into them.
func (n *Nmap) args(ctx context.Context, q NmapQuestion, raw bool) ([]string, error) {
	host := q.Host.Unmap()
	if zone := host.Zone(); zone != "" && !interfaceName.MatchString(zone) {
		host = host.WithZone("")
	}
	var ports []string
	for _, p := range q.TCP {
		ports = append(ports, fmt.Sprintf("T:%d", p))
	}
	for _, p := range q.UDP {
		ports = append(ports, fmt.Sprintf("U:%d", p))
	}
	if !host.IsValid() || len(ports) == 0 {
		return nil, errors.New("nmap needs an address and a port")
	}
	options := []nmap.Option{
		nmap.WithBinaryPath(n.Path), nmap.WithSkipHostDiscovery(), nmap.WithDisabledDNSResolution(), nmap.WithReason(),
		nmap.WithTimingTemplate(nmap.TimingAggressive), nmap.WithMaxRetries(askAgain),
		nmap.WithInitialRTTTimeout(firstWait), nmap.WithMaxRTTTimeout(mostWait),
		nmap.WithStatsEvery("1s"), nmap.WithPorts(strings.Join(ports, ",")),
	}
	options = append(options, keysAside()...)
	if host.Is6() {
		options = append(options, nmap.WithIPv6Scanning())
	}
	switch {
	case !raw:
		options = append(options, nmap.WithUnprivileged(), nmap.WithConnectScan())
	default:
		options = append(options, nmap.WithPrivileged())
		if len(q.TCP) > 0 {
			options = append(options, nmap.WithSYNScan())
		}
		if len(q.UDP) > 0 {
			options = append(options, nmap.WithUDPScan())
		}
	}
	if q.Service {
		options = append(options, nmap.WithServiceInfo(), nmap.WithVersionLight())
	}
	s, err := nmap.NewScanner(ctx, append(options, nmap.WithTargets(host.String()))...)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{"-oX", "-"}, s.Args()), nil
}

// environment is all that nmap gets to know of this one's: where it finds the
// programs and libraries of its system, and who runs it.
func environment() []string {
	env := []string{"LC_ALL=C", "PATH=" + cmp.Or(os.Getenv("PATH"), "/usr/bin:/bin")}
	for _, name := range []string{"HOME", "SYSTEMROOT", "SYSTEMDRIVE", "PROGRAMFILES", "APPDATA", "TEMP", "TMP"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
