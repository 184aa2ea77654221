package servers

import (
	"net/netip"
	"strings"
)

// sshdWords are what OpenSSH's server may be told.
const sshdWords = "[host-key=SEED[:TYPE]] [authorized=SEED[:TYPE]] [no-password] [no-sftp] [old=ALGORITHMS]"

// Sshd is OpenSSH's server. Its host key and the key that it lets in grow from
// seeds: see Key. old is all that it offers for the exchange of keys.
func Sshd(at netip.AddrPort, _ Signer, words ...string) (*Daemon, error) {
	d := &Daemon{
		Program: "sshd", Args: []string{"-D", "-e", "-f", "{dir}/sshd_config"},
		User: shop, At: []netip.AddrPort{at}, Files: map[string]string{"authorized": ""},
	}
	// it looks after nobody's home, and its user has no shell to go to
	lines := []string{
		"ListenAddress " + at.String(), "PidFile none", "StrictModes no", "UsePAM no", "UseDNS no",
		"HostKey {dir}/host_key", "AuthorizedKeysFile {dir}/authorized",
		"ForceCommand internal-sftp", "DisableForwarding yes", "PermitTTY no",
	}
	hostKey, password, sftp := "host", "yes", "Subsystem sftp internal-sftp"
	err := d.words(words, func(key, value string) (bool, error) {
		switch key {
		case "host-key":
			hostKey = value
		case "authorized":
			k, err := NewKey(value)
			if err != nil {
				return true, err
			}
			d.Files["authorized"] += k.Public
		case "no-password":
			password = "no"
		case "no-sftp":
			sftp = ""
		case "old":
			lines = append(lines, "KexAlgorithms "+value)
		default:
			return false, nil
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	k, err := NewKey(hostKey)
	if err != nil {
		return nil, err
	}
	d.Files["host_key"] = k.Private
	lines = append(lines, "PasswordAuthentication "+password, sftp)
	d.Files["sshd_config"] = strings.Join(lines, "\n") + "\n"
	return d, nil
}
