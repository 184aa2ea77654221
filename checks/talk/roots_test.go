package talk_test

import (
	"os"
	"regexp"
	"testing"

	"netcheck/checks/talk"
)

func TestPublicRootsDate(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`golang\.org/x/crypto/x509roots/fallback v0\.0\.0-(\d{4})(\d\d)(\d\d)`).FindSubmatch(mod)
	if m == nil {
		t.Fatal("go.mod does not name the roots")
	}
	if got := string(m[1]) + "-" + string(m[2]) + "-" + string(m[3]); got != talk.PublicRootsDate {
		t.Errorf("PublicRootsDate is %s, go.mod has %s", talk.PublicRootsDate, got)
	}
}
