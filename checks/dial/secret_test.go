package dial

import (
	"net/url"
	"testing"
)

func TestHide(t *testing.T) {
	secrets := Secrets(url.UserPassword("till", "s3cr3t+&Wort"))
	for text, want := range map[string]string{
		"nothing of it":                     "nothing of it",
		"till:s3cr3t+&Wort and more":        "<secret> and more",
		"dGlsbDpzM2NyM3QrJldvcnQ=":          "<secret>",
		"p=s3cr3t%2B%26Wort":                "p=<secret>",
		"<b>s3cr3t+&amp;Wort</b>":           "<b><secret></b>",
		"cut in the midst: s3cr3t+&Wo":      "cut in the midst: <secret>",
		"cut and marked: till:s3cr3…":       "cut and marked: <secret>…",
		"it ends by two of its letters: s3": "it ends by two of its letters: s3",
	} {
		if got := Hide(text, secrets); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if s := Secrets(url.User("till")); s != nil {
		t.Errorf("a user alone is no secret: %q", s)
	}
}
