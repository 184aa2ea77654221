package talk

import (
	"strings"
	"testing"
	"time"
)

// Whatever a server says is read within bounds, and what is kept of a reply
// is nothing that a terminal obeys.
func FuzzFTPReply(f *testing.F) {
	for _, s := range []string{
		"220 Ready.\r\n", "220-a\r\n220 b\r\n", "227 Entering Passive Mode (198,51,100,7,156,67).\r\n", "229 Ok (|||6446|)\r\n", "229 (((((\r\n", "211-Features:\r\n MDTM\r\n211 End\r\n",
		"type=file;size=1;modify=20260228235959.123; a b.csv\r\n", "-rw-r--r--    1 1000     1000            7 Feb 28 23:59 a b.csv\r\n", "11-21-25  10:11PM                 123 a b.ZIP\r\n", "drwxr-xr-x 2 o g 4096 Mar  1  2024 x\r\n",
		"220 \x1b[2J\x9b\r\n", "213 20261121101112\r\n", "SSH-2.0-x\r\n", "\xff\xfd\x18", "",
	} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ftpReply(s); err == nil {
			if r.Code < 100 || r.Code > 659 {
				t.Errorf("code %d", r.Code)
			}
			if strings.ContainsFunc(r.String(), func(c rune) bool { return c < ' ' || c >= 0x7f && c < 0xa0 }) {
				t.Errorf("%q", r.String())
			}
			if at, ok := r.Passive(); ok && (!at.Addr().Is4() || at.Port() == 0) {
				t.Errorf("PASV gives %v", at)
			}
			if port, ok := r.ExtendedPassive(); ok && port == 0 {
				t.Error("EPSV gives port 0")
			}
			ParseFTPTime(r.Text())
		}
		for _, facts := range []bool{true, false} {
			got := 0
			known, unknown, err := readFTPList(strings.NewReader(s), facts, now, func(e FTPEntry) {
				got++
				if e.Name == "" || e.Within < 0 || strings.Contains(e.Name, "\n") {
					t.Errorf("%+v", e)
				}
			})
			if got != known || known+unknown > strings.Count(s, "\n")+1 || err != nil && failureOf(err) == "" {
				t.Errorf("%d known, %d unknown, %v", known, unknown, err)
			}
		}
	})
}
