package vantage

import (
	"encoding/json"
	"strings"
	"testing"

	"netcheck/checks/standin"
)

var asked = Request{Ports: []uint16{8080, 443}, Prove: true, Path: true}

const caller = `"caller": {"address": "203.0.113.9", "port": 40001, "ttl": 57, "mss": 1452}, "time": "2026-11-22T05:00:00Z"`

func TestReply(t *testing.T) {
	nonce := standin.NewNonce()
	proof := standin.NewKey().Proof(nonce)
	long := `{"ttl": 1, "state": "expired", "from": "192.0.2.1"}` + strings.Repeat(`, {"ttl": 2, "state": "filtered"}`, maxHops)
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"nothing but the caller":   {`{` + caller + `}`, true},
		"a newer helper says more": {`{` + caller + `, "weather": "rain"}`, true},
		"open, with a proof":       {`{` + caller + `, "ports": [{"port": 8080, "state": "open", "challenge": "` + nonce + `", "answer": "` + proof + `", "rtt_ms": 12.5}]}`, true},
		"a path":                   {`{` + caller + `, "ports": [{"port": 443, "state": "filtered", "hops": [{"ttl": 1, "state": "expired", "from": "192.0.2.1"}], "control": {"port": 50000, "state": "filtered"}}]}`, true},
		"rejected":                 {`{` + caller + `, "ports": [{"port": 443, "state": "rejected", "icmp": {"from": "192.0.2.1", "type": 3, "code": 13, "name": "admin-prohibited"}}]}`, true},
		"nothing":                  {``, false},
		"no object":                {`[]`, false},
		"another JSON":             {`{"ip": "203.0.113.9"}`, false},
		"two of them":              {`{` + caller + `} {}`, false},
		"a zone":                   {`{"caller": {"address": "fe80::1%eth0"}}`, false},
		"a TTL that can't be":      {`{"caller": {"address": "203.0.113.9", "ttl": 256}}`, false},
		"a port not asked about":   {`{` + caller + `, "ports": [{"port": 22, "state": "open"}]}`, false},
		"a port twice":             {`{` + caller + `, "ports": [{"port": 443, "state": "open"}, {"port": 443, "state": "closed"}]}`, false},
		"no state":                 {`{` + caller + `, "ports": [{"port": 443}]}`, false},
		"a state of its own":       {`{` + caller + `, "ports": [{"port": 443, "state": "\u001b[2J"}]}`, false},
		"a banner for an answer":   {`{` + caller + `, "ports": [{"port": 443, "state": "open", "challenge": "` + nonce + `", "answer": "SSH-2.0-OpenSSH"}]}`, false},
		"an answer to nothing":     {`{` + caller + `, "ports": [{"port": 443, "state": "open", "answer": "` + proof + `"}]}`, false},
		"a hop that is a text":     {`{` + caller + `, "ports": [{"port": 443, "state": "open", "hops": [{"ttl": 1, "state": "expired", "from": "router.example"}]}]}`, false},
		"an endless path":          {`{` + caller + `, "ports": [{"port": 443, "state": "open", "hops": [` + long + `]}]}`, false},
		"a name that a terminal obeys": {
			`{` + caller + `, "ports": [{"port": 443, "state": "rejected", "icmp": {"from": "192.0.2.1", "type": 3, "code": 13, "name": "\u001b]0;x\u0007"}}]}`, false,
		},
		"reset at once":         {`{` + caller + `, "ports": [{"port": 443, "state": "open", "ended": "reset", "kept_ms": 0.4}]}`, true},
		"an end of its own":     {`{` + caller + `, "ports": [{"port": 443, "state": "open", "ended": "\u001b[2J"}]}`, false},
		"the end of nothing":    {`{` + caller + `, "ports": [{"port": 443, "state": "filtered", "ended": "reset"}]}`, false},
		"kept before it began":  {`{` + caller + `, "ports": [{"port": 443, "state": "open", "ended": "reset", "kept_ms": -1}]}`, false},
		"an endless round trip": {`{` + caller + `, "ports": [{"port": 443, "state": "open", "rtt_ms": 1e300}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseReply([]byte(c.body), asked); (err == nil) != c.ok {
				t.Errorf("error %v, wanted it taken: %v", err, c.ok)
			}
		})
	}
}

// FuzzReply takes whatever a helper may say: what is believed has been looked
// at, and can be written down and read again.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{` + caller + `, "ports": [{"port": 443, "state": "filtered", "hops": [{"ttl": 1, "state": "expired", "from": "192.0.2.1", "rtt_ms": 1.5}], "control": {"port": 50000, "state": "closed", "icmp": {"from": "::1", "v6": true, "type": 1, "code": 4, "name": "port-unreachable"}}}]}`))
	f.Add([]byte(`{"error": "no", "code": "rate"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		reply, err := parseReply(body, asked)
		if err != nil {
			return
		}
		b, err := json.Marshal(reply)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range string(b) {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				t.Fatalf("%q is believed", b)
			}
		}
		if _, err := parseReply(b, asked); err != nil {
			t.Fatalf("%s: taken once, not twice: %v", b, err)
		}
	})
}
