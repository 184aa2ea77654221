package report_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

func redactor(t testing.TB, key string) *report.Redactor {
	t.Helper()
	given := []byte(key)
	if key == "" {
		given = nil
	}
	x, err := report.NewRedactor(report.RedactSite, given)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

const someKey = "a key that is long enough"

// gist is what a diagnosis says, but for the names of things.
func gist(r *result.Report) []string {
	var all []string
	for _, f := range r.Findings {
		at := "nowhere"
		if f.At != nil {
			at = fmt.Sprintf("%s hop %d, address %v, between %d", f.At.Owner, f.At.Hop, f.At.Address != "", len(f.At.Between))
		}
		all = append(all, fmt.Sprintf("%s %s by %s, %s, %s to act, %s, %d checks, %d targets, %d since, or %v, request %v", f.Code, f.Confidence, f.Rule, at, f.Act, f.Level, len(f.Checks), len(f.Targets), len(f.Evidence), f.NotExcluded, f.Request != nil))
	}
	slices.Sort(all) // findings of one weight are in the order of their addresses
	for _, c := range r.Checks {
		line := fmt.Sprintf("%s %s %s %d findings", c.Verdict, c.Observed, c.Reason, len(c.Findings))
		if c.Cause != nil {
			line += " " + string(c.Cause.Code) + " " + string(c.Cause.Confidence)
		}
		all = append(all, line)
	}
	return append(all, string(r.Verdict))
}

// cases are the recorded evidence of every rule of diagnosis, and the samples.
func cases(t testing.TB) map[string]func() *result.Report {
	t.Helper()
	all := map[string]func() *result.Report{}
	for name := range samples() {
		all["sample "+name] = func() *result.Report { return samples()[name] }
	}
	files, err := filepath.Glob("diagnosis/testdata/*.txtar")
	if err != nil || len(files) < 100 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if name, ok := strings.CutSuffix(f.Name, ".json"); ok {
				all[strings.TrimSuffix(filepath.Base(file), ".txtar")+" "+name] = func() *result.Report { return recorded(t, f.Data) }
			}
		}
	}
	return all
}

// recorded is a case's fragment, with what it leaves out.
func recorded(t testing.TB, data []byte) *result.Report {
	t.Helper()
	r := &result.Report{Schema: result.Schema}
	if err := json.Unmarshal(data, r); err != nil {
		t.Fatal(err)
	}
	if len(r.Machines) == 0 {
		r.Machines = []result.Machine{{OS: "linux", Name: "till-7", Addresses: []string{"192.168.1.10/24", "fe80::10/64"}, Gateway: "192.168.1.1"}}
	}
	r.Machines[0].ID = "m1"
	if r.Started.IsZero() {
		r.Started = r.Started.AddDate(2025, 10, 20)
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		c.ID = cmp.Or(c.ID, fmt.Sprintf("c%d", i+1))
		c.Machine, c.Group, c.Kind = cmp.Or(c.Machine, "m1"), cmp.Or(c.Group, c.ID), cmp.Or(c.Kind, "tcp")
		c.Level, c.Verdict = cmp.Or(c.Level, result.Required), cmp.Or(c.Verdict, result.Fail)
	}
	return r
}

// A report that was redacted has the same diagnosis, and is not redacted twice.
func TestRedactedReportsAreDiagnosedAlike(t *testing.T) {
	for name, of := range cases(t) {
		t.Run(name, func(t *testing.T) {
			plain, r := of(), of()
			diagnosis.Diagnose(plain, "en")
			if err := redactor(t, someKey).Redact(r); err != nil {
				t.Fatal(err)
			}
			diagnosis.Diagnose(r, "en")
			if diff := gocmp.Diff(gist(plain), gist(r)); diff != "" {
				t.Errorf("-plain +redacted\n%s", diff)
			}
			first := asJSON(t, r)
			if err := redactor(t, "another key, as long as that").Redact(r); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, asJSON(t, r)) {
				t.Error("it was redacted twice")
			}
		})
	}
}

// siteData is what tells whose network it is, each in the forms that it may have.
var siteData = []string{
	"192.168.77.88", "10.66.77.88", "172.20.66.77", "100.64.99.77", "169.254.99.77", "fd12:3456:789a::77", "fe80::aabb:ccff:fedd:eeff",
	"198.51.100.99", "2001:db8:7777:1::99", "aa:bb:cc:dd:ee:0f", "AA-BB-CC-DD-EE-0F", "88.77.168.192.in-addr.arpa", "192-168-77-88",
	"zanzibar", "Via Pompei 12", "acme-branch", "kasse-zz9", "srv1.rossinet.local", "erp.rossi-spa.example", "rossi", "filesrv01", "deep/folder", "secretproxy", "rossi-spa",
}

