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
	Trust      string          `yaml:"trust" default:"system" doc:"system: as this machine's programs trust; public: by a public root, whatever this machine trusts; self-signed: also a certificate that signed itself; sha256:… the digest of a public key, in hex or base64: the server's own, or an authority's that signed its certificate"`
	Intercept  string          `yaml:"intercept" enum:"warn,forbid,ignore" default:"warn" doc:"what a certificate means that this machine trusts and no public root does; for private addresses and under --ca-file nothing, whatever is written here"`
	MinVersion string          `yaml:"min_version" enum:"1.0,1.1,1.2,1.3" default:"1.2" doc:"the oldest TLS version that the product accepts"`
	ExpiresIn  *value.Duration `yaml:"expires_in" doc:"warn if the certificate is valid for less than this, such as 14d; left out, for less than 7d or, if that is shorter, a tenth of its time; 0s never warns"`
	ClientCert string          `yaml:"client_cert" doc:"file on this machine with the certificate (PEM) to show to a server that asks for one"`
	ClientKey  string          `yaml:"client_key" doc:"file with its private key (PEM), which stays where it is and is never shown; left out, the key is in the file of client_cert"`
}

func (f *trust) validate() error {
	if f.ClientKey != "" && f.ClientCert == "" {
		return &engine.FieldError{Field: "client_key", Message: "without client_cert: which certificate does it belong to?"}
	}
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
		b, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(digest, "="))
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
	strict, vouched := true, false // name and dates count; the check's author knows the authority
	switch {
	case strings.HasPrefix(f.Trust, "sha256:"):
		sum, _ := parsePin(f.Trust)
		switch pinned := v.Pinned(chain, sum); pinned {
		case nil:
			strict = false // nothing else of it is worth a look
			add(result.FailPin, true, "the public key is another one: seen %s, expected sha256:%s", talk.Pin(chain[0]), hex.EncodeToString(sum[:]))
		case chain[0]:
			strict = false // the key is who it is, whatever the certificate calls it
		default:
			vouched = true
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
	if f.Trust != "public" && strict && !vouched && v.System == nil && v.Public != nil && !v.NewRoot && v.Dates == nil {
		if i := f.intercept(to, ownRoots); i != "ignore" {
			add(result.FailIntercepted, i == "forbid", "trusted by this system (%s), but by no public root of %s", rootName(v), talk.PublicRootsDate)
		}
	}
	if c := f.expiring(chain, v, now); c != nil && v.Dates == nil {
		of := ""
		if c != chain[0] {
			of = " of the authority " + c.Subject.CommonName
		}
		add(result.FailExpiring, false, "the certificate%s expires on %s", of, c.NotAfter.UTC().Format(time.DateOnly))
	}
	return ds
}

// soon is when a certificate's end is near though nobody has said what near
// is: what renews itself does so at a third of its time, so that at a tenth
// something has failed; and a person who has to do it wants a week.
func soon(c *x509.Certificate) time.Duration {
	return min(7*24*time.Hour, c.NotAfter.Sub(c.NotBefore)/10)
}

// expiring is the certificate that ends before the check's author wants to
// know, the server's own or one above it; nil if none does.
func (f *trust) expiring(chain []*x509.Certificate, v *talk.Verification, now time.Time) *x509.Certificate {
	for _, c := range []*x509.Certificate{chain[0], v.Ends} {
		if c == nil {
			continue
		}
		within := soon(c)
		if f.ExpiresIn != nil {
			within = f.ExpiresIn.Std()
		}
		if c.NotAfter.Sub(now) < within {
			return c
		}
	}
	return nil
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
