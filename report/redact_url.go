package report

import (
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	anyURL    = regexp.MustCompile("(?i)\\b([a-z][a-z0-9+.-]*://)([^\\s\"'<>\\\\^`{}|]+)")
	atHost    = regexp.MustCompile(`(?i)\b([a-z0-9_.+%-]*[a-z0-9_])@(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)`)
	account   = regexp.MustCompile(`(?i)\b([a-z0-9][a-z0-9_.-]*)\\([a-z0-9_][a-z0-9_.$-]*)`)
	escaped   = regexp.MustCompile(`^(?:[abefnrtv]|0|x[0-9a-fA-F]{2}.*|u[0-9a-fA-F]{4}.*)$`)
	inPath    = regexp.MustCompile(`(?i)\b[a-z]:\\[^"'<>|:,;]*$`)
	innerHost = regexp.MustCompile(`(?i)\.(?:` + innerSuffixes + `|invalid)\.?$`)
)

// ofSystem are the domains of accounts that every Windows has.
var ofSystem = []string{"authority", "builtin", "service", "hklm", "hkcu"}

// internalHost knows a host that is the site's, once its name or address is replaced.
func internalHost(host string) bool {
	host = strings.Trim(host, "[]")
	if a, err := netip.ParseAddr(host); err == nil {
		return isInternal(a) || ownPublic4.Contains(a) || ownPublic6.Contains(a)
	}
	if !strings.Contains(host, ".") {
		return host != "" && !strings.EqualFold(host, "localhost")
	}
	return innerHost.MatchString(host)
}

// places replaces who is named beside a host, and what is asked of one that is the
// site's. Names and addresses are replaced already.
func (x *names) places(s string) string {
	if strings.Contains(s, "://") {
		s = anyURL.ReplaceAllStringFunc(s, func(m string) string {
			bare := strings.TrimRight(m, ".,;:!?)]")
			if strings.HasSuffix(bare, "://") {
				return m
			}
			return x.url(bare) + m[len(bare):]
		})
	}
	if strings.Contains(s, "@") {
		s = replaced(atHost, s, func(m, before, _ string) string {
			g := atHost.FindStringSubmatch(m)
			if isLabel(g[1]) || !internalHost(g[2]) {
				return m
			}
			return x.label(g[1]) + "@" + g[2]
		})
	}
	if !strings.Contains(s, `\`) {
		return s
	}
	return replaced(account, s, func(m, before, after string) string {
		g := account.FindStringSubmatch(m)
		switch {
		case isLabel(g[1]), strings.HasSuffix(before, `\`), strings.HasPrefix(after, `\`), inPath.MatchString(before):
			return m // a path
		case escaped.MatchString(g[2]), slices.Contains(ofSystem, strings.ToLower(g[1])):
			return m
		}
		return x.label(g[1]) + `\` + x.label(g[2])
	})
}

// url is a web address without its user. Of a host of the site's what is asked of
// it goes as well.
func (x *names) url(s string) string {
	scheme, rest, _ := strings.Cut(s, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, tail := rest[:end], rest[end:]
	user := ""
	if i := strings.LastIndex(host, "@"); i >= 0 {
		if user, host = host[:i], host[i+1:]; !isLabel(user) {
			user = x.label(user)
		}
		user += "@"
	}
	name, port := host, ""
	if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
		name, port = host[:i], host[i:]
	}
	if !strings.ContainsAny(name, ".[:") {
		name = x.name(name)
	}
	if internalHost(name) {
		tail = x.asked(tail)
	}
	return scheme + "://" + user + name + port + tail
}

// asked is the pseudonym of a path, part by part, and of a query.
func (x *names) asked(tail string) string {
	place, query := tail, ""
	if i := strings.IndexAny(tail, "?#"); i >= 0 {
		place, query = tail[:i], tail[i:]
	}
	parts := strings.Split(place, "/")
	for i, p := range parts {
		stem := strings.TrimSuffix(p, filepath.Ext(p))
		if p != "" && !isLabel(stem) && !slices.Contains(commonLabels, strings.ToLower(stem)) {
			parts[i] = x.file(p)
		}
	}
	if len(query) > 1 && !isLabel(query[1:]) {
		query = query[:1] + x.label(query[1:])
	}
	return strings.Join(parts, "/") + query
}