const siteText = "of 192.168.77.88:443, [fd12:3456:789a::77]:80, 10.66.77.88/24, ::ffff:172.20.66.77, 100.64.99.77, 169.254.99.77, fe80::aabb:ccff:fedd:eeff%eth0, " +
	"own 198.51.100.99 and 2001:db8:7777:1::99; aa:bb:cc:dd:ee:0f AA-BB-CC-DD-EE-0F 88.77.168.192.in-addr.arpa host-192-168-77-88.isp.example " +
	"in ZANZIBAR at Via Pompei 12, xacme-branchx.vendor.example, Kasse-ZZ9.rossi-spa.example, srv1.rossinet.local, https://erp.rossi-spa.example/x, " +
	`/home/rossi/a C:\Users\rossi\b.txt \\filesrv01\deep\c /deep/folder/key.pem http://secretproxy:3128/`

// siteReport is a report that has all that in every field that can hold it.
func siteReport() *result.Report {
	r := swept()
	fill(reflect.ValueOf(r).Elem(), siteText)
	for i := range r.Checks {
		c := &r.Checks[i]
		c.ID, c.Group, c.Machine, c.Kind = fmt.Sprintf("c%d[zanzibar]", i), fmt.Sprintf("c%d", i), "m1", "tcp"
		c.Verdict, c.Level, c.Findings = result.Fail, result.Required, nil
	}
	m := &r.Machines[0]
	m.ID, m.Role, m.Name, m.OS, m.Addresses = "m1", "", "KASSE-ZZ9.rossi-spa.example", "Linux", []string{"192.168.77.88/24", "2001:db8:7777:1::99/64"}
	m.Proxy, m.ProxyScript = "http_proxy=http://secretproxy:3128 no_proxy=*.rossi-spa.example", ""
	m.Run = nil
	r.Profile.ID, r.Profile.Ref, r.Profile.Role, r.Profile.SHA256, r.Profile.Revision, r.Profile.Vendor = "shop", "/home/rossi/zanzibar.yaml", "", strings.Repeat("ab", 32), "1", "Vendor"
	r.Profile.Args = []string{"--site", "/deep/folder/zanzibar.yaml", "--set", "branch=zanzibar"}
	r.Lang, r.Verdict, r.Tool = "en", result.Fail, result.Tool{Name: "netcheck", Version: "1"}
	r.Lost, r.Redacted = nil, nil
	r.Params = map[string]any{
		"branch": "zanzibar", "street": "Via Pompei 12", "tenant": "acme-branch", "own": "198.51.100.99", "erp": "https://erp.rossi-spa.example/deep/folder?x=1",
		"key": "/deep/folder", "devices": []any{map[string]any{"id": "rossi-till", "host": "192.168.77.88"}}, "mode": "plain", "port": 443.0, "allowed": []any{"10.66.77.88/24"},
	}
	r.ParamTypes = map[string]string{"branch": "string", "street": "string", "tenant": "dns-label", "own": "ip", "erp": "url", "key": "path", "devices": "list", "mode": "choice", "port": "port", "allowed": "cidr-list"}
	return r
}

// fill puts a text into every text, and one element into every list that is empty.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if v.Elem().Kind() == reflect.Struct {
			fill(v.Elem(), text)
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != reflect.TypeFor[time.Time]() {
				fill(v.Field(i), text)
			}
		}
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		e := reflect.New(v.Type().Elem()).Elem()
		if e.Kind() == reflect.Interface {
			e.Set(reflect.ValueOf([]any{text, map[string]any{"a": text}}))
		} else {
			fill(e, text)
		}
		m.SetMapIndex(reflect.ValueOf("en").Convert(v.Type().Key()), e)
		v.Set(m)
	}
}

