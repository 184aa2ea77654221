package main

import (
	"bytes"
	"context"
	"net/url"
	"strings"

	"netcheck/checks/dial"
	"netcheck/checks/machine"
	"netcheck/profiles/value"
	"netcheck/report/i18n"
)

// A password is never given by flag, where the list of processes and the
// shell's history would show it.
const (
	proxyPassword     = "NETCHECK_PROXY_PASSWORD"
	proxyPasswordFile = proxyPassword + "_FILE"
)

// proxying is what --proxy says of the way onto the network. What counts, first
// to last: the flag, the proxy that the profile names, and what this machine is
// set up with: the environment, the system's setting for all accounts, the
// account's own. A service has only what is for all.
type proxying struct {
	given string   // as given
	none  bool     // directly alone
	own   bool     // what this machine is set up with, whatever the profile names
	url   *url.URL // nil: none was given
}

// check reads the flag.
func (p *proxying) check() error {
	switch p.given {
	case "":
		return nil
	case "none":
		p.none = true
		return nil
	case "system":
		p.own = true
		return nil
	}
	const form = "such as --proxy http://proxy.example.com:3128, --proxy socks5://proxy.example.com, or --proxy none"
	rest, user, withUser := p.given, "", false
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		scheme, _, ok := strings.Cut(rest, "://")
		if ok && len(scheme) < i {
			scheme += "://"
		} else {
			scheme = ""
		}
		user, withUser, rest = rest[len(scheme):i], true, scheme+rest[i+1:]
	}
	if strings.Contains(user, ":") {
		return usagef("--proxy: a password is never given by flag, where others can read it").withHint("leave it out of the URL: it is asked for, or taken from %s or %s in the environment", proxyPassword, proxyPasswordFile)
	}
	u, err := value.ParseProxyURL(rest)
	if err != nil {
		return usagef("--proxy: %v", err).withHint("%s", form)
	}
	p.url = u.URL
	if withUser {
		name, err := url.PathUnescape(user)
		if err != nil || name == "" {
			return usagef("--proxy: the user before the @ is not written as in a URL").withHint("%s", form)
		}
		p.url.User = url.User(name)
	}
	return nil
}

// giveProxyPassword adds that of the user whom the flag names, if it does: from the environment,
// from a file that it names, or from a person.
func (s *streams) giveProxyPassword(ctx context.Context, a *asking) error {
	u := a.proxy.url
	if u == nil || u.User == nil {
		return nil
	}
	name := u.User.Username()
	if password := s.getenv(proxyPassword); password != "" {
		u.User = url.UserPassword(name, password)
		return nil
	}
	if file := s.getenv(proxyPasswordFile); file != "" {
		data, err := readBounded(file)
		if err != nil {
			return usagef("%s: can't read %s: %v", proxyPasswordFile, file, reason(err))
		}
		u.User = url.UserPassword(name, string(bytes.TrimRight(data, "\r\n")))
		return nil
	}
	if a.noInput || !s.mayAsk() {
		return usagef("--proxy names the user %s, and nothing gives the password", name).withHint("give it as %s or %s in the environment", proxyPassword, proxyPasswordFile)
	}
	who := s.person(a.lang)
	defer who.close()
	ask := i18n.T(a.lang, "form.proxy", i18n.Data{"User": name, "Proxy": u.Scheme + "://" + u.Host})
	password, err := who.ask(ctx, question{name: "--proxy", ask: ask, kind: aSecret})
	if err != nil {
		return err
	}
	u.User = url.UserPassword(name, password)
	return nil
}

// carried are the flags by which a run elsewhere goes by the same proxy; who is
// named there is for whoever runs it to say.
func (p *proxying) carried() []string {
	switch {
	case p.given == "":
		return nil
	case p.url == nil:
		return []string{"--proxy", p.given}
	}
	return []string{"--proxy", p.url.Scheme + "://" + p.url.Host}
}

// route is where a connection goes, given what this machine is set up with.
func (p *proxying) route(settings []machine.ProxySetting) func(declared *dial.Proxy, host string, port uint16) dial.Route {
	if p.none && p.given == "" {
		return nil // no matter what is set up, and nobody need be told
	}
	return func(declared *dial.Proxy, host string, port uint16) dial.Route {
		counts := settings
		switch {
		case p.none:
			return dial.Route{Exempt: "none", Source: "--proxy"}
		case p.url != nil:
			counts = alone(p.url, "--proxy")
		case declared != nil && !p.own:
			counts = alone(declared.URL, declared.Source)
		}
		to, exempt, source := machine.ProxyTo(counts, host, int(port))
		if to == nil {
			return dial.Route{Exempt: exempt, Source: source}
		}
		return dial.Route{Proxy: &dial.Proxy{URL: to.URL, Source: to.Source, Personal: to.Personal}}
	}
}

// alone is a setting with one proxy for everything, but for this machine itself.
func alone(u *url.URL, source string) []machine.ProxySetting {
	return []machine.ProxySetting{{Source: source, Any: &machine.Proxy{URL: u, Source: source}}}
}
