package main

import (
	_ "embed"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"netcheck/checks/vantage"
	"netcheck/checks/vantage/server"
	"netcheck/profiles/value"
)

var (
	//go:embed deploy/netcheck-vantage.service
	unitFile []byte
	//go:embed deploy/Containerfile
	containerFile []byte
)

// deployments are the ways to run a helper for good that it can print.
var deployments = map[string][]byte{"systemd": unitFile, "container": containerFile}

// outside is everything that a helper outside is told.
type outside struct {
	listen, metrics, stun string
	cert, key             string
	acme, cache           string
	plain                 bool
	tokenFile             string
	ports                 []string
	profiles              []string
	print                 string
	o                     server.Options
}

func newVantage(s *streams) *cobra.Command {
	v := &outside{}
	c := &cobra.Command{
		Use:   "vantage",
		Short: "Be the helper outside that calls shops back",
		Long: `Be the helper outside: run on a machine with a public address, it calls back
whoever asks it, to see whether a port of the shop is reachable from the internet.
Shops name it by netcheck run --vantage URL, or their profile does.

It calls nobody but the address that a request came from, and no address that is
not a public one. It sends nothing but the one line that asks for netcheck itself,
and returns nothing of what answers but netcheck's own proof. Without --ports and
--profile any port may be asked for, at most 5 in a request.

Its log goes to stderr, a line for each request. A token that shops must have is
read from --token-file, or from NETCHECK_VANTAGE_TOKEN_FILE or
NETCHECK_VANTAGE_TOKEN in the environment. With --acme the certificate comes from
Let's Encrypt, to whose terms you then agree; port 443 must be reachable.`,
		Example: `  netcheck vantage --acme vantage.example.com --contact abuse@example.com
  netcheck vantage --tls-cert cert.pem --tls-key key.pem --ports 8080,9000-9999
  netcheck vantage --print systemd > /etc/systemd/system/netcheck-vantage.service`,
		Args: arguments(0, 0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if v.print != "" {
				return s.printDeployment(c, v.print)
			}
			if err := v.check(); err != nil {
				return err
			}
			var err error
			if v.o.Token, err = s.vantageToken(v.tokenFile); err != nil {
				return err
			}
			if err := v.tokenReachesIt(); err != nil {
				return err
			}
			if v.o.Ports, err = s.vantagePorts(c.Context(), v.ports, v.profiles); err != nil {
				return err
			}
			return s.vantage(c.Context(), v)
		},
	}
	v.flags(c)
	return c
}

