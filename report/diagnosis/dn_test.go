package diagnosis

import "testing"

func TestReadableNames(t *testing.T) {
	for dn, want := range map[string]string{
		"CN=Global Trust TLS CA 4,O=Global Trust Services": "Global Trust TLS CA 4 (Global Trust Services)",
		"CN=Example CA,O=Example":                          "Example CA",
		"CN=R3,O=Let's Encrypt,C=US":                       "R3 (Let's Encrypt)",
		`CN=Firewall,O=Acme\, Inc.`:                        "Firewall (Acme, Inc.)",
		"O=Only,C=IT":                                      "Only",
		"SERIALNUMBER=1+CN=till":                           "till",
		"C=IT":                                             "C=IT",
		"plain":                                            "plain",
		`CN=cut\`:                                          "cut",
		"":                                                 "",
	} {
		if got := readable(dn); got != want {
			t.Errorf("%s: %q, want %q", dn, got, want)
		}
	}
}
