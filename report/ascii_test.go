package report

import "testing"

// On a console without Unicode a text stays one that can be read.
func TestASCII(t *testing.T) {
	for in, want := range map[string]string{
		"plain":               "plain",
		"Prüfung der Größe":   "Pruefung der Groesse",
		"Pru\u0308fung":       "Pruefung", // the same, in two runes
		"Änderung, Öl, Übung": "Aenderung, Oel, Uebung",
		"créée à Noël":        "creee a Noel",
		"perché è già così":   "perche e gia cosi",
		"„so“ → 3×5 …":        `"so" -> 3x5 ...`,
		"日本":                  "??",
	} {
		if got := ASCII(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