// Nothing of the site is in any format, before or after the report is diagnosed, in
// any language.
func TestRedactedReportsTellNobodysNetwork(t *testing.T) {
	r := siteReport()
	plain := strings.ToLower(string(asJSON(t, siteReport())))
	for _, s := range siteData {
		if !strings.Contains(plain, strings.ToLower(s)) {
			t.Errorf("%s is not even in the report", s)
		}
	}
	if err := redactor(t, someKey).Redact(r); err != nil {
		t.Fatal(err)
	}
	for round, lang := range append([]string{""}, i18n.Languages()...) {
		if round > 0 {
			diagnosis.Diagnose(r, lang)
		}
		for _, f := range report.Formats() {
			for _, verbose := range []bool{false, true} {
				var b bytes.Buffer
				if err := f.Write(&b, r, report.Options{Lang: lang, Verbose: verbose, Unicode: true, Width: 5000}); err != nil {
					t.Fatal(err)
				}
				written := strings.ToLower(b.String())
				for _, s := range siteData {
					if i := strings.Index(written, strings.ToLower(s)); i >= 0 {
						t.Errorf("%s, as %s: %s is in …%s…", lang, f.Name, s, written[max(0, i-60):min(len(written), i+60)])
					}
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	for _, want := range []string{`"mode": "plain"`, `"port": 443`, `"ref": "/site-`, `.yaml"`, `"vendor": "Vendor"`, ".vendor.example"} {
		if !strings.Contains(string(asJSON(t, r)), want) {
			t.Errorf("%s is gone", want)
		}
	}
}

// With one key the same stands for the same in every report, with another nothing does.
func TestPseudonymsByKey(t *testing.T) {
	of := func(key string) []byte {
		r := siteReport()
		if err := redactor(t, key).Redact(r); err != nil {
			t.Fatal(err)
		}
		return asJSON(t, r)
	}
	if !bytes.Equal(of(someKey), of(someKey)) {
		t.Error("one key gives two reports")
	}
	if bytes.Equal(of(someKey), of("another key, as long as that")) {
		t.Error("two keys give one report")
	}
	if bytes.Equal(of(""), of("")) {
		t.Error("without a key, two reports are alike")
	}
	for level, key := range map[string]string{"shop": someKey, "": someKey, report.RedactSite: "too short"} {
		if _, err := report.NewRedactor(level, []byte(key)); err == nil || !strings.Contains(err.Error(), "levels are: site") && level != report.RedactSite {
			t.Errorf("%q by %q: %v", level, key, err)
		}
	}
	a, b := mixed(), mixed()
	if err := errors.Join(redactor(t, someKey).Redact(a), redactor(t, "").Redact(b)); err != nil {
		t.Fatal(err)
	}
	if _, err := result.Compare(result.Named{Name: "a", Report: a}, result.Named{Name: "b", Report: b}); err == nil || !strings.Contains(err.Error(), "--redact-key") {
		t.Errorf("reports of two keys were compared: %v", err)
	}
}

// An address's pseudonym is one of the same range, and as near to another as they were.
func TestPseudonymsOfAddresses(t *testing.T) {
	many := []string{
		"10.1.2.3", "10.1.2.4", "10.1.3.4", "10.200.3.4", "172.16.0.1", "172.31.255.254", "192.168.1.1", "192.168.1.254", "192.168.200.1", "100.64.0.1", "100.127.3.4", "169.254.3.4",
		"fd00::1", "fd00::2", "fd00:1::1", "fe80::1", "fe80::2:1", "127.0.0.1", "::1", "0.0.0.0", "198.51.100.7", "203.0.113.9", "2001:db8:1::1", "8.8.8.8", "169.254.169.254", "224.0.0.251", "255.255.255.255",
	}
	r := newSample("addresses")
	r.Machines[0].Addresses, r.Machines[0].Resolvers = []string{"192.168.1.10/24"}, many
	r.Machines[0].Gateways = []string{"10.1.2.0/24", "fd00:1::/64"}
	if err := redactor(t, someKey).Redact(r); err != nil {
		t.Fatal(err)
	}
	shared := func(a, b netip.Addr) int {
		for n := a.BitLen(); n > 0; n-- {
			if p, err := a.Prefix(n); err == nil && p.Contains(b) {
				return n
			}
		}
		return 0
	}
	for i, s := range many {
		was, is := netip.MustParseAddr(s), netip.MustParseAddr(r.Machines[0].Resolvers[i])
		inside := was.IsPrivate() || was.IsLinkLocalUnicast() && s != "169.254.169.254" || strings.HasPrefix(s, "100.")
		if inside == (was == is) {
			t.Errorf("%s is %s", was, is)
		}
		if was.IsPrivate() != is.IsPrivate() || was.IsLinkLocalUnicast() != is.IsLinkLocalUnicast() || was.IsLoopback() != is.IsLoopback() || was.Is4() != is.Is4() {
			t.Errorf("%s is %s, of another range", was, is)
		}
		for j, o := range many[:i] {
			other := netip.MustParseAddr(o)
			if was.Is4() == other.Is4() && shared(was, other) != shared(is, netip.MustParseAddr(r.Machines[0].Resolvers[j])) {
				t.Errorf("%s and %s are %s and %s", was, other, is, r.Machines[0].Resolvers[j])
			}
		}
	}
	for _, s := range r.Machines[0].Gateways {
		if p, err := netip.ParsePrefix(s); err != nil || p != p.Masked() {
			t.Errorf("a network is %s", s)
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, s := range append(slices.Clone(siteData), siteText, "::", "1.2.3.4.5", "a:b:c", "\\\\", "%", "ffff:1.2.3.4", "x.local.", strings.Repeat("9", 40)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := mixed()
		r.Params = map[string]any{"a": s, "b": []any{s, map[string]any{s: s}}}
		r.Machines[0].Name = s
		r.Checks[0].Detail, r.Checks[1].Detail = s, s
		if err := redactor(t, someKey).Redact(r); err != nil {
			t.Fatal(err)
		}
		diagnosis.Diagnose(r, "en")
		if _, err := report.Read(bytes.NewReader(asJSON(t, r))); err != nil {
			t.Fatal(err)
		}
	})
}
