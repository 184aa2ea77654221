package checks

import (
	"crypto/x509"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/talk"
	"netcheck/internal/servers"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// A chain's trust by this system depends on where the test runs, and no test
// can have a public root sign: so what was verified is given.
func TestTrustJudges(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	leaf := &x509.Certificate{NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 0, 10), RawSubjectPublicKeyInfo: []byte("key")}
	upper := &x509.Certificate{NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(-1, 0, 0)}
	ending := &x509.Certificate{NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(0, 0, 3)}
	days := func(n int) *value.Duration { return new(value.Duration(time.Duration(n) * 24 * time.Hour)) }
	chain := []*x509.Certificate{leaf}
	unknown := x509.UnknownAuthorityError{Cert: leaf}
	public, private := netip.MustParseAddr("203.0.114.7"), netip.MustParseAddr("10.0.0.7")
	late := &talk.DateError{Cert: leaf, At: now.AddDate(1, 0, 0)}

	type ds []result.Failure
	for _, c := range []struct {
		name     string
		trust    trust
		v        talk.Verification
		to       netip.Addr
		ownRoots bool
		want     ds
		fatal    bool // the first
	}{
		{"all is well", trust{}, talk.Verification{}, public, false, nil, false},
		{"trusted here, by no public root", trust{}, talk.Verification{Public: unknown}, public, false, ds{result.FailIntercepted}, false},
		{"the same, forbidden", trust{Intercept: "forbid"}, talk.Verification{Public: unknown}, public, false, ds{result.FailIntercepted}, true},
		{"the same, ignored", trust{Intercept: "ignore"}, talk.Verification{Public: unknown}, public, false, nil, false},
		{"the same at a private address", trust{}, talk.Verification{Public: unknown}, private, false, nil, false},
		{"the same at a private address, forbidden", trust{Intercept: "forbid"}, talk.Verification{Public: unknown}, private, false, nil, false},
		{"the same under --ca-file", trust{}, talk.Verification{Public: unknown}, public, true, nil, false},
		{"the same under --ca-file, forbidden", trust{Intercept: "forbid"}, talk.Verification{Public: unknown}, public, true, nil, false},
		{"by a root younger than the public set", trust{}, talk.Verification{Public: unknown, NewRoot: true}, public, false, nil, false},
		{"publicly trusted, not here", trust{}, talk.Verification{System: unknown}, public, false, ds{result.FailUnknownCA}, true},
		{"nobody trusts it", trust{}, talk.Verification{System: unknown, Public: unknown}, public, false, ds{result.FailUnknownCA}, true},
		{"this system has no roots", trust{}, talk.Verification{System: x509.SystemRootsError{}, Public: nil}, public, false, ds{result.FailUnknownCA}, true},
		{"incomplete", trust{}, talk.Verification{System: unknown, Public: unknown, Incomplete: true}, public, false, ds{result.FailIncomplete}, true},
		{"unfit", trust{}, talk.Verification{System: x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}, Public: unknown}, public, false, ds{result.FailCertificate}, true},
		{"all wrong", trust{}, talk.Verification{System: unknown, Public: unknown, Unsigned: true, Name: errors.New("name"), Dates: late}, public, false, ds{result.FailSelfSigned, result.FailNameMismatch, result.FailExpired}, true},
		{"an upper certificate is out of date", trust{}, talk.Verification{System: x509.CertificateInvalidError{Cert: upper, Reason: x509.Expired}, Dates: &talk.DateError{Cert: upper, At: now}}, public, false, ds{result.FailExpired}, true},
		{"public wanted and so", trust{Trust: "public"}, talk.Verification{}, public, false, nil, false},
		{"public wanted, intercepted", trust{Trust: "public", Intercept: "ignore"}, talk.Verification{Public: unknown}, private, true, ds{result.FailIntercepted}, true},
		{"public wanted, not trusted here", trust{Trust: "public"}, talk.Verification{System: unknown}, public, false, ds{result.FailUnknownCA}, false},
		{"public wanted, nobody trusts it", trust{Trust: "public"}, talk.Verification{System: unknown, Public: unknown}, public, false, ds{result.FailUnknownCA}, true},
		{"self-signed allowed, publicly trusted with another name", trust{Trust: "self-signed"}, talk.Verification{Name: errors.New("name")}, public, false, ds{result.FailNameMismatch}, true},
		{"self-signed allowed and so, with another name", trust{Trust: "self-signed"}, talk.Verification{System: unknown, Public: unknown, Unsigned: true, Name: errors.New("name")}, public, false, ds{result.FailNameMismatch}, false},
		{"expires soon", trust{ExpiresIn: days(14)}, talk.Verification{}, public, false, ds{result.FailExpiring}, false},
		{"expires later", trust{ExpiresIn: days(5)}, talk.Verification{}, public, false, nil, false},
		{"an authority ends before", trust{ExpiresIn: days(5)}, talk.Verification{Ends: ending}, public, false, ds{result.FailExpiring}, false},
		{"it ends, and nobody said when that is soon", trust{}, talk.Verification{Ends: ending}, public, false, ds{result.FailExpiring}, false},
		{"it ends, and nobody wants to know", trust{ExpiresIn: days(0)}, talk.Verification{Ends: ending}, public, false, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got ds
			defects := c.trust.judge(chain, &c.v, c.to, c.ownRoots, now)
			for _, d := range defects {
				got = append(got, d.code)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Fatal(diff)
			}
			if len(defects) > 0 && defects[0].fatal != c.fatal {
				t.Errorf("fatal: %v", defects[0].fatal)
			}
		})
	}
}

