package machine

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

func originOf(a Address) (Origin, string) { return originIn(os.DirFS("/"), a) }

// originIn concludes from three signs: an address with an end was leased or
// announced; one without an end may still be leased, which the client's notes
// show; and where a client runs that keeps no notes, nobody can tell.
func originIn(root fs.FS, a Address) (Origin, string) {
	ip := a.Prefix.Addr()
	switch {
	case ip.IsLoopback():
		return OriginStatic, "the loopback address"
	case ip.IsLinkLocalUnicast():
		return OriginAuto, "a link-local address"
	case !a.Endless && ip.Is4():
		return OriginDHCP, "the address has an end of validity, as a lease has"
	case !a.Endless:
		return OriginAuto, "the address has an end of validity, as one from a router or a lease has"
	}
	if note := leaseNote(root, a); note != "" {
		return OriginDHCP, "a lease for it is noted in /" + note
	}
	if client := dhcpClient(root); client != "" && ip.Is4() {
		return OriginUnknown, fmt.Sprintf("%s runs here and does not show which addresses it leased", client)
	}
	return OriginStatic, "the address has no end of validity and no DHCP client has noted a lease for it"
}

// leaseNote names the file in which a DHCP client noted a lease of the
// address.
func leaseNote(root fs.FS, a Address) string {
	want := a.Prefix.Addr().String()
	networkd := path.Join("run/systemd/netif/leases", fmt.Sprint(a.Index))
	if b, err := readSome(root, networkd); err == nil && bytes.Contains(b, []byte("ADDRESS="+want+"\n")) {
		return networkd
	}
	for _, glob := range []string{
		"run/dhclient*.lease*", "var/lib/dhcp/dhclient*.lease*", "var/lib/dhclient/*.lease*", "var/lib/NetworkManager/*.lease",
	} {
		files, err := fs.Glob(root, glob)
		if err != nil {
			continue
		}
		for _, f := range files {
			b, err := readSome(root, f)
			if err == nil && (bytes.Contains(b, []byte("fixed-address "+want+";")) || bytes.Contains(b, []byte("ADDRESS="+want+"\n"))) {
				return f
			}
		}
	}
	return ""
}

// dhcpClient names a client that runs here and may set addresses without an
// end and without notes that every user can read.
func dhcpClient(root fs.FS) string {
	files, err := fs.Glob(root, "proc/[0-9]*/comm")
	if err != nil {
		return ""
	}
	for _, f := range files {
		b, err := readSome(root, f)
		if err != nil {
			continue
		}
		switch name := strings.TrimSpace(string(b)); name {
		case "dhclient", "dhcpcd", "udhcpc", "pump", "dhcp6c":
			return name
		}
	}
	return ""
}
