package main

import (
	"crypto/x509"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"netcheck/checks/engine"
)

// The limits of a run where no flag says otherwise.
const (
	defaultTimeout = 5 * time.Second       // longer than the first three tries of a TCP connect (at 0, 1 and 3 s), and a person still waits for it
	minTimeout     = 10 * time.Millisecond // below it, silence says nothing of the network
	defaultRate    = 2000                  // connects a second to one public address: a browser's burst, not an attack
	halfOpen       = 256                   // connects under way through a gateway: small routers have room for a thousand connections
)

// asking is everything that is asked of a run.
type asking struct {
	writing
	sited
	sets, answers []string
	told          []string // values as --set would have them, once all are there
	role          string
	noInput       bool
	only, skip    []string
	timeout       time.Duration
	deadline      time.Duration
	retries       int
	concurrency   int
	rate          int
	quick, full   bool
	strict        bool
	lang          string

	caFile    string
	asked     []string // --resolver as given
	compared  []string // --reference-dns as given
	roots     *x509.CertPool
	resolvers []netip.AddrPort
	reference []netip.AddrPort

	proxy      proxying
	vantage    helping
	noFollowup bool
	nmap       bool
}

func (a *asking) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringArrayVar(&a.sets, "set", nil, "a parameter's value, as `name=value`; repeatable")
	f.StringVar(&a.site, "site", "", "`file` with the values of this shop, for any profile")
	f.StringVar(&a.role, "role", "", "what this machine is to the product: a `role` of the profile")
	f.StringSliceVar(&a.only, "only", nil, "only these checks, by `id` or feature; repeatable")
	f.StringSliceVar(&a.skip, "skip", nil, "not these checks, by `id` or feature; repeatable")
	a.writing.flags(c)
	f.StringArrayVar(&a.answers, "answer", nil, "answer to a check that asks a person, as `id=yes` or id=no; repeatable")
	f.BoolVar(&a.noInput, "no-input", false, "ask nothing")
	f.BoolVar(&a.strict, "strict", false, "a warning or an inconclusive check of any level fails the run")
	f.BoolVar(&a.quick, "quick", false, "sample port ranges, whatever the profile says")
	f.BoolVar(&a.full, "full", false, "probe port ranges whole, whatever the profile says")
	f.DurationVar(&a.timeout, "timeout", defaultTimeout, "`time` of one attempt: a connect, a handshake, a question")
	f.DurationVar(&a.deadline, "deadline", 0, "`time` of the whole run (default none)")
	f.IntVar(&a.retries, "retries", 0, "`number` of more attempts for a check that failed on the network")
	f.IntVar(&a.concurrency, "concurrency", engine.DefaultConcurrency, "`number` of checks at once")
	f.IntVar(&a.rate, "rate", defaultRate, "`number` of new connections a second to one public address; 0: no limit")
	f.StringArrayVar(&a.asked, "resolver", nil, "DNS server to ask in place of the system's, as `address` or address:port; repeatable")
	f.StringArrayVar(&a.compared, "reference-dns", nil, "a second DNS server to compare answers with where a name fails, as `address` or address:port; none is asked otherwise; repeatable")
	f.StringVar(&a.proxy.given, "proxy", "", "`URL` of the proxy that the profile's checks may go through, with a user but never a password; none; or system: what this machine is set up with (default the profile's, else the system's)")
	f.StringVar(&a.vantage.given, "vantage", "", "`URL` of the helper outside that calls this line for checks of the way in, or none (default the profile's); others' services only if named here: echoip+https://HOST, globalping:")
	f.BoolVar(&a.noFollowup, "no-followup", false, "don't look closer at what fails, which takes up to 5 s: less is known of why and where")
	a.redacting.flags(c)
	f.BoolVar(&a.nmap, "nmap", false, "ask the scanner nmap, too, about what fails, where it is installed: up to 30 s more; as administrator (root) it sees more")
	f.StringVar(&a.caFile, "ca-file", "", "PEM `file` of authorities to trust beside the system's")
	for _, name := range []string{"resolver", "reference-dns"} {
		must(c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
	must(c.RegisterFlagCompletionFunc("proxy", cobra.FixedCompletions([]string{"none\tdirectly alone", "system\twhat this machine is set up with", "http://", "socks5://"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)))
	must(c.RegisterFlagCompletionFunc("vantage", cobra.FixedCompletions([]string{"none\tnobody outside", "https://", "echoip+https://", "globalping:\ta public service"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)))
	must(c.RegisterFlagCompletionFunc("set", completeSet))
	must(c.RegisterFlagCompletionFunc("role", completeRole))
	must(c.RegisterFlagCompletionFunc("only", completeSelection))
	must(c.RegisterFlagCompletionFunc("skip", completeSelection))
	must(c.RegisterFlagCompletionFunc("answer", completeAnswer))
}

// check finds what is wrong with the flags before anything is asked or
// contacted, and reads the files that they name.
func (a *asking) check() error {
	if err := a.writing.check(); err != nil {
		return err
	}
	if a.quick && a.full {
		return usagef("--quick and --full contradict each other")
	}
	if a.timeout > 0 && a.timeout < minTimeout {
		return usagef("--timeout %s: nothing far away answers within that", a.timeout).withHint("it must be %s or more", minTimeout)
	}
	for _, n := range []struct {
		flag         string
		value, least int64
	}{
		{"timeout", int64(a.timeout), 1},
		{"deadline", int64(a.deadline), 0},
		{"retries", int64(a.retries), 0},
		{"concurrency", int64(a.concurrency), 1},
		{"rate", int64(a.rate), 0},
	} {
		if n.value < n.least {
			return usagef("--%s: %s", n.flag, map[int64]string{0: "it can't be negative", 1: "it must be more than zero"}[n.least])
		}
	}
	for _, f := range []struct {
		flag  string
		given []string
		into  *[]netip.AddrPort
	}{{"resolver", a.asked, &a.resolvers}, {"reference-dns", a.compared, &a.reference}} {
		for _, r := range f.given {
			addr, err := resolverAddress(f.flag, r)
			if err != nil {
				return err
			}
			*f.into = append(*f.into, addr)
		}
	}
	if err := a.proxy.check(); err != nil {
		return err
	}
	if err := a.vantage.check(); err != nil {
		return err
	}
	if a.caFile != "" {
		pem, err := readBounded(a.caFile)
		if err != nil {
			return usagef("--ca-file: can't read %s: %v", a.caFile, reason(err))
		}
		a.roots = x509.NewCertPool()
		if !a.roots.AppendCertsFromPEM(pem) {
			return usagef("--ca-file: %s holds no certificate", a.caFile).withHint("it must be PEM: text that begins with -----BEGIN CERTIFICATE-----")
		}
	}
	return nil
}

// resolverAddress reads ADDRESS or ADDRESS:PORT.
func resolverAddress(flag, s string) (netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap, nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.AddrPort{}, usagef("--%s: %q is not an address", flag, s).withHint("such as 192.168.1.1, 192.168.1.1:5353 or [2001:db8::53]:53")
	}
	return netip.AddrPortFrom(addr, 53), nil
}

func (a *asking) ranges() engine.Ranges {
	switch {
	case a.quick:
		return engine.RangesQuick
	case a.full:
		return engine.RangesFull
	}
	return engine.RangesAsDeclared
}
