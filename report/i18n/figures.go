package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Numbers, times and dates as a language writes them in prose. Data (JSON,
// CSV, the steps of a check) has plain numbers and RFC 3339 instead, and a port
// or a code is a name, not a number: neither is for these functions.

// Number is a number with its decimals.
func Number(lang string, v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, _ := strings.Cut(s, ".")
	mark := T(lang, "figures.thousands", nil)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + mark + whole[i:]
	}
	if rest != "" {
		rest = T(lang, "figures.decimal", nil) + rest
	}
	return sign + whole + rest
}

// Count is a whole number.
func Count(lang string, n int) string { return Number(lang, float64(n), 0) }

// Date is the day of a time.
func Date(lang string, t time.Time) string { return t.Format(T(lang, "figures.date", nil)) }

// Minute is a time to the minute, with its day and zone: as exact as a log of a
// firewall has to be searched.
func Minute(lang string, t time.Time) string { return t.Format(T(lang, "figures.minute", nil)) }

// Colon stands between what is spoken of and what is said of it; French has a
// no-break space before it, and before a semicolon.
func Colon(lang string) string { return T(lang, "figures.colon", nil) }

// Semicolon stands between two remarks.
func Semicolon(lang string) string { return T(lang, "figures.semicolon", nil) }

// Duration is how long something took, as exact as a reader wants it.
func Duration(lang string, d time.Duration) string {
	const second, minute = time.Second, time.Minute
	switch {
	case d <= 0:
		return "0 ms"
	case d < 10*time.Millisecond:
		return Number(lang, float64(d)/float64(time.Millisecond), 1) + " ms"
	case d < second:
		return Count(lang, int(d.Milliseconds())) + " ms"
	case d < minute-50*time.Millisecond: // which would be 60.0 s
		return Seconds(lang, d)
	}
	d = d.Round(second)
	hours, minutes, seconds := int(d/time.Hour), int(d%time.Hour/minute), int(d%minute/second)
	var parts []string
	if hours > 0 {
		parts = append(parts, Count(lang, hours)+" h")
	}
	if minutes > 0 {
		parts = append(parts, strconv.Itoa(minutes)+" min")
	}
	if seconds > 0 {
		parts = append(parts, strconv.Itoa(seconds)+" s")
	}
	return strings.Join(parts, " ")
}

// Seconds is a duration in seconds and their tenths.
func Seconds(lang string, d time.Duration) string { return Number(lang, d.Seconds(), 1) + " s" }
