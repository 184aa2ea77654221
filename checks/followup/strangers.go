package followup

import (
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/result"
)

// strangersFirst orders controls of a host: those of other domains first, which
// no rule and no certificate for its whole domain includes.
func strangersFirst(host string, among []result.Subject) []result.Subject {
	ordered := slices.Clone(among)
	slices.SortStableFunc(ordered, func(a, b result.Subject) int {
		switch related, other := domain(a.Host) == domain(host), domain(b.Host) == domain(host); {
		case related == other:
			return 0
		case related:
			return 1
		}
		return -1
	})
	return ordered
}

// domain is the last two labels of a name, so that names of which it can't be
// told are taken for related; of an address all of it.
func domain(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	labels := strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}
