package servers

import (
	"fmt"
	"net/netip"
	"strings"
)

// danteWords are what Dante may be told.
const danteWords = "[login] [deny=NET[:PORT],...] [from=ADDRESS,...]"

// Dante is the SOCKS server of that name. With login it wants the user and the
// password; deny is refused by its rules, and host names are, as well as
// addresses. It connects from its own address, or from those given, one for
// each family.
func Dante(at netip.AddrPort, _ Signer, words ...string) (*Daemon, error) {
	d := &Daemon{
		Program: "danted", Args: []string{"-N", "1", "-f", "{dir}/danted.conf"},
		User: shop, At: []netip.AddrPort{at},
	}
	method, from := "none", at.Addr().String()
	var rules []string
	err := d.words(words, func(key, value string) (bool, error) {
		switch key {
		case "login":
			method = "username"
		case "deny":
			for what := range strings.SplitSeq(value, ",") {
				to, port, onePort := strings.Cut(what, ":")
				if onePort {
					to += " port = " + port
				}
				rules = append(rules, fmt.Sprintf("socks block { from: 0/0 to: %s }", to))
			}
		case "from":
			from = value
		default:
			return false, nil
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "logoutput: stderr\ninternal: %s port = %d\n", at.Addr(), at.Port())
	for a := range strings.SplitSeq(from, ",") {
		fmt.Fprintf(&b, "external: %s\n", a)
	}
	// it would be nobody, and never root: it is neither
	fmt.Fprintf(&b, "external.rotation: same-same\nclientmethod: none\nsocksmethod: %s\nuser.privileged: %s\nuser.unprivileged: %[2]s\n", method, d.User.Name)
	for _, all := range []string{"0/0", "::/0"} {
		fmt.Fprintf(&b, "client pass { from: %s to: 0/0 }\n", all)
	}
	for _, r := range rules {
		fmt.Fprintln(&b, r)
	}
	b.WriteString("socks pass { from: 0/0 to: 0/0 }\n")
	d.Files = map[string]string{"danted.conf": b.String()}
	return d, nil
}
