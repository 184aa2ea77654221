package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"netcheck/report/result"
)

// JSON writes the whole report so that programs can read it, and people too:
// what fits on a line is kept on one, so that a step or a result is a line and
// not fifteen. What a terminal would act on is escaped, which changes nothing
// for who parses it.
func JSON(w io.Writer, r *result.Report, _ Options) error {
	frame := *r
	if len(r.Checks) >= many {
		frame.Checks = []result.Check{}
	}
	var c composer
	b, err := c.append(nil, &frame, 0)
	if err != nil {
		return err
	}
	parts := [][]byte{b}
	if len(r.Checks) >= many {
		// Only the report's own member begins a line so: nothing in a string does.
		above, below, _ := bytes.Cut(b, []byte("\n  \"checks\": []"))
		checks, err := composeChecks(r.Checks)
		if err != nil {
			return err
		}
		parts = slices.Concat([][]byte{above, []byte("\n  \"checks\": [")}, checks, [][]byte{[]byte("\n  ]"), below})
	}
	for _, b := range append(parts, []byte("\n")) {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// many checks are worth more than one processor. They never fit on a line.
const many = 64

// composeChecks lays out the elements of a report's checks, by all processors.
func composeChecks(checks []result.Check) ([][]byte, error) {
	n := (len(checks) + many - 1) / many
	parts, errs := make([][]byte, n), make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			var c composer
			size := many << 10 // as a first guess
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				b := make([]byte, 0, size+size/8)
				for j := i * many; j < min(len(checks), (i+1)*many) && errs[i] == nil; j++ {
					if j > 0 {
						b = append(b, ',')
					}
					b, errs[i] = c.append(indent(b, 2), &checks[j], 2)
				}
				parts[i], size = b, len(b) // most are of a size
			}
		})
	}
	wg.Wait()
	return parts, errors.Join(errs...)
}

// composer turns values into JSON that is laid out for people. The zero
// composer is ready to use, by one goroutine at a time.
type composer struct {
	compact bytes.Buffer
	encoder *json.Encoder
}

// append appends a value's JSON, laid out as what stands at this depth.
func (c *composer) append(b []byte, v any, depth int) ([]byte, error) {
	if c.encoder == nil {
		c.encoder = json.NewEncoder(&c.compact)
		c.encoder.SetEscapeHTML(false) // <secret> is to be read as such
	}
	c.compact.Reset()
	if err := c.encoder.Encode(v); err != nil {
		return b, err
	}
	return layout(b, bytes.TrimSpace(c.compact.Bytes()), depth), nil
}

// lineWidth is how wide a value may be that is kept on one line.
const lineWidth = 160

// layout appends one compact JSON value, indented by depth, broken into its
// members where it is too wide for a line. The report itself is always broken.
func layout(b, v []byte, depth int) []byte {
	if len(v)+2*depth <= lineWidth && depth > 0 || len(v) < 3 || v[0] != '{' && v[0] != '[' {
		return inline(b, v)
	}
	b = append(b, v[0])
	inner := v[1 : len(v)-1]
	for first := true; len(inner) > 0; first = false {
		n := valueLength(inner)
		if !first {
			b = append(b, ',')
		}
		b = indent(b, depth+1)
		member := inner[:n]
		if v[0] == '{' {
			key := stringLength(member)
			b = append(inline(b, member[:key]), ": "...)
			member = member[key+1:]
		}
		b = layout(b, member, depth+1)
		inner = inner[min(n+1, len(inner)):]
	}
	return append(indent(b, depth), v[len(v)-1])
}

func indent(b []byte, depth int) []byte {
	b = append(b, '\n')
	for range depth {
		b = append(b, "  "...)
	}
	return b
}

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
		n := bytes.IndexByte(v[i:], '"')
		if n < 0 {
			break
		}
		slash := bytes.IndexByte(v[i:i+n], '\\')
		if slash < 0 {
			return i + n + 1
		}
		i += slash + 1 // the escaped byte is not looked at
	}
	return len(v)
}

// inline appends compact JSON with a blank after each colon and comma.
func inline(b, v []byte) []byte {
	for len(v) > 0 {
		if v[0] == '"' {
			n := stringLength(v)
			b, v = escape(b, v[:n]), v[n:]
			continue
		}
		b = append(b, v[0])
		if v[0] == ',' || v[0] == ':' {
			b = append(b, ' ')
		}
		v = v[1:]
	}
	return b
}

// escape appends a token, with what could act on a terminal or turn the
// direction of reading as \u: encoding/json leaves all from DEL on as it is.
func escape(b, v []byte) []byte {
	plain := 0
	for plain < len(v) && v[plain] < 0x7f {
		plain++
	}
	b, v = append(b, v[:plain]...), v[plain:]
	for len(v) > 0 {
		r, n := utf8.DecodeRune(v)
		switch {
		case r > 0xffff || !(unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)):
			b = append(b, v[:n]...)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		v = v[n:]
	}
	return b
}
