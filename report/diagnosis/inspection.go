package diagnosis

import "strings"

// inspector is a product that opens TLS, recognised by how its certificates
// name their issuer.
type inspector struct {
	name  string
	words []string // one of these, in lower case
	local bool     // it runs on this machine, as virus scanners do
}

// inspectors are those that are met in shops. That one is named makes a finding
// easier to act on, and no surer: anybody can write a name.
var inspectors = []inspector{
	{"Fortinet FortiGate", []string{"fortinet", "fortigate"}, false},
	{"Zscaler", []string{"zscaler"}, false},
	{"Sophos", []string{"sophos"}, false},
	{"Palo Alto Networks", []string{"palo alto"}, false},
	{"Check Point", []string{"check point", "checkpoint"}, false},
	{"Symantec (Blue Coat)", []string{"blue coat", "bluecoat"}, false},
	{"WatchGuard", []string{"watchguard", "fireware"}, false},
	{"Cisco Umbrella", []string{"cisco umbrella", "opendns"}, false},
	{"SonicWall", []string{"sonicwall"}, false},
	{"Barracuda", []string{"barracuda"}, false},
	{"Forcepoint", []string{"forcepoint", "websense"}, false},
	{"Netskope", []string{"netskope", "goskope"}, false},
	{"Trellix (McAfee) Web Gateway", []string{"mcafee web gateway", "skyhigh"}, false},
	{"Untangle", []string{"untangle"}, false},
	{"OPNsense or pfSense", []string{"opnsense", "pfsense"}, false},
	{"Squid", []string{"squid"}, false},
	{"Kerio Control", []string{"kerio"}, false},
	{"Endian", []string{"endian"}, false},
	{"Kaspersky", []string{"kaspersky"}, true},
	{"ESET", []string{"eset ssl filter", "eset, spol"}, true},
	{"Avast", []string{"avast"}, true},
	{"AVG", []string{"avg technologies", "avg web"}, true},
	{"Bitdefender", []string{"bitdefender"}, true},
	{"Norton", []string{"norton web", "norton personal"}, true},
	{"Dr.Web", []string{"doctor web", "dr.web"}, true},
	{"AdGuard", []string{"adguard"}, true},
	{"mitmproxy", []string{"mitmproxy"}, true},
	{"Fiddler", []string{"fiddler"}, true},
	{"Charles", []string{"charles proxy"}, true},
}

// inspectedBy is the product that an issuer's name is known of; its name is ""
// if none.
func inspectedBy(issuer string) inspector {
	issuer = strings.ToLower(issuer)
	for _, p := range inspectors {
		for _, w := range p.words {
			if strings.Contains(issuer, w) {
				return p
			}
		}
	}
	return inspector{}
}
