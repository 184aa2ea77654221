package checks

import (
	"errors"
	"strings"
	"testing"

	"netcheck/checks/engine"
	"netcheck/profiles"
	"netcheck/profiles/value"
)

func urlOf(t *testing.T, s string) value.URL {
	t.Helper()
	u, err := value.ParseURL(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Each is a mistake that a profile's author can make, and the field that the
// message must point at; "" is no mistake.
func TestValidateWeb(t *testing.T) {
	host := hosts{Host: value.OneOrMany[value.Host]{"shop.test"}}
	url := value.OneOrMany[value.URL]{urlOf(t, "https://shop.test/")}
	plain := value.OneOrMany[value.URL]{urlOf(t, "http://shop.test/")}
	ws := value.OneOrMany[value.URL]{urlOf(t, "wss://shop.test/")}
	one := ports{Port: value.Ports{{First: 587, Last: 587}}}
	many := ports{Ports: value.Ports{{First: 1, Last: 2000}}}
	for name, c := range map[string]struct {
		check engine.Prober
		field string
	}{
		"dns":                           {&dnsCheck{Name: "shop.test"}, ""},
		"dns of nothing":                {&dnsCheck{}, "name"},
		"dns of an address":             {&dnsCheck{Name: "192.0.2.1"}, "name"},
		"dns of an address, reverse":    {&dnsCheck{Name: "192.0.2.1", Type: "ptr"}, ""},
		"dns of a long label":           {&dnsCheck{Name: strings.Repeat("a", 64)}, "name"},
		"dns of another type":           {&dnsCheck{Name: "shop.test", Type: "AAA"}, "type"},
		"dns absent with a value":       {&dnsCheck{Name: "shop.test", Expect: "nxdomain", Equals: []string{"192.0.2.1"}}, "expect"},
		"dns equals no address":         {&dnsCheck{Name: "shop.test", Equals: []string{"other.test"}}, "equals"},
		"dns equals itself":             {&dnsCheck{Name: "shop.test", Equals: []string{ownPublicIP}}, ""},
		"dns text is no address":        {&dnsCheck{Name: "shop.test", Type: "TXT", Equals: []string{ownPublicIP}}, "equals"},
		"dns text within":               {&dnsCheck{Name: "shop.test", Type: "TXT", Within: make([]value.Prefix, 1)}, "within"},
		"dns at an address":             {&dnsCheck{Name: "shop.test", Resolver: "192.0.2.53"}, ""},
		"dns at an address and port":    {&dnsCheck{Name: "shop.test", Resolver: "[2001:db8::53]:5353"}, ""},
		"dns at a name":                 {&dnsCheck{Name: "shop.test", Resolver: "dns.test"}, "resolver"},
		"dns at port 0":                 {&dnsCheck{Name: "shop.test", Resolver: "192.0.2.53:0"}, "resolver"},
		"tls":                           {&tlsCheck{hosts: host}, ""},
		"tls without a host":            {&tlsCheck{}, "host"},
		"tls on too many ports":         {&tlsCheck{hosts: host, ports: many}, "port"},
		"tls after starttls":            {&tlsCheck{hosts: host, ports: one, StartTLS: "smtp"}, ""},
		"tls after starttls on 443":     {&tlsCheck{hosts: host, StartTLS: "smtp"}, "starttls"},
		"tls after something else":      {&tlsCheck{hosts: host, ports: one, StartTLS: "sip"}, "starttls"},
		"tls with a key alone":          {&tlsCheck{hosts: host, trust: trust{ClientKey: "till.key"}}, "client_key"},
		"tls with an empty protocol":    {&tlsCheck{hosts: host, ALPN: []string{""}}, "alpn"},
		"tls with a misspelt trust":     {&tlsCheck{hosts: host, trust: trust{Trust: "any"}}, "trust"},
		"tls with half a pin":           {&tlsCheck{hosts: host, trust: trust{Trust: "sha256:00ff"}}, "trust"},
		"http":                          {&httpCheck{URL: url}, ""},
		"http without a url":            {&httpCheck{}, "url"},
		"http with url and urls":        {&httpCheck{URL: url, URLs: url}, "urls"},
		"http to a WebSocket":           {&httpCheck{URL: ws}, ""},
		"http with upgrade":             {&httpCheck{URL: url, WebSocket: true}, ""},
		"WebSocket by POST":             {&httpCheck{URL: ws, Method: "POST"}, "method"},
		"WebSocket with a body":         {&httpCheck{URL: ws, Send: &httpSend{Body: "x"}}, "send"},
		"WebSocket with a status":       {&httpCheck{URL: ws, Status: []string{"200"}}, "status"},
		"WebSocket elsewhere":           {&httpCheck{URL: ws, Follow: 1}, "follow"},
		"http with no login":            {&httpCheck{URL: url, Auth: &httpAuth{}}, "auth"},
		"http with a login":             {&httpCheck{URL: url, Auth: &httpAuth{User: "till", Password: "x"}}, ""},
		"http with half a login":        {&httpCheck{URL: url, Auth: &httpAuth{User: "till"}}, "auth"},
		"http with the other half":      {&httpCheck{URL: url, Auth: &httpAuth{Password: "x"}}, "auth"},
		"http with a colon in the user": {&httpCheck{URL: url, Auth: &httpAuth{User: "t:ill", Password: "x"}}, "auth"},
		"a login in clear":              {&httpCheck{URL: plain, Auth: &httpAuth{User: "till", Password: "x"}}, "auth"},
		"a login in clear, as said":     {&httpCheck{URL: plain, Auth: &httpAuth{User: "till", Password: "x", InClear: true}}, ""},
		"a login demanded":              {&httpCheck{URL: plain, Auth: &httpAuth{Demanded: true}}, ""},
		"a login demanded, and 200":     {&httpCheck{URL: url, Status: []string{"200"}, Auth: &httpAuth{Demanded: true}}, "status"},
		"a login twice":                 {&httpCheck{URL: url, Send: &httpSend{Header: map[string]value.Secret{"authorization": "x"}}, Auth: &httpAuth{User: "till", Password: "x"}}, "auth"},
		"http with a bad method":        {&httpCheck{URL: url, Method: "GET /"}, "method"},
		"http that follows too far":     {&httpCheck{URL: url, Follow: 11}, "follow"},
		"http with no status":           {&httpCheck{URL: url, Status: []string{"ok"}}, "status"},
		"http with a header in header":  {&httpCheck{URL: url, Send: &httpSend{Header: map[string]value.Secret{"X": "a\r\nY: b"}}}, "send"},
		"http with a bad header name":   {&httpCheck{URL: url, Send: &httpSend{Header: map[string]value.Secret{"X Y": "a"}}}, "send"},
		"http expects a bad header":     {&httpCheck{URL: url, ExpectHeader: map[string]string{"X Y": "a"}}, "expect_header"},
		"http expects a bad expression": {&httpCheck{URL: url, ExpectHeader: map[string]string{"X": "/(/"}}, "expect_header"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.check.Validate()
			fe, ok := errors.AsType[*engine.FieldError](err)
			switch {
			case c.field == "" && err != nil:
				t.Errorf("got %v", err)
			case c.field != "" && (!ok || fe.Field != c.field):
				t.Errorf("got %v, want a mistake in %s", err, c.field)
			}
		})
	}
}

func TestWebTargets(t *testing.T) {
	for _, c := range []struct {
		check interface {
			String() string
			Targets() int
		}
		name string
		n    int
	}{
		{&tlsCheck{hosts: hosts{Hosts: value.OneOrMany[value.Host]{"a.test", "b.test"}}}, "a.test, b.test:443", 2},
		{&httpCheck{URLs: value.OneOrMany[value.URL]{urlOf(t, "https://a.test/x"), urlOf(t, "http://a.test/"), urlOf(t, "https://a.test/y"), urlOf(t, "http://[2001:db8::1]:8080/")}}, "a.test:443, a.test:80, [2001:db8::1]:8080", 4},
		{&httpCheck{URL: value.OneOrMany[value.URL]{urlOf(t, "https://a.test/")}, Follow: 3}, "a.test:443", 4},
		{&dnsCheck{Name: "a.test", Type: "mx"}, "a.test MX", 1},
	} {
		if got := c.check.String(); got != c.name {
			t.Errorf("got %q, want %q", got, c.name)
		}
		if got := c.check.Targets(); got != c.n {
			t.Errorf("%s: %d targets, want %d", c.name, got, c.n)
		}
	}
}

// What can never go well must be said when a profile is loaded, not to the
// technician who runs it; what may, once the values are there, must not be.
func TestWebAtLoad(t *testing.T) {
	for name, c := range map[string]struct{ check, at string }{
		"a login that waits for its password": {`http: {url: "https://${host}/", auth: {demanded: true, user: till, password: "${pw}"}}`, ""},
		"a login demanded, in a word":         {`http: {url: "https://${host}/", auth: demanded}`, ""},
		"a login in another word":             {`http: {url: "https://${host}/", auth: demandd}`, "demandd"},
		"a WebSocket on some host":            {`http: {url: "wss://${host}/"}`, ""},
		"starttls on some host":               {`tls: {host: "${host}", port: "${port}", starttls: smtp}`, ""},
		"starttls of another kind":            {`tls: {host: "${host}", port: "${port}", starttls: sip}`, "sip"},
		"nothing of the kind":                 {`http: {url: "https://${host}/", send: {header: {X-Key: "${pw}"}}}`, ""},
		"values that may not go well":         {`tls: {host: shop.test, port: "${port}", expires_in: "${days}d"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := "netcheck: 1\nid: x\nrevision: 1\ntitle: x\nparams:\n  pw: {type: secret, required: true}\n  host: {type: host, required: true}\n  port: {type: port, required: true}\n  days: {type: int, required: true}\nchecks:\n  - id: x\n    title: x\n    " + c.check + "\n"
			_, err := profiles.Load("x.yaml", []byte(text), engine.ProfileKinds(Kinds()))
			switch {
			case c.at == "" && err != nil:
				t.Errorf("got %v", err)
			case c.at != "" && (err == nil || !strings.Contains(err.Error(), c.at)):
				t.Errorf("got %v, want a mistake in %s", err, c.at)
			}
		})
	}
}