func (v *outside) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&v.listen, "listen", ":443", "`address` to answer at: a port, perhaps with an address before it")
	f.StringVar(&v.acme, "acme", "", "get the certificate for this `host` from Let's Encrypt")
	f.StringVar(&v.cache, "acme-cache", "", "`folder` to keep that in (default $STATE_DIRECTORY, else in the user's cache)")
	f.StringVar(&v.cert, "tls-cert", "", "PEM `file` with the certificate and those that signed it; read again when it changes")
	f.StringVar(&v.key, "tls-key", "", "PEM `file` with its key")
	f.BoolVar(&v.plain, "plain", false, "answer without TLS: in a laboratory")
	f.BoolVar(&v.o.AllowPrivate, "allow-private", false, "also call private and other addresses that are not public: in a laboratory")
	f.StringSliceVar(&v.ports, "ports", nil, "`ports` that may be asked for, such as 8080,9000-9999, and no others")
	f.StringArrayVar(&v.profiles, "profile", nil, "allow the public ports that this `profile` names itself, where they are not each shop's own; repeatable")
	f.StringVar(&v.tokenFile, "token-file", "", "`file` with the token that who asks must have")
	f.StringVar(&v.o.Contact, "contact", "", "whom to tell of abuse, shown to who asks: an address or a `sentence`")
	f.StringVar(&v.stun, "stun", "", "also answer STUN (RFC 8489) at this UDP `address`, such as :3478")
	f.StringVar(&v.metrics, "metrics", "", "metrics for Prometheus at this `address`, which strangers should not reach, such as 127.0.0.1:9090")
	f.Float64Var(&v.o.Rate, "rate", server.DefaultRate, "`number` of requests a minute to be called back, from one address (IPv6: a /64)")
	f.IntVar(&v.o.Burst, "burst", server.DefaultBurst, "`number` of these at once")
	f.Float64Var(&v.o.GlobalRate, "global-rate", server.DefaultGlobalRate, "`number` of requests a second to be called back, from all together")
	f.IntVar(&v.o.Concurrency, "concurrency", server.DefaultConcurrency, "`number` of requests answered at once")
	f.StringVar(&v.print, "print", "", "print how to run it for good: `systemd` or container")
	must(c.RegisterFlagCompletionFunc("print", cobra.FixedCompletions([]string{"systemd\ta unit", "container\ta Containerfile"}, cobra.ShellCompDirectiveNoFileComp)))
	must(c.RegisterFlagCompletionFunc("profile", completeProfiles))
	for _, name := range []string{"listen", "acme", "ports", "contact", "stun", "metrics"} {
		must(c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
}

// check finds what is wrong with the flags before anything is opened.
func (v *outside) check() error {
	ways := 0
	for _, chosen := range []bool{v.acme != "", v.cert != "" || v.key != "", v.plain} {
		if chosen {
			ways++
		}
	}
	switch {
	case ways == 0:
		return usagef("vantage needs a certificate").withHint("--acme HOST gets one, --tls-cert FILE --tls-key FILE names one; in a laboratory --plain does without")
	case ways > 1:
		return usagef("--acme, --tls-cert and --plain contradict each other")
	case (v.cert == "") != (v.key == ""):
		return usagef("--tls-cert and --tls-key go together")
	case v.acme != "" && !isHostName(v.acme):
		return usagef("--acme: %q is not the name of a host", v.acme).withHint("the bare name by which shops ask it, such as vantage.example.com, without https:// and port")
	case v.cache != "" && v.acme == "":
		return usagef("--acme-cache is of use only with --acme")
	}
	for _, a := range []struct{ flag, address string }{{"listen", v.listen}, {"stun", v.stun}, {"metrics", v.metrics}} {
		if a.address == "" && a.flag != "listen" {
			continue
		}
		if _, port, err := net.SplitHostPort(a.address); err != nil || !isPort(port) {
			return usagef("--%s: %q is not an address and port", a.flag, a.address).withHint("such as :8443 or 127.0.0.1:8443")
		}
	}
	for _, n := range []struct {
		flag  string
		value float64
	}{{"rate", v.o.Rate}, {"burst", float64(v.o.Burst)}, {"global-rate", v.o.GlobalRate}, {"concurrency", float64(v.o.Concurrency)}} {
		if !(n.value > 0) || n.value > 1e6 {
			return usagef("--%s: it must be more than zero, and at most a million", n.flag)
		}
	}
	return nil
}

// tokenReachesIt refuses a token that no netcheck would send here: without TLS
// it is sent to an address of the asker's own network alone.
func (v *outside) tokenReachesIt() error {
	if !v.plain || v.o.Token == "" {
		return nil
	}
	host, _, _ := net.SplitHostPort(v.listen)
	a, err := netip.ParseAddr(host)
	switch {
	case host == "localhost", err == nil && vantage.Near(a.Unmap()), (err != nil || a.IsUnspecified()) && v.o.AllowPrivate:
		return nil
	}
	return usagef("--plain and a token contradict each other: without TLS netcheck sends a token to loopback and private addresses alone").
		withHint("--acme HOST or --tls-cert FILE --tls-key FILE; in a laboratory --allow-private, or --listen with such an address")
}

// isHostName tells whether an authority may give a certificate for a name.
func isHostName(name string) bool {
	h, err := value.ParseHost(name)
	_, isAddress := netip.ParseAddr(name)
	return err == nil && isAddress != nil && strings.Contains(string(h), ".")
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// printDeployment prints a file to start from. Flags that it would not heed are
// refused: who saves it would think that it has them.
func (s *streams) printDeployment(c *cobra.Command, name string) error {
	var other string
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "print" && c.LocalNonPersistentFlags().Lookup(f.Name) != nil {
			other = f.Name
		}
	})
	if other != "" {
		return usagef("--print prints a file to start from, without --%s", other).withHint("write the flags into it, where it calls netcheck vantage")
	}
	text, ok := deployments[name]
	if !ok {
		return usagef("--print: there is nothing for %q", name).withHint("there are: container, systemd")
	}
	_, _ = s.out.Write(text)
	return nil
}

// allows says in a few words what a helper does for whom.
func (v *outside) allows() string {
	what := fmt.Sprintf("any port, %d a request", vantage.MaxPorts)
	if len(v.o.Ports) > 0 {
		what = "ports " + portRuns(v.o.Ports)
	}
	who := "public addresses"
	if v.o.AllowPrivate {
		who = "public and private addresses"
	}
	if v.o.Token != "" {
		who += " with the token"
	}
	return "calls back " + who + ": " + what
}

// portRuns are ports as a person writes them.
func portRuns(ports []uint16) string {
	ports = slices.Compact(slices.Sorted(slices.Values(ports)))
	var runs []string
	for i := 0; i < len(ports); {
		j := i
		for j+1 < len(ports) && ports[j+1] == ports[j]+1 {
			j++
		}
		if runs = append(runs, strconv.Itoa(int(ports[i]))); j > i {
			runs[len(runs)-1] += "-" + strconv.Itoa(int(ports[j]))
		}
		i = j + 1
	}
	return strings.Join(runs, ",")
}

// parsePorts reads a list of ports and ranges.
func parsePorts(list []string) ([]uint16, error) {
	var all []uint16
	for _, text := range list {
		ports, err := value.ParsePorts(text)
		if err != nil {
			return nil, usagef("--ports: %v", err)
		}
		for _, r := range ports {
			for p := int(r.First); p <= int(r.Last); p++ {
				all = append(all, uint16(p))
			}
		}
	}
	return all, nil
}
