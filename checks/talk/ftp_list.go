package talk

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"netcheck/report/result"
)

// FTPEntry is a line of a listing.
type FTPEntry struct {
	Name string // as sent, to be asked for again or matched: not harmless
	Dir  bool
	Time time.Time // of its last change; zero: the line does not say
	// Within is how far Time may be off, either way: nothing for MLSD, which
	// has UTC to the second; for LIST the minute or day that its text leaves
	// out, and the time zone, which it never says.
	Within time.Duration
}

const (
	maxListed      = 100_000  // entries of a listing
	maxListedBytes = 32 << 20 // that is some 300 bytes for each
	anyZone        = 14 * time.Hour
)

// ErrTooLong is a listing beyond the bounds. What was read of it is returned
// beside it.
var ErrTooLong error = &FTPError{Code: result.FailReply, Err: errors.New("the listing is longer than 100,000 entries or 32 MiB")}

// FTPList reads a listing from a data connection until its end or ctx's: of
// MLSD (RFC 3659) if facts is set, else of LIST, whose form no standard has.
// Each entry goes to add, and now tells which year a date without one means. It
// returns the number of lines that were understood, and of those that were not.
func FTPList(ctx context.Context, conn net.Conn, facts bool, now time.Time, add func(FTPEntry)) (known, unknown int, err error) {
	defer bound(ctx, conn)()
	known, unknown, err = readFTPList(conn, facts, now, add)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return known, unknown, err
}

func readFTPList(r io.Reader, facts bool, now time.Time, add func(FTPEntry)) (known, unknown int, err error) {
	limited := &io.LimitedReader{R: r, N: maxListedBytes}
	lines := bufio.NewReaderSize(limited, maxFTPLine)
	for known+unknown < maxListed {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return known, unknown, &FTPError{Code: result.FailReply, Err: errors.New("a line of the listing is longer than 4 KiB")}
		}
		if text := strings.TrimRight(string(line), "\r\n"); text != "" {
			parse := parseListLine
			if facts {
				parse = parseFacts
			}
			if e, ok := parse(text, now); ok && e.Name != "" {
				known++
				add(e)
			} else if facts || !strings.HasPrefix(text, "total ") {
				unknown++
			}
		}
		switch {
		case limited.N <= 0:
			return known, unknown, ErrTooLong
		case errors.Is(err, io.EOF):
			return known, unknown, nil
		case err != nil:
			return known, unknown, err
		}
	}
	return known, unknown, ErrTooLong
}

// parseFacts reads a line of MLSD: facts with semicolons, a blank, the name.
func parseFacts(line string, _ time.Time) (FTPEntry, bool) {
	facts, name, ok := strings.Cut(line, " ")
	if !ok || name == "" || facts != "" && !strings.HasSuffix(facts, ";") {
		return FTPEntry{}, false
	}
	e := FTPEntry{Name: name}
	for fact := range strings.SplitSeq(facts, ";") {
		key, v, _ := strings.Cut(fact, "=")
		switch strings.ToLower(key) {
		case "type":
			e.Dir = !strings.EqualFold(v, "file") && !strings.HasPrefix(strings.ToLower(v), "os.unix=slink")
		case "modify":
			e.Time, _ = ParseFTPTime(v)
		}
	}
	return e, true
}

// ParseFTPTime reads RFC 3659's time, which is UTC: YYYYMMDDHHMMSS, perhaps
// with a fraction.
func ParseFTPTime(s string) (time.Time, bool) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ".")
	t, err := time.Parse("20060102150405", s)
	return t, err == nil
}

var (
	// unixLine is ls -l: mode, links, owner, perhaps group, size, date, name.
	unixLine = regexp.MustCompile(`^([-dlbcpsD])[-rwxsStTlL]{9}[.+@]?\s+\d+\s+(?:\S+\s+){1,2}?\d+\s+([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{4}|\d{1,2}:\d{2})\s(.+)$`)
	// dosLine is IIS' own form: 11-21-26  10:11AM  <DIR>  name.
	dosLine = regexp.MustCompile(`^(\d{2})-(\d{2})-(\d{4}|\d{2})\s+(\d{2}:\d{2}(?:[AP]M)?)\s+(<DIR>|<JUNCTION>|\d+)\s(.+)$`)
)

// parseListLine reads a line of LIST in one of the two forms that servers have.
func parseListLine(line string, now time.Time) (FTPEntry, bool) {
	if m := unixLine.FindStringSubmatch(line); m != nil {
		e := FTPEntry{Name: m[5], Dir: m[1] != "-" && m[1] != "l"}
		if m[1] == "l" {
			e.Name, _, _ = strings.Cut(e.Name, " -> ")
		}
		e.Time, e.Within = unixTime(m[2], m[3], m[4], now)
		return e, true
	}
	if m := dosLine.FindStringSubmatch(line); m != nil {
		e := FTPEntry{Name: strings.TrimLeft(m[6], " "), Dir: m[5][0] == '<'}
		e.Time, e.Within = dosTime(m[1], m[2], m[3], m[4])
		return e, true
	}
	return FTPEntry{}, false
}

// unixTime reads ls' date: with a time it is of the last months, with a year
// older, or to come.
func unixTime(month, day, rest string, now time.Time) (time.Time, time.Duration) {
	if len(rest) == 4 && rest[1] != ':' {
		t, err := time.Parse("Jan 2 2006", month+" "+day+" "+rest)
		if err != nil {
			return time.Time{}, 0
		}
		return t.Add(12 * time.Hour), 12*time.Hour + anyZone
	}
	at := func(year int) (time.Time, error) {
		return time.Parse("Jan 2 15:04 2006", month+" "+day+" "+rest+" "+strconv.Itoa(year))
	}
	year := now.UTC().Year()
	t, err := at(year)
	if err != nil || t.After(now.Add(24*time.Hour+anyZone)) {
		t, err = at(year - 1) // also February 29, which this year may not have
	}
	if err != nil {
		return time.Time{}, 0
	}
	return t, anyZone + time.Minute
}

func dosTime(month, day, year, clock string) (time.Time, time.Duration) {
	if len(year) == 2 {
		year = "20" + year
	}
	layout := "01-02-2006 15:04"
	if strings.HasSuffix(clock, "M") {
		layout = "01-02-2006 03:04PM"
	}
	t, err := time.Parse(layout, month+"-"+day+"-"+year+" "+clock)
	if err != nil {
		return time.Time{}, 0
	}
	return t, anyZone + time.Minute
}