func TestParsePin(t *testing.T) {
	for s, ok := range map[string]bool{
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855":                                true,
		"sha256:E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55": true,
		"sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=":                                                    true,
		"sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU":                                                     true,
		"sha256:":     false,
		"sha256:e3b0": false,
		"sha256:AAAA": false,
	} {
		if _, err := parsePin(s); (err == nil) != ok {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// A key of an authority stands for all that it signs, and so for no name; the
// server's own is who it is, whatever the certificate says.
func TestPinnedAuthorityAndName(t *testing.T) {
	ca, err := servers.NewAuthority("Pinned", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("good", "other.test")
	if err != nil {
		t.Fatal(err)
	}
	chain := []*x509.Certificate{cert.Leaf, ca.Intermediate}
	for name, c := range map[string]struct {
		pin, host string
		want      []result.Failure
	}{
		"its own key, its name":         {talk.Pin(cert.Leaf), "other.test", nil},
		"its own key, another name":     {talk.Pin(cert.Leaf), "shop.test", []result.Failure{result.FailNameMismatch}},
		"the authority's, its name":     {talk.Pin(ca.Intermediate), "other.test", nil},
		"the authority's, another name": {talk.Pin(ca.Intermediate), "shop.test", []result.Failure{result.FailNameMismatch}},
		"a root that was not sent":      {talk.Pin(ca.Root), "other.test", []result.Failure{result.FailPin}},
	} {
		t.Run(name, func(t *testing.T) {
			v := talk.Verify(chain, c.host, time.Now(), talk.VerifyOptions{})
			var got []result.Failure
			fatal := false
			ds := (&trust{Trust: c.pin}).judge(chain, v, netip.MustParseAddr("203.0.114.7"), false, time.Now())
			for _, d := range ds {
				got, fatal = append(got, d.code), fatal || d.fatal
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if own := c.pin == talk.Pin(cert.Leaf); fatal != (len(got) > 0 && !own) {
				t.Errorf("fatal: %v", fatal)
			}
		})
	}
	trusted := talk.Verify(chain, "other.test", time.Now(), talk.VerifyOptions{Extra: ca.Pool()})
	if ds := (&trust{Trust: talk.Pin(ca.Root)}).judge(chain, trusted, netip.MustParseAddr("203.0.114.7"), false, time.Now()); len(ds) > 0 {
		t.Errorf("the root that it is trusted by: %v", ds)
	}
}
