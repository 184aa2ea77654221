package portset

import "testing"

func TestParseJoin(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"one port", "443", "", "443"},
		{"neighbours become a range", "9001,9000", "9002", "9000-9002"},
		{"overlap", "9000-9500", "9400-9999", "9000-9999"},
		{"apart", "80", "443,8000-8005", "80,443,8000-8005"},
		{"inside", "1-65535", "22", "1-65535"},
		{"the last port", "65534", "65535", "65534-65535"},
		{"spaces", " 80 , 81", "", "80-81"},
		{"nonsense is left out", "x,80,9-3,70000,5-", "-7", "80"},
		{"nothing", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Join(Parse(c.a), Parse(c.b)).String(); got != c.want {
				t.Errorf("%q and %q: %q, want %q", c.a, c.b, got, c.want)
			}
		})
	}
}

func TestCountOverlaps(t *testing.T) {
	s := Parse("80,9000-9999")
	if n := s.Count(); n != 1001 {
		t.Errorf("count %d", n)
	}
	if !s.Overlaps(Parse("9999-10000")) || s.Overlaps(Parse("81-8999")) {
		t.Error("overlap")
	}
}

// Whatever is read is written as it will be read again.
func FuzzParse(f *testing.F) {
	f.Add("443,8000-8005")
	f.Add("65535-65535,0-1,,")
	f.Fuzz(func(t *testing.T, s string) {
		once := Parse(s)
		if again := Parse(once.String()); again.String() != once.String() || again.Count() != once.Count() {
			t.Errorf("%q: %s, then %s", s, once, again)
		}
	})
}

func TestBetween(t *testing.T) {
	for name, c := range map[string]struct{ set, asked, all, want string }{
		"a sample of silent ports":      {"9637-9638,9700,9999", "9000,9300,9636-9638,9700,9999", "9000-9999", "9637-9999"},
		"another answer in between":     {"9000,9999", "9000,9500,9999", "9000-9999", "9000,9999"},
		"not what was not declared":     {"80,9003", "80,9003", "80,9000-9003", "80,9000-9003"},
		"all were asked":                {"9001,9003", "9000-9003", "9000-9003", "9001,9003"},
		"up to the highest there is":    {"65000,65535", "65000,65535", "65000-65535", "65000-65535"},
		"nothing showed it":             {"", "9000", "9000-9999", ""},
		"two runs with a border each":   {"9000,9100,9900,9999", "9000,9100,9101,9899,9900,9999", "9000-9999", "9000-9100,9900-9999"},
		"neighbours that touch already": {"9000-9002", "9000-9002", "9000-9002", "9000-9002"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Parse(c.set).Between(Parse(c.asked), Parse(c.all)).String(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
