package report_test

import (
	"strings"
	"testing"

	"netcheck/report"
	"netcheck/report/result"
)

// Of several open ports a reader learns which one spoke SSH, and the host key
// for the profile.
func TestSSHPassNamesPortAndKey(t *testing.T) {
	const key = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
	r := &result.Report{Verdict: result.Pass, Checks: []result.Check{{
		ID: "sftp", Kind: "ssh", Target: "a.example:80,443", Verdict: result.Pass, Level: result.Required,
		Results: []result.Result{{Address: "198.51.100.7", Proto: "tcp", Ports: "80", State: result.Open}, {Address: "198.51.100.7", Proto: "tcp", Ports: "443", State: result.Open}},
		Steps:   []result.Step{{Op: result.OpHostKey, Facts: map[string]any{"network.peer.port": 80, "ssh.host_key.fingerprint": key}}},
	}}}
	var b strings.Builder
	if err := report.Terminal(&b, r, report.Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(said, "SSH on TCP 80, host key "+key) || strings.Contains(said, "443 open") {
		t.Error(b.String())
	}
}
