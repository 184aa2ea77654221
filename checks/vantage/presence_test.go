package vantage

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestPresent(t *testing.T) {
	asked := func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.Header.Get(HeaderChallenge)))
		w.Header().Set(HeaderResponse, hex.EncodeToString(sum[:]))
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   Presence
	}{
		"the helper": {func(w http.ResponseWriter, r *http.Request) {
			asked(w, r)
			w.WriteHeader(http.StatusNoContent)
		}, Presence{Genuine: true, Status: 204, Dated: true}},
		"a login page": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://login.lan/start?secret=1", http.StatusFound)
		}, Presence{Status: 302, Location: "http://login.lan/start", Dated: true}},
		"a network that says yes to all": {says(http.StatusNoContent, ""), Presence{Status: 204, Dated: true}},
		"the answer to another challenge": {
			says(http.StatusNoContent, "", HeaderResponse, hex.EncodeToString(make([]byte, 32))), Presence{Status: 204, Dated: true},
		},
		"a page with the answer": {asked, Presence{Status: 200, Dated: true}},
		"another clock": {func(w http.ResponseWriter, r *http.Request) {
			asked(w, r)
			w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusNoContent)
		}, Presence{Genuine: true, Status: 204, Dated: true, Ahead: time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			got, err := helper(t, s.URL, Options{}).(*client).Present(t.Context())
			if off := got.Ahead - c.want.Ahead; off > 2*time.Second || off < -2*time.Second {
				t.Errorf("%v ahead, wanted %v", got.Ahead, c.want.Ahead)
			}
			got.Ahead = c.want.Ahead
			if err != nil || got != c.want {
				t.Errorf("%+v (%v), wanted %+v", got, err, c.want)
			}
		})
	}
}
