package server

import "testing"

func TestParseSYN(t *testing.T) {
	v4 := []byte{
		0x45, 0, 0, 60, 0, 0, 0x40, 0, 57, 6, 0, 0, 81, 2, 3, 4, 5, 6, 7, 8,
		0xc0, 0, 1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0,
		1, 4, 2, 2, 4, 0x05, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	}
	v6 := append(make([]byte, 40), v4[20:]...)
	v6[0], v6[6], v6[7] = 0x60, 6, 55
	for _, c := range []struct {
		name     string
		b        []byte
		ttl, mss int
	}{
		{"nothing", nil, 0, 0},
		{"IPv4", v4, 57, 1300},
		{"IPv6", v6, 55, 1300},
		{"cut within the header", v4[:30], 57, 0},
		{"cut within the options", v4[:44], 57, 0},
	} {
		if ttl, mss := parseSYN(c.b); ttl != c.ttl || mss != c.mss {
			t.Errorf("%s: %d, %d", c.name, ttl, mss)
		}
	}
}

func FuzzSYN(f *testing.F) {
	f.Add([]byte{0x4f, 0, 0, 0, 0, 0, 0, 0, 1, 6})
	f.Add(make([]byte, 60))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ttl, mss := parseSYN(b); ttl < 0 || ttl > 255 || mss < 0 || mss > 65535 {
			t.Errorf("%d, %d", ttl, mss)
		}
	})
}
