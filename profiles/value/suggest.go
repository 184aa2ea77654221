package value

import "strings"

// longest is how long a word may be to be looked at: no name is longer, and the
// work grows with its square.
const longest = 64

// Closest is the word that is nearest to a misspelt one, or "" if none is near
// enough to be what was meant.
func Closest(word string, words []string) string {
	word = strings.ToLower(word)
	if len(word) > longest {
		return ""
	}
	best, least := "", min(max(1, len(word)/3)+1, len(word)) // not every letter may differ
	for _, w := range words {
		if len(w) > longest || len(w)-len(word) >= least || len(word)-len(w) >= least {
			continue
		}
		if d := distance(word, strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	if best == "" {
		for _, w := range words { // timeout_seconds for timeout
			if len(w) >= 3 && (strings.HasPrefix(word, w) || len(word) >= 3 && strings.HasPrefix(strings.ToLower(w), word)) {
				return w
			}
		}
	}
	return best
}

// distance counts the letters to change, add, drop or swap with their
// neighbour to get from a to b (optimal string alignment).
func distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	var rows [longest + 1][longest + 1]uint8
	for i := range ra {
		rows[i+1][0] = uint8(i + 1)
	}
	for j := range rb {
		rows[0][j+1] = uint8(j + 1)
	}
	for i := 1; i <= len(ra); i++ {
		for j := 1; j <= len(rb); j++ {
			cost := uint8(1)
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return int(rows[len(ra)][len(rb)])
}
