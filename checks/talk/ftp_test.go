package talk

import (
	"bufio"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"netcheck/report/result"
)

func ftpReply(text string) (*FTPReply, error) {
	return readFTPReply(bufio.NewReaderSize(strings.NewReader(text), maxFTPLine))
}

func TestFTPReply(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		code  int
		lines []string
		fail  result.Failure
	}{
		"one line":                  {"220 Ready.\r\n", 220, []string{"Ready."}, ""},
		"without text":              {"200\r\n", 200, nil, ""},
		"without a carriage return": {"220 Ready.\n", 220, []string{"Ready."}, ""},
		"several lines":             {"211-Features:\r\n MDTM\r\n211 End\r\n", 211, []string{"Features:", "MDTM", "End"}, ""},
		"each with its code":        {"220-a\r\n220-b\r\n220 c\r\n", 220, []string{"a", "b", "c"}, ""},
		"another code within":       {"220-a\r\n421 b\r\n220 c\r\n", 220, []string{"a", "421 b", "c"}, ""},
		"escapes":                   {"220 \x1b[2Jhi\u202e\x07\r\n", 220, []string{"hi"}, ""},
		"cut off":                   {"220-a\r\n", 0, nil, result.FailEOF},
		"nothing":                   {"", 0, nil, result.FailEOF},
		"another protocol":          {"SSH-2.0-OpenSSH_9.7\r\n", 0, nil, result.FailReply},
		"without an end of line":    {"RFB 003.008", 0, nil, result.FailReply},
		"no code":                   {"999 x\r\n", 0, nil, result.FailReply},
		"a code that goes on":       {"2201 x\r\n", 0, nil, result.FailReply},
		"a long line":               {"220 " + strings.Repeat("x", 1<<20) + "\r\n", 0, nil, result.FailReply},
		"many lines":                {strings.Repeat("220-x\r\n", 1<<16), 0, nil, result.FailReply},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ftpReply(c.text)
			switch {
			case c.fail != "" && (err == nil || failureOf(err) != c.fail):
				t.Errorf("%v, wanted %s", err, c.fail)
			case c.fail == "" && (err != nil || r.Code != c.code || !slices.Equal(r.Lines, c.lines)):
				t.Errorf("%v, %v; wanted %d %q", r, err, c.code, c.lines)
			}
		})
	}
}

