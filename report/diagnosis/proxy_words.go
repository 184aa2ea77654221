package diagnosis

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// proxyData is what texts may say of the proxy that was asked for a way.
func (s *symptom) proxyData(lang string) i18n.Data {
	d := i18n.Data{
		"Proxy": "", "Socks": false, "Source": "", "Schemes": "", "ProxySaid": "", "ProxyPage": "", "Login": "", "Unspoken": false,
		"Forbidden": "", "Allows": "", "ProxyKey": "", "Unable": s.check.Spec.Proxy == "unsupported", "Outright": true, "OthersPass": false, "Page": false, "Unproven": "", "Nameless": false, "NoPort": "",
	}
	if s.toHost != "" {
		d["Goal"] = hostPort(s.toHost, s.toPort)
	} else {
		d["Goal"] = ""
	}
	p := s.passage()
	if p == nil {
		return d
	}
	t := p.step
	schemes := str(t, factSchemes)
	if schemes == "" {
		schemes = str(t, factAskedLogin)
	}
	d["ProxyKey"] = p.key
	d["Proxy"], d["Schemes"], d["ProxyPage"], d["Login"] = p.proxy, schemes, str(t, factPage), str(t, factLogin)
	d["Socks"] = strings.HasPrefix(p.proxy, "socks")
	d["Unspoken"] = schemes != "" && !strings.Contains(strings.ToLower(schemes), "basic") && !strings.Contains(strings.ToLower(schemes), "ntlm")
	d["Source"] = i18n.Said(lang, s.sourceOf(p))
	d["NoPort"] = unsaidPort(p.proxy)
	d["ProxySaid"] = strings.TrimSpace(str(t, factStatus) + " " + str(t, factReason))
	if reply, ok := num(t, factSocks); ok {
		if d["ProxySaid"] = str(t, factReason); reply < 255 { // the others are no replies to the wish
			d["ProxySaid"] = strings.TrimSpace(str(t, factSocks) + " " + str(t, factReason))
		}
	}
	d["Page"], d["Unproven"], d["Nameless"] = p.page(), string(p.unproven), p.nameless
	d["Outright"] = forbiddenOutright(s)
	d["OthersPass"] = anotherTunnelled(s)
	d["Forbidden"], d["Allows"] = s.forbidden()
	return d
}

// unsaidPort is the port that a proxy is asked at because its setting names
// none: whoever forgot it does not see so otherwise.
func unsaidPort(proxy string) string {
	u, err := url.Parse(proxy)
	if err != nil || u.Port() != "" {
		return ""
	}
	return map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
}

// sourceOf is where a proxy is set.
func (s *symptom) sourceOf(p *passage) string {
	if source := str(p.step, factSource); source != "" {
		return source
	}
	for _, w := range s.check.Ways {
		if w.Via == p.proxy {
			return w.Source
		}
	}
	return ""
}

func hostPort(host, port string) string {
	if port == "" {
		return host
	}
	return net.JoinHostPort(host, port)
}

// proxy says what the proxy said, of what fails for it or was tried by it too,
// and why none was asked.
func (w words) proxy(e *sentences) {
	w.unasked(e)
	ofProxy := strings.HasPrefix(string(w.g.cause().Code), "proxy.")
	before := len(e.list)
	for _, d := range w.g.members {
		p := d.passage()
		if p == nil || len(e.list) >= before+maxListed || !ofProxy && p.check != d.check {
			continue
		}
		data := d.proxyData(w.lang)
		data["Target"] = hostPort(p.host, p.port)
		switch {
		case w.g.rule.id == "proxy-personal", w.g.rule.id == "proxy-of-account":
			e.add("by-proxy", data)
		case data["ProxySaid"] != "" && (saidByProxy(d.symptom) || p.failure != "" || !ofProxy || p.step.Op == result.OpTunnel):
			e.add("tunnel", data)
		case p.failure != "":
			data["Said"] = i18n.T(w.lang, "failure."+string(p.failure), nil)
			e.add("no-tunnel", data)
		}
	}
}

// unasked says why what failed directly was not tried by a proxy, where this
// machine has a setting for one.
func (w words) unasked(e *sentences) {
	for _, d := range w.g.members {
		if d.via != "" || d.proto != "tcp" && !d.asksName() {
			continue
		}
		if script := d.view.machine.ProxyScript; script != "" && byScript(d.symptom) {
			e.add("proxy-script", i18n.Data{"Script": script})
		}
		for _, way := range d.check.Ways {
			tried := slices.ContainsFunc(d.view.passages, func(p passage) bool { return p.check == d.check && p.host == d.host })
			if way.Exempt != "" && way.Source != "" && way.Exempt != "none" && !tried && alone(d.check) && d.check.Verdict != result.Pass {
				e.add("proxy-exempt", i18n.Data{"Host": d.host, "Entry": way.Exempt, "Source": i18n.Said(w.lang, way.Source)})
			}
		}
	}
}

// alone tells whether a check is about one host only: what is said of its way
// is then said of that one.
func alone(c *result.Check) bool {
	return !slices.ContainsFunc(c.Results, func(r result.Result) bool { return r.Host != c.Results[0].Host })
}

// behindProxy says whom to ask of what failed behind a proxy, on a way that is
// not this network's.
func (w words) behindProxy() string {
	first := w.g.members[0]
	if first.via == "" || saidByProxy(first.symptom) || w.g.rule.act == vendor || strings.HasPrefix(string(w.g.cause().Code), "proxy.") {
		return ""
	}
	return i18n.T(w.lang, "behind-proxy", first.proxyData(w.lang))
}

// perhapsProxy is what to do where a script might name a proxy.
func (w words) perhapsProxy() string {
	if first := w.g.members[0]; byScript(first.symptom) && !strings.HasPrefix(string(w.g.cause().Code), "local.") {
		return i18n.T(w.lang, "perhaps-proxy", i18n.Data{"Script": first.view.machine.ProxyScript})
	}
	return ""
}
