package diagnosis

import "strings"

// readable is a certificate's distinguished name as people say it: the common
// name, and the organization where that says more.
func readable(dn string) string {
	var cn, o string
	for _, part := range nameParts(dn) {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case key == "CN" && cn == "":
			cn = value
		case key == "O" && o == "":
			o = value
		}
	}
	switch {
	case cn == "" && o == "":
		return dn
	case cn == "":
		return o
	case o == "" || strings.Contains(strings.ToLower(cn), strings.ToLower(o)):
		return cn
	}
	return cn + " (" + o + ")"
}

// nameParts takes a distinguished name apart, as RFC 4514 writes it.
func nameParts(dn string) []string {
	var parts []string
	var part strings.Builder
	escaped := false
	for _, r := range dn {
		switch {
		case escaped:
			part.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == ',', r == '+':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteRune(r)
		}
	}
	return append(parts, part.String())
}
