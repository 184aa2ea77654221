package followup

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// looked runs one look at a server on loopback and returns its steps by
// variant.
func looked(t *testing.T, f Followup, l net.Listener) map[string]result.Step {
	t.Helper()
	at := netip.MustParseAddrPort(l.Addr().String())
	env := &engine.Env{Network: dial.New(dial.Options{})}
	trace := engine.NewTrace(env, time.Now())
	if err := f.Look(t.Context(), trace, result.Subject{Host: "a.test", Address: at.Addr().String(), Port: int(at.Port()), Proto: "tcp"}); err != nil {
		t.Error(err)
	}
	steps := map[string]result.Step{}
	for _, st := range trace.Steps() {
		variant, _ := st.Facts["variant"].(string)
		steps[variant] = st
	}
	return steps
}

func TestWebTellsWhoAnswers(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-72*time.Hour).UTC().Format(http.TimeFormat))
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, strings.Repeat("x", 8000))
		}
	})
	plainly, securely := httptest.NewServer(page), httptest.NewTLSServer(page)
	defer plainly.Close()
	defer securely.Close()

	st := looked(t, webPages, securely.Listener)[""]
	ahead, _ := st.Facts["http.date_offset_s"].(float64)
	if st.Failure != "" || st.Facts["http.response.status_code"] != 200 || ahead > -72*3600+60 || ahead < -72*3600-60 {
		t.Errorf("the clock of a server that nobody trusts: %+v", st)
	}
	for name, look := range map[string]struct {
		f Followup
		l net.Listener
	}{"plain": {request, plainly.Listener}, "over TLS": {requestTLS, securely.Listener}} {
		steps := looked(t, look.f, look.l)
		for _, variant := range []string{"repeat", "segments"} {
			if st, ok := steps[variant]; variant == "repeat" && !ok || ok && (st.Failure != "" || st.Facts["http.response.status_code"] != 200) {
				t.Errorf("%s, %s: %+v", name, variant, st)
			}
		}
	}
	steps := looked(t, greeting, plainly.Listener)
	if st := steps["plain"]; st.Facts["http.response.status_code"] != 200 {
		t.Errorf("HTTP where a greeting was due: %+v", st)
	}
	if st := steps["tls"]; st.Failure != result.FailNotTLS {
		t.Errorf("TLS where there is none: %+v", st)
	}
}

func TestWhoIsAskedForAPage(t *testing.T) {
	visited := func(id, host, address string, port int, f result.Failure) result.Check {
		c := result.Check{
			ID: id, Machine: "m1", Kind: "tls", Verdict: result.Pass,
			Results: []result.Result{{Host: host, Address: address, Proto: "tcp", Ports: strconv.Itoa(port), State: result.Open, Failure: f}},
			Steps: []result.Step{{Op: result.OpVerify, Failure: f, Facts: result.Facts{
				"server.address": host, "network.peer.address": address, "network.peer.port": port,
			}}},
		}
		if f != "" {
			c.Verdict = result.Fail
		}
		return c
	}
	tests := map[string]struct {
		checks []result.Check
		want   []string
	}{
		"all is well": {checks: []result.Check{visited("a", "a.example", "192.0.2.1", 443, ""), visited("b", "b.test", "192.0.2.2", 443, "")}},
		"somebody else's certificate": {
			checks: []result.Check{
				visited("a", "a.example", "192.0.2.1", 443, result.FailNameMismatch), visited("b", "www.a.example", "192.0.2.2", 443, ""),
				visited("c", "c.test", "192.0.2.3", 8443, ""), visited("d", "d.test", "192.0.2.4", 443, ""),
			},
			want: []string{"a.example 192.0.2.1:80", "c.test 192.0.2.3:80", "d.test 192.0.2.4:80"},
		},
		"a date": {
			checks: []result.Check{
				visited("a", "a.example", "192.0.2.1", 443, result.FailExpired), visited("b", "b.test", "192.0.2.2", 8883, ""), visited("c", "c.test", "192.0.2.3", 80, ""),
			},
			want: []string{"a.example 192.0.2.1:443", "c.test 192.0.2.3:80"},
		},
	}
	shut := visited("a", "a.example", "192.0.2.1", 443, result.FailConnectTimeout)
	shut.Results[0].State, shut.Steps = result.Filtered, nil
	tests["nothing over TLS"] = struct {
		checks []result.Check
		want   []string
	}{[]result.Check{shut}, []string{"a.example 192.0.2.1:80"}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := &result.Report{Checks: test.checks}
			s := see(r, &engine.Env{})
			var got []string
			for i := range r.Checks {
				for _, o := range webPages.Wants(s, &r.Checks[i]) {
					got = append(got, o.Host+" "+net.JoinHostPort(o.Address, strconv.Itoa(o.Port)))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
