package main

import (
	"fmt"
	"slices"
	"strings"

	"netcheck/profiles"
	"netcheck/report/i18n"
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
var closer = []string{"show.closer-hosts", "show.closer-routers", "show.closer-dns", "show.closer-proxy", "show.closer-helper"}

// contacts says who is contacted by a run: what the checks name, and beyond
// that each class by name.
func (v *view) contacts() {
	v.line("\n%s", v.say("show.contacts", nil))
	v.item(v.say("show.contacts-checks", nil))
	v.item(v.say("show.contacts-dns", nil))
	var redirected []string
	for _, d := range v.p.Declared {
		if f, ok := d.Fields["follow"]; ok && fmt.Sprint(f) != "0" {
			redirected = append(redirected, d.ID)
		}
	}
	if len(redirected) > 0 {
		v.item(v.say("show.contacts-redirects", i18n.Data{"Checks": strings.Join(redirected, ", ")}))
	}
	if slices.ContainsFunc(v.p.Declared, ofKind("ftp")) || slices.ContainsFunc(v.p.Declared, freshByFTP) {
		v.item(v.say("show.contacts-ftp", nil))
	}
	if slices.ContainsFunc(v.p.Declared, signsIn) {
		v.item(v.say("show.contacts-account", nil))
	}
	if slices.ContainsFunc(v.p.Declared, mayUseProxy) {
		direct := slices.ContainsFunc(v.p.Declared, func(d profiles.Declaration) bool { return d.Proxy == "allowed" })
		v.item(v.say("show.contacts-proxy", i18n.Data{"Profile": v.p.NamesProxy, "Direct": direct}))
	}
	if slices.ContainsFunc(v.p.Declared, isAboutTheLine) {
		v.item(v.say("show.contacts-helper", i18n.Data{"URL": v.p.Vantage}))
		v.item(v.say("show.contacts-gateway", nil))
	}
	if slices.ContainsFunc(v.p.Declared, ofKind("inbound")) {
		v.text(4, v.say("show.contacts-listens", nil))
	}
	v.line("")
	v.text(0, v.say("show.closer", nil))
	for _, class := range closer {
		v.item(v.say(class, nil))
	}
	v.text(2, v.say("show.nmap", nil))
	v.text(2, v.say("show.nobody-else", nil))
	v.line("\nnetcheck run %s", shellWord(v.p.File))
}
