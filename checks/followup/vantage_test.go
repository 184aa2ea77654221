package followup

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

// The helper is known by its key, whatever its certificate says, and tells the
// time; whoever else answers in its name does neither.
func TestHelperShowsItself(t *testing.T) {
	genuine := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.Header.Get(vantage.HeaderChallenge)))
		w.Header().Set(vantage.HeaderResponse, hex.EncodeToString(sum[:]))
		w.Header().Set("Date", time.Now().Add(-72*time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusNoContent)
	})
	portal := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://login.lan/", http.StatusFound)
	})
	secure := httptest.NewUnstartedServer(genuine)
	secure.TLS = &tls.Config{NextProtos: []string{"http/1.1"}}
	secure.StartTLS()
	defer secure.Close()
	plain, login := httptest.NewServer(genuine), httptest.NewServer(portal)
	defer plain.Close()
	defer login.Close()
	pin := talk.Pin(secure.Certificate())
	const otherPin = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, c := range map[string]struct {
		url     string
		failure result.Failure
		genuine any
		dated   bool
	}{
		"by its key":            {secure.URL + "#" + pin, "", true, true},
		"another key":           {secure.URL + "#" + otherPin, result.FailPin, nil, false},
		"trusted by nobody":     {secure.URL, result.FailUnknownCA, nil, false},
		"without TLS":           {plain.URL, "", true, true},
		"a login page, instead": {login.URL, "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			env := &engine.Env{Network: dial.New(dial.Options{}), Vantage: c.url}
			h := helperOf(env, nil)
			trace := engine.NewTrace(env, time.Now())
			_ = lookHelper(t.Context(), trace, result.Subject{Host: h.Server().Host, Port: int(h.Server().Port)})
			st := trace.Steps()[0]
			ahead, dated := st.Facts["http.date_offset_s"].(float64)
			if st.Failure != c.failure || st.Facts["vantage.genuine"] != c.genuine || dated != c.dated || dated && (ahead > -72*3600+60 || ahead < -72*3600-60) {
				t.Errorf("%+v", st)
			}
		})
	}
}

// It is asked where a page or a date is in doubt, and in no run without one.
func TestWantsHelper(t *testing.T) {
	c := &result.Check{Kind: "http", Verdict: result.Fail, Steps: []result.Step{{Op: result.OpVerify, Failure: result.FailExpired}}}
	for url, want := range map[string]int{"": 0, "https://vantage.example": 1, "echoip+https://ifconfig.example": 0} {
		s := &Seen{Report: &result.Report{}, Env: &engine.Env{Vantage: url}}
		if got := len(wantsHelper(s, c)); got != want {
			t.Errorf("%q: %d subjects, wanted %d", url, got, want)
		}
		if n := len(wantsHelper(s, &result.Check{Kind: "http", Verdict: result.Pass, Steps: c.Steps})); n != 0 {
			t.Errorf("%q: asked for a check that passed", url)
		}
	}
}