func TestPassive(t *testing.T) {
	for text, want := range map[string]string{
		"227 Entering Passive Mode (198,51,100,7,156,67).": "198.51.100.7:40003",
		"227 Entering Passive Mode 10,0,0,5,4,1":           "10.0.0.5:1025",
		"227 =127,0,0,1,0,21":                              "127.0.0.1:21",
		"227 Entering Passive Mode (198,51,100,7,156,0).":  "198.51.100.7:39936",
		"227 Entering Passive Mode (1,2,3,4,0,0)":          "",
		"227 Entering Passive Mode (256,2,3,4,5,6)":        "",
		"227 Entering Passive Mode (1,2,3,4,5)":            "",
		"227 x":                                            "",
	} {
		r, err := ftpReply(text + "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		got, ok := r.Passive()
		if ok != (want != "") || ok && got != netip.MustParseAddrPort(want) {
			t.Errorf("%s: %v %v, wanted %q", text, got, ok, want)
		}
	}
}

func TestExtendedPassive(t *testing.T) {
	for text, want := range map[string]uint16{
		"229 Entering Extended Passive Mode (|||6446|)": 6446,
		"229 Ok (!!!21!)":     21,
		"229 Ok (|||0|)":      0,
		"229 Ok (|||65536|)":  0,
		"229 Ok (|||6446)":    0,
		"229 Ok (|1|a|6446|)": 6446, // some fill them in
		"229 Ok ()":           0,
		"229 Ok (":            0,
		"229 Ok":              0,
	} {
		r, err := ftpReply(text + "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := r.ExtendedPassive(); got != want && (ok || want != 0) {
			t.Errorf("%s: %d %v, wanted %d", text, got, ok, want)
		}
	}
}

func TestFTPList(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	minute := anyZone + time.Minute
	for name, c := range map[string]struct {
		line  string
		facts bool
		want  FTPEntry
		bad   bool
	}{
		"facts":                {"type=file;size=1;modify=20260228235959.123; a b.csv", true, FTPEntry{Name: "a b.csv", Time: at("2026-02-28T23:59:59Z")}, false},
		"facts of a folder":    {"Type=dir;Modify=20260228235959; old", true, FTPEntry{Name: "old", Dir: true, Time: at("2026-02-28T23:59:59Z")}, false},
		"facts of this folder": {"type=cdir; .", true, FTPEntry{Name: ".", Dir: true}, false},
		"facts of a link":      {"type=OS.unix=slink:/x; l", true, FTPEntry{Name: "l"}, false},
		"no facts":             {" a", true, FTPEntry{Name: "a"}, false},
		"not facts":            {"a.csv", true, FTPEntry{}, true},
		"unix":                 {"-rw-r--r--    1 1000     1000            7 Feb 28 23:59 a b.csv", false, FTPEntry{Name: "a b.csv", Time: at("2026-02-28T23:59:00Z"), Within: minute}, false},
		"unix, a folder":       {"drwxr-xr-x    2 ftp ftp  4096 Jan  5 00:01 old", false, FTPEntry{Name: "old", Dir: true, Time: at("2026-01-05T00:01:00Z"), Within: minute}, false},
		"unix, a link":         {"lrwxrwxrwx    1 0 0  4 Jan  5 00:01 new -> old", false, FTPEntry{Name: "new", Time: at("2026-01-05T00:01:00Z"), Within: minute}, false},
		"unix, last year":      {"-rw-r--r-- 1 owner 7 Dec 31 23:59 a", false, FTPEntry{Name: "a", Time: at("2025-12-31T23:59:00Z"), Within: minute}, false},
		"unix, with a year":    {"-rw-r--r-- 1 o g 7 Mar  1  2024 a", false, FTPEntry{Name: "a", Time: at("2024-03-01T12:00:00Z"), Within: anyZone + 12*time.Hour}, false},
		"unix, a number":       {"-rw-r--r-- 1 o g 7 Mar  1  2024 2024 10:11 a", false, FTPEntry{Name: "2024 10:11 a", Time: at("2024-03-01T12:00:00Z"), Within: anyZone + 12*time.Hour}, false},
		"unix, a mark":         {"-rw-r--r--. 1 o g 7 Jan  5 00:01 a", false, FTPEntry{Name: "a", Time: at("2026-01-05T00:01:00Z"), Within: minute}, false},
		"unix, no such month":  {"-rw-r--r-- 1 o g 7 Foo  5 00:01 a", false, FTPEntry{Name: "a"}, false},
		"unix, ahead":          {"-rw-r--r-- 1 o g 7 Mar  2 01:00 a", false, FTPEntry{Name: "a", Time: at("2026-03-02T01:00:00Z"), Within: minute}, false},
		"unix, leap day":       {"-rw-r--r-- 1 o g 7 Feb 29 01:00 a", false, FTPEntry{Name: "a"}, false},
		"dos":                  {"11-21-25  10:11PM                 123 a b.ZIP", false, FTPEntry{Name: "a b.ZIP", Time: at("2025-11-21T22:11:00Z"), Within: minute}, false},
		"dos, a folder":        {"11-21-2025  10:11       <DIR>          old", false, FTPEntry{Name: "old", Dir: true, Time: at("2025-11-21T10:11:00Z"), Within: minute}, false},
		"dos, no such day":     {"13-21-25  10:11PM  123 a", false, FTPEntry{Name: "a"}, false},
		"a form of its own":    {"a.csv 123 bytes", false, FTPEntry{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var got []FTPEntry
			known, unknown, err := readFTPList(strings.NewReader(c.line+"\r\n"), c.facts, now, func(e FTPEntry) { got = append(got, e) })
			switch {
			case err != nil || known+unknown != 1:
				t.Errorf("%d and %d, %v", known, unknown, err)
			case c.bad && known != 0, !c.bad && (known != 1 || got[0] != c.want):
				t.Errorf("%+v, wanted %+v", got, c.want)
			}
		})
	}
}

// endless is a reader of a text that begins anew where it ends.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = e.text[e.at%len(e.text)]
		e.at++
	}
	return len(b), nil
}

func TestFTPListIsBounded(t *testing.T) {
	known, _, err := readFTPList(&endless{text: "type=file; a\r\n"}, true, time.Now(), func(FTPEntry) {})
	if !errors.Is(err, ErrTooLong) || known != maxListed {
		t.Errorf("%d, %v", known, err)
	}
	_, unknown, err := readFTPList(&endless{text: strings.Repeat("x", 1000) + "\r\n"}, false, time.Now(), func(FTPEntry) {})
	if !errors.Is(err, ErrTooLong) || unknown > maxListedBytes/1000 {
		t.Errorf("%d, %v", unknown, err)
	}
	_, _, err = readFTPList(io.MultiReader(strings.NewReader("type=file; a\r\n"), &endless{text: "x"}), true, time.Now(), func(FTPEntry) {})
	if failureOf(err) != result.FailReply {
		t.Errorf("%v", err)
	}
}
