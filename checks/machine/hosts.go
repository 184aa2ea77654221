package machine

import (
	"bufio"
	"bytes"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// Hosts lists the addresses that this machine's hosts file gives the name.
func Hosts(name string) []netip.Addr {
	file := hostsFile()
	return hostsIn(os.DirFS(filepath.Dir(file)), filepath.Base(file), name)
}

func hostsIn(root fs.FS, file, name string) []netip.Addr {
	b, err := readSome(root, file)
	if err != nil {
		return nil
	}
	name = strings.TrimSuffix(name, ".")
	var as []netip.Addr
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		line, _, _ := strings.Cut(sc.Text(), "#")
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		a, err := netip.ParseAddr(f[0])
		if err != nil {
			continue
		}
		for _, n := range f[1:] {
			if strings.EqualFold(strings.TrimSuffix(n, "."), name) {
				as = append(as, a.Unmap())
				break
			}
		}
	}
	return as
}
