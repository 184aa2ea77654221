package report_test

import (
	"strings"
	"testing"

	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

// namesReport has hosts that the profile names literally, with what was answered for them.
func namesReport() *result.Report {
	r := newSample("names", result.Check{ID: "x", Kind: "tcp"})
	r.Machines[0].Name = "till7.shop1.rossi-spa.de"
	r.Checks[0].Detail = "asked till7.meyer-gmbh.de, www.meyer-gmbh.de, PC-ANNA, erp.rossi-spa.de, api.vendor.com, blocked.vendor.net, gone.other.com and server by themselves; " +
		"local.vendor.com, www.caught.com, printer9.schmidt-kg.de"
	look := func(host string, addrs ...any) {
		c := result.Check{ID: "c-" + strings.ReplaceAll(strings.ToLower(host), ".", "-"), Kind: "tcp", Machine: "m1", Verdict: result.Fail, Level: result.Required, Target: host + ":9"}
		c.Group = c.ID
		c.Spec.Fields = map[string]any{"host": host, "port": 9.0}
		c.Steps = []result.Step{{Op: result.OpResolve, Facts: result.Facts{"dns.question.name": host, "dns.answers": addrs}}}
		for _, a := range addrs {
			c.Results = append(c.Results, result.Result{Host: host, Address: a.(string), Proto: "tcp", Ports: "9", State: result.Closed, Failure: result.FailRefused})
		}
		r.Checks = append(r.Checks, c)
	}
	look("PC-ANNA", "192.168.77.1")
	look("SRV_ZEBRA")
	look("server")
	look("till7.meyer-gmbh.de", "192.168.77.1", "fd00::7")
	look("api.vendor.com", "203.0.113.7")
	look("local.vendor.com", "10.0.0.7")
	look("blocked.vendor.net", "0.0.0.0", "127.0.0.1")
	look("gone.other.com")
	look("www.caught.com", "192.168.77.254")
	r.Followups = append(r.Followups, result.Followup{Name: "names", Machine: "m1", Subject: result.Subject{Host: "www.caught.com"}, Steps: []result.Step{
		{Op: result.OpQuery, Facts: result.Facts{"dns.question.name": "www.caught.com", "dns.answers": []any{"203.0.113.80"}, "dns.reference": true, "server.address": "9.9.9.9"}},
		{Op: result.OpQuery, Facts: result.Facts{"dns.question.name": "9.77.168.192.in-addr.arpa", "dns.question.type": "PTR", "dns.answers": []any{"PTR printer9.schmidt-kg.de."}, "server.address": "192.168.77.1"}},
	}})
	return r
}

// What a profile names itself is the site's where it has no meaning but there.
func TestRedactionKnowsInternalNamesOfTheProfile(t *testing.T) {
	r := namesReport()
	if err := redactor(t, someKey).Redact(r); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"", "en", "de"} {
		if lang != "" {
			diagnosis.Diagnose(r, lang)
		}
		text := strings.ToLower(string(asJSON(t, r)))
		// ids of checks are the profile's and stay
		for _, c := range r.Checks {
			text = strings.ReplaceAll(text, `"`+c.ID+`"`, "")
		}
		for _, s := range []string{"pc-anna", "srv_zebra", "meyer-gmbh", "rossi-spa", "schmidt-kg", "local.vendor.com"} {
			if strings.Contains(text, s) {
				t.Errorf("%s: %s is told", lang, s)
			}
		}
		for _, s := range []string{"api.vendor.com", "blocked.vendor.net", "gone.other.com", "www.caught.com", "and server by themselves"} {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %s is gone", lang, s)
			}
		}
	}
	if a, b := r.Checks[len(r.Checks)-9], r.Checks[len(r.Checks)-9].Results[0]; a.Spec.Fields["host"] != b.Host || a.Target != b.Host+":9" {
		t.Errorf("one name is %v, %s and %s", a.Spec.Fields["host"], a.Target, b.Host)
	}
}

// A domain under which anybody may register is nobody's.
func TestRedactionLeavesPublicSuffixes(t *testing.T) {
	r := newSample("suffix", result.Check{ID: "x", Kind: "tcp"})
	r.Machines[0].Name = "till7.co.uk"
	r.Checks[0].Detail = "asked api.vendor.co.uk and till7.co.uk"
	if err := redactor(t, someKey).Redact(r); err != nil {
		t.Fatal(err)
	}
	if d := r.Checks[0].Detail; !strings.Contains(d, "api.vendor.co.uk") || strings.Contains(d, "till7") {
		t.Error(d)
	}
}

