package report

import (
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// names replaces what is written in words: the site's host names, the values that
// were given, users and paths.
type names struct {
	*pseudonyms
	words    map[string]string // by lower case: what each stands for in a text
	sorted   []string          // the words, longest first
	apart    map[string]bool   // words that are replaced only where they stand by themselves
	suffixes []string          // domains that are the site's
}

// commonLabels are parts of names that any network has: they say what a host is
// for, and not whose it is. Diagnosis knows a portal by its name.
var commonLabels = []string{
	"portal", "login", "hotspot", "captive", "guest", "wifi", "wlan", "auth", "wpad", "proxy", "router", "gateway", "fritz",
	"server", "host", "till", "pos", "kasse", "cassa", "caisse", "printer", "scanner", "terminal", "firewall", "nas", "db", "database",
	"www", "mail", "smtp", "ftp", "sftp", "dns", "ns", "ntp", "localhost", "localdomain", "internal", "intern", "intranet", "intra", "lan", "local", "home", "corp", "box", "private", "arpa", "invalid",
}

// innerSuffixes are the domains of names that are never public.
const innerSuffixes = `local|lan|home|internal|intranet|intra|corp|localdomain|home\.arpa|box|private`

var (
	innerName = regexp.MustCompile(`(?i)\b(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+(?:` + innerSuffixes + `)\b`)
	hostName  = regexp.MustCompile(`(?i)^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$`)
	urlHost   = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)([a-z0-9_-]+)([:/?#\s]|$)`)
	userDir   = regexp.MustCompile(`(?i)(/home/|/users/|[a-z]:\\users\\|\\documents and settings\\)([^/\\\s"'<>|:]+)`)
	share     = regexp.MustCompile(`\\\\[\w.-]+(?:\\[^\\\s"'<>|:]+)+`)
)

// name is a host name's pseudonym, part by part, so that the names of one domain
// stay those of one; below a public domain it ends in .invalid.
func (x *names) name(s string) string {
	bare := strings.TrimSuffix(s, ".")
	labels := strings.Split(bare, ".")
	for i, l := range labels {
		switch {
		case l == "" || isLabel(l) || slices.Contains(commonLabels, strings.ToLower(l)):
		case i > 0 && i == len(labels)-1:
			labels[i] = "invalid"
		default:
			labels[i] = x.label(l)
		}
	}
	return strings.Join(labels, ".") + s[len(bare):]
}

// file is a path's pseudonym: of its own kind, with its ending.
func (x *names) file(s string) string {
	ext := filepath.Ext(strings.ReplaceAll(s, `\`, "/"))
	if len(ext) > 6 || len(ext) == len(s) {
		ext = ""
	}
	p := x.label(s) + ext
	switch {
	case strings.HasPrefix(s, `\\`):
		return `\\` + x.label("share "+s) + `\` + p
	case len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/'):
		return s[:3] + p
	case strings.HasPrefix(s, "/"):
		return "/" + p
	}
	return p
}

// learn notes a value that is the site's, and what stands for it in any text.
func (x *names) learn(s, kind string) {
	s = strings.TrimSpace(s)
	lower := strings.ToLower(s)
	switch {
	case s == "" || x.words[lower] != "":
	case kind == "legacy" && plainWords[lower], strings.HasPrefix(s, "<"):
	case isAddress(s):
	case kind == "path" || strings.ContainsAny(s, `\`) || strings.HasPrefix(s, "/"):
		x.words[lower] = x.file(s)
	case strings.Contains(s, "://"):
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" {
			x.words[lower] = x.label(s)
			return
		}
		x.learn(u.Hostname(), "host")
		if p := strings.Trim(u.Path, "/"); p != "" {
			x.words[strings.ToLower(p)] = x.label(p)
		}
		if u.RawQuery != "" {
			x.words[strings.ToLower(u.RawQuery)] = x.label(u.RawQuery)
		}
	case hostName.MatchString(s):
		x.words[lower] = x.name(s)
	default:
		x.words[lower] = x.label(s)
	}
}

// alone learns a name of one label. What any network has, and the format's own
// words, are no names to know anybody by.
func (x *names) alone(name string) {
	if x.words[name] == "" && !plainWords[name] && !isLabel(name) {
		x.learn(name, "host")
		x.apart[name] = true
	}
}

// isAddress tells what the replacing of addresses sees to.
func isAddress(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	return macLike.FindString(s) == s
}

// plainWords are values of the format's own fields. A report that does not say of
// which type its parameters are may have one as a choice.
var plainWords = func() map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq("any all auto plain explicit implicit passive active open allowed closed required unsupported system public self-signed warn forbid ignore direct none " +
		"tcp udp http https ftp ftps sftp ssh dns tls yes no true false on off get head post a aaaa cname mx txt srv ns ptr service standin static dhcp optional recommended") {
		all[w] = true
	}
	return all
}()

// ready is to be called when everything is learnt.
func (x *names) ready() {
	for w, by := range x.words {
		if w != strings.ToLower(by) {
			x.sorted = append(x.sorted, w)
		}
	}
	slices.SortFunc(x.sorted, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	slices.SortFunc(x.suffixes, func(a, b string) int { return len(b) - len(a) })
}

// text is a text in which everything of the site is replaced.
func (x *names) text(s string) string {
	if s == "" {
		return s
	}
	s = share.ReplaceAllStringFunc(x.spoken(s), x.file)
	s = userDir.ReplaceAllStringFunc(s, func(m string) string {
		g := userDir.FindStringSubmatch(m)
		if isLabel(g[2]) || strings.EqualFold(g[2], "public") || strings.EqualFold(g[2], "default") {
			return m
		}
		return g[1] + x.label(g[2])
	})
	s = innerName.ReplaceAllStringFunc(s, x.name)
	for _, domain := range x.suffixes {
		s = x.below(domain, s)
	}
	s = urlHost.ReplaceAllStringFunc(s, func(m string) string {
		g := urlHost.FindStringSubmatch(m)
		return g[1] + x.name(g[2]) + g[3]
	})
	return x.places(x.addresses(s))
}

// spoken replaces the words that were learnt. A short one is replaced only where it
// stands for itself: elsewhere it would be a part of what is not the site's.
func (x *names) spoken(s string) string {
	lower := strings.ToLower(s)
	if len(lower) != len(s) {
		lower = s // a letter of another length: only what is written alike is found
	}
	type hit struct {
		at, end int
		by      string
	}
	var hits []hit
	taken := func(from, to int) bool {
		return slices.ContainsFunc(hits, func(h hit) bool { return from < h.end && h.at < to })
	}
	for _, w := range x.sorted {
		for from := 0; ; {
			i := strings.Index(lower[from:], w)
			if i < 0 {
				break
			}
			at := from + i
			end := at + len(w)
			if stands(s, at, end, x.apart[w]) && !taken(at, end) {
				hits = append(hits, hit{at, end, x.words[w]})
			}
			from = at + 1
		}
	}
	if len(hits) == 0 {
		return s
	}
	slices.SortFunc(hits, func(a, b hit) int { return a.at - b.at })
	var b strings.Builder
	end := 0
	for _, h := range hits {
		b.WriteString(s[end:h.at])
		b.WriteString(h.by)
		end = h.end
	}
	b.WriteString(s[end:])
	return b.String()
}

// stands tells whether a word stands by itself in a text. A long one does wherever
// it is, since a profile may put a value into the middle of a name; but one that is
// apart.
func stands(s string, at, end int, apart bool) bool {
	const long, short = 5, 3
	if strings.Trim(s[at:end], "0123456789") == "" { // anything may have it: only what is nothing else is a value
		return at == 0 && end == len(s)
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[end:])
	switch n := end - at; {
	case n >= long && !apart:
		return true
	case n < short:
		return (at == 0 || strings.ContainsRune("./[@:=", before)) && (end == len(s) || strings.ContainsRune("./]:,", after))
	}
	part := func(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	return !part(before) && !part(after)
}

// below replaces the names of a domain of the site's.
func (x *names) below(domain, s string) string {
	lower := strings.ToLower(s)
	if len(lower) != len(s) || !strings.Contains(lower, domain) {
		return s
	}
	var b strings.Builder
	end := 0
	for from := 0; ; {
		i := strings.Index(lower[from:], domain)
		if i < 0 {
			break
		}
		at, to := from+i, from+i+len(domain)
		from = to
		for at > end && (isNameByte(lower[at-1]) || lower[at-1] == '.') {
			at--
		}
		if to < len(lower) && isNameByte(lower[to]) || at < from-len(domain) && lower[from-len(domain)-1] != '.' {
			continue
		}
		b.WriteString(s[end:at])
		b.WriteString(x.name(s[at:to]))
		end = to
	}
	b.WriteString(s[end:])
	return b.String()
}

func isNameByte(c byte) bool {
	return c == '-' || c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}
