package report

import "testing"

// Without its own letters a language is written in a way of its own.
func TestASCIIIn(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"it", "il router è giù, perché?", "il router e' giu', perche'?"},
		{"de", "Übermäßig große Öffnung", "Uebermaessig grosse Oeffnung"},
		{"fr", "à côté du relais, « déjà » fermé\u00a0!", `a cote du relais, " deja " ferme !`},
		{"en", "naïve café", "naive cafe"},
	} {
		if got := ASCIIIn(c.lang, c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.lang, got, c.want)
		}
	}
}
