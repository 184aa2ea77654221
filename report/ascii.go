package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ASCII writes a text for a console that has nothing else: accents go, signs
// become what they look like, and what has no likeness becomes a question mark.
func ASCII(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < 0x80
	}
	if plain {
		return s
	}
	s = norm.NFD.String(likenesses.Replace(norm.NFC.String(s)))
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case unicode.Is(unicode.Mn, r):
			return -1
		}
		return '?'
	}, s)
}

// ASCIIIn is ASCII as the language itself is written where its letters are
// missing: in Italian "e" is another word than "è".
func ASCIIIn(lang, s string) string {
	switch lang {
	case "de":
		s = umlauts.Replace(s)
	case "it":
		s = accents.Replace(s)
	}
	return ASCII(s)
}

var (
	umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")
	accents = strings.NewReplacer("à", "a'", "è", "e'", "é", "e'", "ì", "i'", "ò", "o'", "ù", "u'", "È", "E'")
)

var likenesses = strings.NewReplacer(
	"–", "-", "—", "-", "‑", "-", "…", "...", "‘", "'", "’", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"·", "*", "•", "*", "→", "->", "×", "x", "€", "EUR", "ß", "ss",
	"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", // as German does without them; "Prufung" is no word
	"æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ø", "o", "Ø", "O", "\u00a0", " ", "\u202f", " ",
)
