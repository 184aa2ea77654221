package profiles_test

import (
	"fmt"
	"strings"
	"testing"
)

// big is a profile of n checks.
func big(n int) string {
	var b strings.Builder
	b.WriteString("netcheck: 1\nid: big\nparams:\n  domain: {type: host, default: a.example}\n  port: {type: port, default: 8000}\nchecks:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - id: check-%d\n    title: {en: \"Check %d of ${domain}\", fr: Essai %d}\n    features: [f%d]\n    reach: {host: \"h%d.${domain}\", port: [\"${port + 1}\", 443, \"9000-9999\"], wait: 5s}\n", i, i, i, i%10, i)
	}
	return b.String()
}

func BenchmarkLoad1000(b *testing.B) {
	data := big(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBind1000(b *testing.B) {
	p, err := load(big(1000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Bind(nil, ""); err != nil {
			b.Fatal(err)
		}
	}
}
