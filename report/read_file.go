package report

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// unpacked is what a file that was packed by gzip holds, as far as it goes; any
// other is as it was.
func unpacked(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		return data, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the file is packed by gzip, and damaged: %w", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxSize+1))
	if len(out) == 0 && err != nil {
		return nil, fmt.Errorf("the file is packed by gzip, and damaged: %w", err)
	}
	return out, nil // where it breaks off, what comes before is a report that does
}

// otherFile says what a file is that somebody gave in place of a JSON report; ""
// where it may be one. It goes by how files of a kind begin.
func otherFile(data []byte) string {
	begins := func(marks ...string) bool {
		for _, m := range marks {
			if bytes.HasPrefix(data, []byte(m)) {
				return true
			}
		}
		return false
	}
	head := string(bytes.TrimSpace(data[:min(len(data), 1024)]))
	text := strings.ToLower(head)
	starts := func(marks ...string) bool {
		for _, m := range marks {
			if strings.HasPrefix(text, m) {
				return true
			}
		}
		return false
	}
	const saved = `: a report that netcheck can read again is what --output FILE.json writes`
	switch {
	case begins("PK\x03\x04", "PK\x05\x06", "Rar!", "7z\xbc\xaf\x27\x1c"):
		return "this is an archive, such as ZIP, or a document of Word or Excel: unpack it, and name the .json file in it"
	case begins("%PDF-"):
		return "this is a PDF document" + saved
	case begins("\x89PNG", "\xff\xd8\xff", "GIF8", "RIFF", "BM"):
		return "this is a picture" + saved
	case begins("\xd0\xcf\x11\xe0"):
		return "this is a message of Outlook, or a document of Word or Excel: save the .json file that came with it"
	case begins("{\\rtf"):
		return "this is a document of a word processor" + saved
	case begins("\x7fELF", "MZ"):
		return "this is a program" + saved
	case starts("<!doctype html", "<html", "<head", "<body"):
		return "this is an HTML page" + saved
	case starts("<?xml", "<testsuite", "<"):
		return "this is XML, such as a JUnit report" + saved
	case mail.MatchString(text):
		return "this is a mail: save the .json file that came with it"
	case profile.MatchString(text):
		return "this is a profile, which says what to check: to run it, netcheck run FILE; a report is what its --output FILE.json writes"
	case head != "" && !strings.ContainsAny(head[:1], `{["-0123456789tfn`):
		return "the report is not JSON" + saved
	}
	return ""
}

var (
	mail    = regexp.MustCompile(`^(received|return-path|from|mime-version|delivered-to|subject|x-[a-z-]+): `)
	profile = regexp.MustCompile(`(?m)^netcheck: *\d`)
)
