package checks

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// trust are the fields that say which certificate is accepted.
type trust struct {
	Trust      string         `yaml:"trust" default:"system" doc:"system: as this machine's programs trust; public: by a public root, whatever this machine trusts; self-signed: also a certificate that signed itself; sha256:… the public key's digest, in hex or base64"`
	Intercept  string         `yaml:"intercept" enum:"warn,forbid,ignore" default:"warn" doc:"what a certificate means that this machine trusts and no public root does; for private addresses and under --ca-file nothing, whatever is written here"`
	MinVersion string         `yaml:"min_version" enum:"1.0,1.1,1.2,1.3" default:"1.2" doc:"the oldest TLS version that the product accepts"`
	ExpiresIn  value.Duration `yaml:"expires_in" doc:"warn if the certificate is valid for less than this, such as 14d"`
}

func (f *trust) validate() error {
	switch {
	case f.Trust == "", f.Trust == "system", f.Trust == "public", f.Trust == "self-signed":
		return nil
	case strings.HasPrefix(f.Trust, "sha256:"):
		if _, err := parsePin(f.Trust); err != nil {
			return &engine.FieldError{Field: "trust", Message: err.Error()}
		}
		return nil
	}
	return &engine.FieldError{Field: "trust", Message: fmt.Sprintf("%q is not system, public, self-signed or sha256:DIGEST", f.Trust)}
}

// parsePin reads sha256: and a digest, in hex (colons allowed) or base64.
func parsePin(s string) (sum [sha256.Size]byte, err error) {
	digest := strings.TrimPrefix(s, "sha256:")
	b, err := hex.DecodeString(strings.ReplaceAll(digest, ":", ""))
	if err != nil {
		b, err = base64.StdEncoding.DecodeString(digest)
	}
	if err != nil || len(b) != len(sum) {
		return sum, errors.New("the digest of a public key is 64 hex digits or 44 characters of base64")
	}
	return [sha256.Size]byte(b), nil
}

func (f *trust) minVersion() uint16 {
	if v, ok := versions[f.MinVersion]; ok {
		return v
	}
	return versions["1.2"]
}

// asksPublic reports whether the check wants to know what the public roots say,
// even of a chain that --ca-file's trust.
func (f *trust) asksPublic() bool { return f.Trust == "public" }

// intercept is what an authority means that is not public. No public one signs
// for a private address, and who gives --ca-file knows of the other: there it
// means nothing, whatever the profile's author wrote without knowing the site.
// Who wants a public one all the same says trust: public.
func (f *trust) intercept(to netip.Addr, ownRoots bool) string {
	switch {
	case ownRoots || isPrivate(to):
		return "ignore"
	case f.Intercept != "":
		return f.Intercept
	}
	return "warn"
}

// defect is what is wrong with a certificate chain.
type defect struct {
	code  result.Failure
	text  string
	fatal bool // the product would not go on
}

// judge lists what is wrong with a chain, gravest first, by the check's own
// idea of trust.
func (f *trust) judge(chain []*x509.Certificate, v *talk.Verification, to netip.Addr, ownRoots bool, now time.Time) []defect {
	if len(chain) == 0 {
		return []defect{{result.FailCertificate, "the server sent no certificate", true}}
	}
	var ds []defect
	add := func(code result.Failure, fatal bool, format string, args ...any) {
		ds = append(ds, defect{code, talk.Clean(fmt.Sprintf(format, args...), 400), fatal})
	}
	strict := true // name and dates count
	switch {
	case strings.HasPrefix(f.Trust, "sha256:"):
		sum, _ := parsePin(f.Trust)
		strict = false // the key is who it is, whatever the certificate calls it
		if !talk.PinMatches(chain, sum) {
			add(result.FailPin, true, "the public key is another one: %s", talk.Pin(chain[0]))
		}
	case f.Trust == "self-signed" && v.Unsigned:
		strict = v.System == nil
	case f.Trust == "public" && v.Public == nil:
		if v.System != nil {
			add(untrusted(v, v.System), false, "publicly trusted, but not by this system: %v", v.System)
		}
	case f.Trust == "public" && v.System == nil:
		add(result.FailIntercepted, true, "trusted by this system (%s), but by no public root of %s", rootName(v), talk.PublicRootsDate)
	case f.Trust == "self-signed" && v.Public == nil:
	case v.System != nil && !datesAlone(chain, v):
		add(untrusted(v, v.System), true, "%v", v.System)
	}
	if v.Name != nil {
		add(result.FailNameMismatch, strict, "%v", v.Name)
	}
	if v.Dates != nil {
		add(engine.Classify(v.Dates), strict, "%v", v.Dates)
	}
	if f.Trust != "public" && strict && v.System == nil && v.Public != nil && !v.NewRoot && v.Dates == nil {
		if i := f.intercept(to, ownRoots); i != "ignore" {
			add(result.FailIntercepted, i == "forbid", "trusted by this system (%s), but by no public root of %s", rootName(v), talk.PublicRootsDate)
		}
	}
	if left := chain[0].NotAfter.Sub(now); f.ExpiresIn > 0 && v.Dates == nil && left < time.Duration(f.ExpiresIn) {
		add(result.FailExpiring, false, "the certificate expires on %s", chain[0].NotAfter.UTC().Format(time.DateOnly))
	}
	return ds
}

// datesAlone reports whether the only thing against a chain is that one of its
// upper certificates is out of date.
func datesAlone(chain []*x509.Certificate, v *talk.Verification) bool {
	d, ok := errors.AsType[*talk.DateError](v.Dates)
	return ok && d.Cert != chain[0]
}

// untrusted names why a chain is not trusted.
func untrusted(v *talk.Verification, err error) result.Failure {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, noRoots := errors.AsType[x509.SystemRootsError](err)
	switch {
	case v.Unsigned:
		return result.FailSelfSigned
	case v.Incomplete:
		return result.FailIncomplete
	case unknown || noRoots:
		return result.FailUnknownCA
	}
	return result.FailCertificate
}

func rootName(v *talk.Verification) string {
	if v.Root == nil {
		return "unknown root"
	}
	return v.Root.Subject.String()
}
