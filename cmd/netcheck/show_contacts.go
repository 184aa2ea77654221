package main

import (
	"fmt"
	"slices"
	"strings"

	"netcheck/profiles"
	"netcheck/report/result"
)

func mayUseProxy(d profiles.Declaration) bool { return d.Proxy != "unsupported" }

func ofKind(kind string) func(profiles.Declaration) bool {
	return func(d profiles.Declaration) bool { return d.Kind == kind }
}

func freshByFTP(d profiles.Declaration) bool { return d.Kind == "fresh" && d.Fields["ftp"] != nil }

// signsIn tells the checks that give a server a user.
func signsIn(d profiles.Declaration) bool {
	for _, in := range []any{d.Fields, d.Fields["ftp"], d.Fields["ssh"], d.Fields["auth"]} {
		if fields, ok := in.(map[string]any); ok && fields["user"] != nil {
			return true
		}
	}
	return false
}

// isAboutTheLine tells the checks that want to know how the line looks from
// outside.
func isAboutTheLine(d profiles.Declaration) bool {
	return d.Kind == "inbound" || strings.Contains(fmt.Sprint(d.Fields["equals"]), result.OwnPublicIP) || fmt.Sprint(d.Fields["public"]) == "true"
}

// closer names each class of whom follow-ups contact beyond what the checks name.
var closer = []string{
	"the same hosts: what failed again in other ways, ports on which nobody should listen, and a plain web request on port 80",
	"the routers on the way to them, by packets that may go only so many hops",
	"the DNS servers above, also about random names that nobody has; and the one that --reference-dns names, if any, with the addresses that it gives for these hosts",
	"the proxy that --proxy, the environment or this system names, if any: whether it gives a way to what failed",
	"the helper outside that --vantage or the profile names, if any: whether it answers itself, and what time it says it is",
}

// contacts says who is contacted by a run: what the checks name, and beyond
// that each class by name.
func (v *view) contacts() {
	v.line("\nWho is contacted by a run:")
	v.item("what the checks above name; where a mere connect is all that is asked, also a port of that host on which nobody should listen")
	v.item("for names: the DNS servers that this machine is set up with (or --resolver), and those behind its stub resolver")
	var redirected []string
	for _, d := range v.p.Declared {
		if f, ok := d.Fields["follow"]; ok && fmt.Sprint(f) != "0" {
			redirected = append(redirected, d.ID)
		}
	}
	if len(redirected) > 0 {
		v.item("where a server redirects to: " + strings.Join(redirected, ", "))
	}
	if slices.ContainsFunc(v.p.Declared, ofKind("ftp")) || slices.ContainsFunc(v.p.Declared, freshByFTP) {
		v.item("of FTP servers also the port that each names for its data connection: it must be open, too")
	}
	if slices.ContainsFunc(v.p.Declared, signsIn) {
		v.item("where a check has an account, netcheck signs in with it, reads and lists, and writes nothing")
	}
	if slices.ContainsFunc(v.p.Declared, mayUseProxy) {
		named := "the proxy that --proxy, the environment or this system names, if any"
		if v.p.NamesProxy {
			named = "the proxy that --proxy, this profile, the environment or this system names, if any"
		}
		beside := ", beside the direct one"
		if !slices.ContainsFunc(v.p.Declared, func(d profiles.Declaration) bool { return d.Proxy == "allowed" }) {
			beside = ", and no direct one"
		}
		v.item(named + ": for a way to the same hosts" + beside)
	}
	if slices.ContainsFunc(v.p.Declared, isAboutTheLine) {
		named := "the helper outside that --vantage names, if any"
		if v.p.Vantage != "" {
			named = "the helper outside, " + v.p.Vantage + " (or --vantage)"
		}
		v.item(named + ": it sees this line's address, calls back the public ports above, if any, and says what became of it")
		v.item("the gateway, by NAT-PMP, PCP and UPnP (SSDP, also to all on its own link): for its address towards the internet; it is only asked, and opens nothing")
	}
	if slices.ContainsFunc(v.p.Declared, ofKind("inbound")) {
		v.text(4, "Where nothing listens on a port that is to be called, netcheck listens there itself during the call.")
	}
	v.line("")
	v.text(0, "What fails, or looks wrong, is looked at once more (not with --no-followup):")
	for _, class := range closer {
		v.item(class)
	}
	v.text(2, "With --nmap the scanner nmap, where it is installed, is run for those of the same ports and hosts that failed.")
	v.text(2, "No reference host, no public resolver and no what-is-my-address service is asked, unless a flag names one.")
	v.line("\nnetcheck run %s", shellWord(v.p.File))
}
