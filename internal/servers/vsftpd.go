package servers

import (
	"fmt"
	"net/netip"
	"strings"
)

// vsftpdWords are what vsftpd may be told.
const vsftpdWords = "[passive=FIRST-LAST] [says=ADDRESS] [tls] [tls-required] [implicit] [reuse] [no-epsv] [cert=VARIANT]"

// Vsftpd is the FTP server of that name. Its data connections are on the ports
// of passive, at the address that it says. It offers TLS with the certificate,
// requires it for login and data, is implicit, or wants the session of the
// control connection reused.
func Vsftpd(at netip.AddrPort, by Signer, words ...string) (*Daemon, error) {
	d := &Daemon{
		Program: "vsftpd", Args: []string{"{dir}/vsftpd.conf"}, AsRoot: true,
		User: shop, At: []netip.AddrPort{at}, Files: map[string]string{},
	}
	set := map[string]string{
		"background": "NO", "listen_port": fmt.Sprint(at.Port()),
		"anonymous_enable": "NO", "local_enable": "YES", "check_shell": "NO", "pam_service_name": "other",
		"local_root": tree, "chroot_local_user": "YES", "allow_writeable_chroot": "YES", "secure_chroot_dir": "{dir}/empty", "nopriv_user": "nobody",
		"xferlog_enable": "NO", "connect_from_port_20": "NO", "use_localtime": "NO", "write_enable": "NO",
		// namespaces and filters of its own, which need another root
		"isolate": "NO", "isolate_network": "NO", "seccomp_sandbox": "NO",
		// how long it thinks about a wrong password
		"delay_failed_login": "0",
	}
	listen, certificate := "", "good"
	if at.Addr().Is6() {
		set["listen"], set["listen_ipv6"], listen = "NO", "YES", "listen_address6"
	} else {
		set["listen"], listen = "YES", "listen_address"
	}
	set[listen] = at.Addr().String()
	err := d.words(words, func(key, value string) (known bool, err error) {
		switch key {
		case "passive":
			first, last, _ := strings.Cut(value, "-")
			set["pasv_min_port"], set["pasv_max_port"] = first, last
		case "says":
			set["pasv_address"] = value
		case "tls":
			set["ssl_enable"] = "YES"
			set["force_local_logins_ssl"], set["force_local_data_ssl"], set["require_ssl_reuse"] = "NO", "NO", "NO"
		case "tls-required":
			set["ssl_enable"], set["require_ssl_reuse"] = "YES", "NO"
		case "implicit":
			set["ssl_enable"], set["implicit_ssl"], set["require_ssl_reuse"] = "YES", "YES", "NO"
		case "reuse":
			set["ssl_enable"], set["require_ssl_reuse"] = "YES", "YES"
		case "cert":
			certificate = value
		case "no-epsv":
			set["cmds_denied"] = "EPSV"
		default:
			return false, nil
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if set["ssl_enable"] == "YES" {
		set["rsa_cert_file"], set["ssl_ciphers"], set["ssl_tlsv1"] = "{dir}/server.pem", "HIGH", "YES"
		if d.Files["server.pem"], _, err = by.pem(certificate); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	for key, value := range set {
		fmt.Fprintf(&b, "%s=%s\n", key, value)
	}
	d.Files["vsftpd.conf"] = b.String()
	return d, nil
}
