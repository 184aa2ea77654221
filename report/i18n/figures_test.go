package i18n

import (
	"testing"
	"time"
)

func TestFigures(t *testing.T) {
	rome := time.FixedZone("CET", 3600)
	when := time.Date(2026, time.February, 3, 14, 5, 6, 0, rome)
	for _, c := range []struct{ lang, number, tenths, small, date, minute, span string }{
		{"en", "65,535", "1,234,567.5", "-0.5", "3 February 2026", "3 February 2026 14:05 CET", "3.0 s"},
		{"it", "65.535", "1.234.567,5", "-0,5", "03/02/2026", "03/02/2026 14:05 CET", "3,0 s"},
		{"fr", "65\u202f535", "1\u202f234\u202f567,5", "-0,5", "03/02/2026", "03/02/2026 14:05 CET", "3,0 s"},
		{"de", "65.535", "1.234.567,5", "-0,5", "03.02.2026", "03.02.2026 14:05 CET", "3,0 s"},
		{"xx", "65,535", "1,234,567.5", "-0.5", "3 February 2026", "3 February 2026 14:05 CET", "3.0 s"},
	} {
		t.Run(c.lang, func(t *testing.T) {
			for _, got := range [][2]string{
				{Count(c.lang, 65535), c.number},
				{Number(c.lang, 1234567.49, 1), c.tenths},
				{Number(c.lang, -0.5, 1), c.small},
				{Count(c.lang, 999), "999"},
				{Date(c.lang, when), c.date},
				{Minute(c.lang, when), c.minute},
				{Duration(c.lang, 3*time.Second), c.span},
			} {
				if got[0] != got[1] {
					t.Errorf("%q, want %q", got[0], got[1])
				}
			}
		})
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                        "0 ms",
		1234 * time.Microsecond:             "1.2 ms",
		250 * time.Millisecond:              "250 ms",
		59900 * time.Millisecond:            "59.9 s",
		59970 * time.Millisecond:            "1 min",
		90 * time.Second:                    "1 min 30 s",
		time.Hour + 20*time.Second:          "1 h 20 s",
		2*time.Hour - 200*time.Millisecond:  "2 h",
		1500*time.Hour + 45*time.Minute + 1: "1,500 h 45 min",
	} {
		if got := Duration("en", d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// A number of things is written as the language writes numbers.
func TestCountInText(t *testing.T) {
	if got := T("en", "unit.days", Data{"Count": 1200}); got != "1,200 days" {
		t.Errorf("%q", got)
	}
}
