package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"netcheck/report/result"
)

// JSON writes the whole report so that programs can read it, and people too:
// what fits on a line is kept on one, so that a step or a result is a line and
// not fifteen. What a terminal would act on is escaped, which changes nothing
// for who parses it.
func JSON(w io.Writer, r *result.Report, _ Options) error {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false) // <secret> is to be read as such
	if err := e.Encode(r); err != nil {
		return err
	}
	var b bytes.Buffer
	layout(&b, bytes.TrimSpace(compact.Bytes()), 0)
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// lineWidth is how wide a value may be that is kept on one line.
const lineWidth = 160

// layout writes one compact JSON value, indented by depth, broken into its
// members where it is too wide for a line. The report itself is always broken.
func layout(b *bytes.Buffer, v []byte, depth int) {
	if len(v)+2*depth <= lineWidth && depth > 0 || len(v) < 3 || v[0] != '{' && v[0] != '[' {
		inline(b, v)
		return
	}
	b.WriteByte(v[0])
	inner := v[1 : len(v)-1]
	for first := true; len(inner) > 0; first = false {
		n := valueLength(inner)
		if !first {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		indent(b, depth+1)
		member := inner[:n]
		if v[0] == '{' {
			key := stringLength(member)
			inline(b, member[:key])
			b.WriteString(": ")
			member = member[key+1:]
		}
		layout(b, member, depth+1)
		inner = inner[min(n+1, len(inner)):]
	}
	b.WriteByte('\n')
	indent(b, depth)
	b.WriteByte(v[len(v)-1])
}

func indent(b *bytes.Buffer, depth int) { b.WriteString(strings.Repeat("  ", depth)) }

// valueLength is the length of the first member of a list: up to the comma
// that is in no string and in no nested value.
func valueLength(v []byte) int {
	depth := 0
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '"':
			i += stringLength(v[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(v)
}

// stringLength is the length of the string that v begins with, quotes
// included.
func stringLength(v []byte) int {
	for i := 1; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(v)
}

// inline writes compact JSON with a blank after each colon and comma.
func inline(b *bytes.Buffer, v []byte) {
	for len(v) > 0 {
		n := 1
		if v[0] == '"' {
			n = stringLength(v)
		}
		escape(b, v[:n])
		if v[0] == ',' || v[0] == ':' {
			b.WriteByte(' ')
		}
		v = v[n:]
	}
}

// escape writes a token, with what could act on a terminal or turn the
// direction of reading as \u: encoding/json leaves all from DEL on as it is.
func escape(b *bytes.Buffer, v []byte) {
	for len(v) > 0 {
		if v[0] < 0x7f {
			b.WriteByte(v[0])
			v = v[1:]
			continue
		}
		r, n := utf8.DecodeRune(v)
		switch {
		case r > 0xffff || !(unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)):
			b.Write(v[:n])
		default:
			fmt.Fprintf(b, `\u%04x`, r)
		}
		v = v[n:]
	}
}
