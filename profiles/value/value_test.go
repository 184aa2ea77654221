package value_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles/value"
)

func TestClosest(t *testing.T) {
	words := []string{"port", "ports", "host", "hosts", "timeout", "server_name", "a"}
	for word, want := range map[string]string{
		"prot": "port", "Port": "port", "host": "host", "hsot": "host", "tiemout": "timeout", "timeout_seconds": "timeout", "servername": "server_name",
		"server": "server_name", "zzz": "", "": "", "x": "", "passcode": "", strings.Repeat("p", 200): "",
	} {
		if got := value.Closest(word, words); got != want {
			t.Errorf("%.20q: got %q, want %q", word, got, want)
		}
	}
}

func TestPorts(t *testing.T) {
	p, err := value.ParsePorts("80, 8000-8002 ,443,80")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.String(); got != "80,8000-8002,443,80" {
		t.Errorf("string %s", got)
	}
	if d := cmp.Diff([]uint16{80, 8000, 8001, 8002, 443}, p.All()); d != "" {
		t.Errorf("all (-want +got):\n%s", d)
	}
	if p.Count() != 6 || !p.Contains(8001) || p.Contains(8003) {
		t.Errorf("count %d", p.Count())
	}
	all, err := value.ParsePorts("1-65535")
	if err != nil || len(all.All()) != 65535 {
		t.Errorf("%d of all, %v", len(all.All()), err)
	}
	for _, s := range []string{"", "0", "65536", "8-7", "-80", "80-", ",", "80,,81", "a", "1.5", "٣", "080", strings.Repeat("1,", 1001) + "1"} {
		if _, err := value.ParsePorts(s); err == nil {
			t.Errorf("%.20q is accepted", s)
		}
	}
}

func TestDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{"90s": 90 * time.Second, "15m": 15 * time.Minute, "36h": 36 * time.Hour, "5d": 120 * time.Hour, "1h30m": 90 * time.Minute, "0s": 0, "250ms": 250 * time.Millisecond} {
		got, err := value.ParseDuration(s)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for d, want := range map[time.Duration]string{120 * time.Hour: "5d", 90 * time.Minute: "1h30m", 36 * time.Hour: "36h", 90 * time.Second: "1m30s", 0: "0s", 15 * time.Minute: "15m"} {
		if got := value.Duration(d).String(); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
		if back, err := value.ParseDuration(value.Duration(d).String()); err != nil || back != d {
			t.Errorf("%v comes back as %v, %v", d, back, err)
		}
	}
	for _, s := range []string{"", "90", "-1s", "-1d", "1.5d", "d", "4000d", "9999999h", "1 s", "999999999999999999999d"} {
		if got, err := value.ParseDuration(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestText(t *testing.T) {
	text := value.Text{"en": "English", "fr": "français", "": "none"}
	for lang, want := range map[string]string{"fr": "français", "it": "English", "en": "English"} {
		if got := text.In(lang); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
	if got := (value.Text{"": "x", "de": "y"}).In("it"); got != "x" {
		t.Errorf("without a language: %q", got)
	}
	if got := (value.Text{"it": "b", "de": "a"}).In("fr"); got != "a" {
		t.Errorf("the first: %q", got)
	}
	if got := value.Text(nil).In("en"); got != "" {
		t.Errorf("nothing: %q", got)
	}
}

func TestPrefix(t *testing.T) {
	for s, want := range map[string]string{"192.0.2.1": "192.0.2.1", "10.0.0.0/8": "10.0.0.0/8", "2001:db8::/32": "2001:db8::/32", "192.0.2.1/32": "192.0.2.1"} {
		p, err := value.ParsePrefix(s)
		if err != nil || p.String() != want {
			t.Errorf("%s: %v, %v", s, p, err)
		}
	}
}

func TestURLShowsNoCredentials(t *testing.T) {
	for _, s := range []string{
		"https://user:hunter2@a.example/", "https://hunter2@a.example/", "//u:hunter2@a/", "https://u:hunter2@%zz/", "https://u:hunter2@[::1/",
		"ftp://u:hunter2@a/", "https://u:hunter2@a b/", "https:u:hunter2@a/", "https:\\\\u:hunter2@a/", "u:hunter2@a.example", "https://a.example\\@hunter2@b/",
		"https:///u:hunter2@a/",
	} {
		if _, err := value.ParseURL(s); err == nil {
			t.Errorf("%s is accepted", s)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows it: %v", s, err)
		}
	}
	if _, err := value.ParseURL("https://a.example/@hunter2"); err != nil {
		t.Error(err)
	}
}

func TestSecretNeverShows(t *testing.T) {
	s := value.Secret("hunter2")
	shown := fmt.Sprint(s, fmt.Sprintf("%v %+v %#v %s %q %x", s, struct{ S value.Secret }{s}, s, s, s, s))
	if b, err := s.MarshalJSON(); err != nil || strings.Contains(string(b), "hunter2") {
		t.Errorf("JSON: %s, %v", b, err)
	}
	if strings.Contains(shown, "hunter2") || strings.Contains(shown, fmt.Sprintf("%x", "hunter2")) {
		t.Error(shown)
	}
	if s.Reveal() != "hunter2" {
		t.Error("not revealed")
	}
}