func TestRedactionOfUsersAndPathsInTexts(t *testing.T) {
	for text, want := range map[string]string{
		`login DOMZEBRA\zebrauser failed`:                                            `login # failed`,
		`at http://zebrauser@10.1.2.3:8080/zebrapath/a.csv?x=zebraq, then`:           `at http://#@#:8080/#/#.csv?#, then`,
		`at http://zebrauser:zebrapw@zebrahost/zebrapath#zebraq.`:                    `at http://#@#/##.`,
		`https://zebrauser@api.vendor.com/v1/status?x=1`:                             `https://#@api.vendor.com/v1/status?x=1`,
		`mail zebra@zebrashop.lan or zebra@192.168.1.9, not help@vendor.com`:         `mail #@#.lan or #@#, not help@vendor.com`,
		`http://127.0.0.1:80/health, http://localhost/health`:                        `http://127.0.0.1:80/health, http://localhost/health`,
		`http://portal.zebrashop.lan/login?zebra=1`:                                  `http://portal.#.lan/login?#`,
		`C:\Program Files\Vendor\pos.ini, C:\Program Files\Vendor and HKLM\Software`: `C:\Program Files\Vendor\pos.ini, C:\Program Files\Vendor and HKLM\Software`,
		`reply "220 ready\r\n", byte\x1b, NT AUTHORITY\SYSTEM`:                       `reply "220 ready\r\n", byte\x1b, NT AUTHORITY\SYSTEM`,
		`keys hmac-sha2-256-etm@openssh.com`:                                         `keys hmac-sha2-256-etm@openssh.com`,
	} {
		r := newSample("text", result.Check{ID: "x", Kind: "tcp"})
		r.Machines[0].Name, r.Machines[0].Addresses = "", nil
		r.Checks[0].Detail = text
		if err := redactor(t, someKey).Redact(r); err != nil {
			t.Fatal(err)
		}
		got := r.Checks[0].Detail
		if strings.Contains(got, "zebra") || strings.Contains(got, "ZEBRA") {
			t.Errorf("%s became %s", text, got)
		}
		rest := got
		for i, part := range strings.Split(want, "#") {
			at := strings.Index(rest, part)
			if at < 0 || i == 0 && at > 0 {
				t.Errorf("%s became %s, not %s", text, got, want)
				break
			}
			rest = rest[at+len(part):]
		}
	}
}

// A file has one pseudonym, wherever it is named.
func TestRedactionOfFilesInErrors(t *testing.T) {
	r := newSample("file", result.Check{ID: "x", Kind: "tcp"})
	said := "the newest file, zebra file.TXT, is 3 days old"
	c := &r.Checks[0]
	c.Detail, c.Steps = said, []result.Step{{Op: result.OpCompare, Facts: result.Facts{"file.name": "zebra file.TXT"}, Failure: result.FailStale, Err: said + ", allowed are 1 day"}}
	if err := redactor(t, someKey).Redact(r); err != nil {
		t.Fatal(err)
	}
	c = &r.Checks[0]
	name, _ := c.Steps[0].Facts["file.name"].(string)
	if want := "the newest file, " + name + ", is 3 days old"; strings.Contains(name, "zebra") || c.Detail != want || c.Steps[0].Err != want+", allowed are 1 day" {
		t.Errorf("%s: %s; %s", name, c.Detail, c.Steps[0].Err)
	}
}

// Of reports that are read beside each other, a name is the site's in all or in none.
func TestRedactionOfNamesThatAreGone(t *testing.T) {
	found, gone := namesReport(), namesReport()
	for i := range gone.Checks {
		c := &gone.Checks[i]
		c.Results = nil
		for j := range c.Steps {
			delete(c.Steps[j].Facts, "dns.answers")
		}
	}
	gone.Followups = nil
	x := redactor(t, someKey)
	x.Know(found)
	x.Know(gone)
	for _, r := range []*result.Report{gone, found} {
		if err := x.Redact(r); err != nil {
			t.Fatal(err)
		}
		if text := string(asJSON(t, r)); strings.Contains(text, "meyer-gmbh.de") || !strings.Contains(text, "www.caught.com") || !strings.Contains(text, "api.vendor.com") {
			t.Error(text)
		}
	}
	if a, b := found.Checks[4].Target, gone.Checks[4].Target; a != b {
		t.Errorf("one name is %s and %s", a, b)
	}
}
