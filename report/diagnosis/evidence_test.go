package diagnosis

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// What this machine met by itself is no word of the server's.
func TestQuestionThatNobodyAnswered(t *testing.T) {
	for failure, said := range map[result.Failure]bool{
		result.FailNoRoute: false, result.FailHostUnreachable: false, result.FailRefused: false, result.FailTimeout: false, result.FailDNSTimeout: false,
		result.FailNXDomain: true, result.FailServFail: true, result.FailDNSFormat: true,
	} {
		for _, lang := range i18n.Languages() {
			s := &symptom{
				check: &result.Check{}, step: &result.Step{Op: result.OpQuery},
				host: "till.example", addr: netip.MustParseAddr("10.255.255.53"), failure: failure,
			}
			e := sentences{lang: lang}
			e.seen(s)
			words := i18n.Data{"Resolver": "10.255.255.53", "Name": "till.example", "Said": i18n.T(lang, "failure."+string(failure), nil)}
			got := strings.Join(e.list, " ")
			if answer := i18n.T(lang, "evidence.asked", words); slices.Contains(e.list, answer) != said {
				t.Errorf("%s, %s: %q", lang, failure, got)
			}
			if failure == result.FailNoRoute && !strings.Contains(got, i18n.T(lang, "failure.no-route", nil)) {
				t.Errorf("%s: nothing tells why: %q", lang, got)
			}
		}
	}
}
