package servers

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// squidWords are what Squid may be told.
const squidWords = "[auth=basic,digest,ntlm,negotiate] [deny=HOST[:PORT],...] [allow=PORT,...] [only-tls] [parent=ADDRESS:PORT]"

// Squid is the proxy of that name. With auth it wants a login: of the user, by
// Basic or Digest; ntlm takes anybody's word, and nobody has a ticket for
// negotiate. deny is refused, and with allow every other port is. only-tls ends
// tunnels in which anything but TLS is spoken. With parent it goes to that proxy
// for everything, and nowhere when that is down.
func Squid(at netip.AddrPort, _ Signer, words ...string) (*Daemon, error) {
	d := &Daemon{
		Program: "squid", Args: []string{"-N", "-f", "{dir}/squid.conf"},
		User: shop, At: []netip.AddrPort{at}, Files: map[string]string{"mime.conf": ""},
	}
	var schemes, rules []string
	listen := "http_port " + at.String()
	err := d.words(words, func(key, value string) (known bool, err error) {
		switch key {
		case "auth":
			schemes = strings.Split(value, ",")
		case "deny":
			for i, what := range strings.Split(value, ",") {
				rules = append(rules, squidDenies(i, what)...)
			}
		case "allow":
			rules = append(rules, "acl allowed port "+strings.ReplaceAll(value, ",", " "), "http_access deny !allowed")
		case "only-tls":
			listen += " ssl-bump tls-cert={dir}/proxy.pem generate-host-certificates=off"
			rules = append(rules, "acl hello at_step SslBump1", "ssl_bump peek hello", "ssl_bump splice all", "on_unsupported_protocol respond all")
			d.Files["proxy.pem"], err = selfMade("proxy1") // which nobody is ever shown, but Squid wants one
		case "parent":
			var parent netip.AddrPort
			parent, err = netip.ParseAddrPort(value)
			rules = append(rules, fmt.Sprintf("cache_peer %s parent %d 0 no-query no-digest default", parent.Addr(), parent.Port()), "never_direct allow all")
		default:
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	last := []string{"http_access allow all"}
	if len(schemes) > 0 {
		offers, err := d.squidOffers(schemes)
		if err != nil {
			return nil, err
		}
		rules = append(offers, rules...)
		last = []string{"acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all"}
	}
	// The patience of its defaults is longer than a test's.
	const settings = `visible_hostname proxy1
pid_filename none
cache_log stdio:/dev/stderr
access_log none
netdb_filename none
pinger_enable off
coredump_dir none
cache deny all
mime_table {dir}/mime.conf
shutdown_lifetime 0 seconds
forward_timeout 8 seconds
connect_timeout 4 seconds
dns_timeout 2 seconds
`
	d.Files["squid.conf"] = listen + "\n" + settings + strings.Join(append(rules, last...), "\n") + "\n"
	return d, nil
}

// squidDenies refuses a host, or one of its ports.
func squidDenies(i int, what string) []string {
	host, port, onePort := strings.Cut(what, ":")
	kind := "dstdomain"
	if _, err := netip.ParseAddr(host); err == nil {
		kind = "dst"
	}
	lines := []string{fmt.Sprintf("acl denied%d %s %s", i, kind, host)}
	rule := fmt.Sprintf("http_access deny denied%d", i)
	if onePort {
		lines = append(lines, fmt.Sprintf("acl port%d port %s", i, port))
		rule += fmt.Sprintf(" port%d", i)
	}
	return append(lines, rule)
}

// squidOffers are the schemes by which a client may log in, in this order.
func (d *Daemon) squidOffers(schemes []string) ([]string, error) {
	const lib = "/usr/lib/squid/" // Debian's
	var lines []string
	for _, s := range schemes {
		switch s {
		case "basic":
			hash, err := d.User.hash()
			if err != nil {
				return nil, err
			}
			d.Files["users"] = d.User.Name + ":" + hash + "\n"
			lines = append(lines, "auth_param basic program "+lib+"basic_ncsa_auth {dir}/users", "auth_param basic realm shop")
		case "digest":
			d.Files["digest"] = d.User.Name + ":" + d.User.Password + "\n"
			lines = append(lines, "auth_param digest program "+lib+"digest_file_auth {dir}/digest", "auth_param digest realm shop")
		case "ntlm":
			lines = append(lines, "auth_param ntlm program /bin/sh {dir}/ntlm")
			d.Files["ntlm"] = ntlmHelper()
		case "negotiate":
			lines = append(lines, "auth_param negotiate program "+lib+"negotiate_kerberos_auth -s GSS_C_NO_NAME")
		default:
			return nil, fmt.Errorf("squid knows no scheme %q", s)
		}
		lines = append(lines, "auth_param "+s+" children 2 startup=0 idle=1")
	}
	return lines, nil
}

// selfMade is a certificate that nobody trusts, and its key.
func selfMade(name string) (string, error) {
	ca, err := NewAuthority(name, time.Now())
	if err != nil {
		return "", err
	}
	cert, err := ca.Issue("self-signed", name)
	if err != nil {
		return "", err
	}
	return PEM(cert)
}
