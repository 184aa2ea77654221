package dial

import (
	"encoding/base64"
	"html"
	"net/url"
	"strings"
)

// Secrets are the words of a login that must be in no report, even where
// somebody says them back, longest first. A password of up to three characters
// is not among them: it would take half of a text with it.
func Secrets(user *url.Userinfo) []string {
	if user == nil {
		return nil
	}
	password, ok := user.Password()
	if !ok || password == "" {
		return nil
	}
	both := user.Username() + ":" + password
	all := []string{base64.StdEncoding.EncodeToString([]byte(both)), both, url.QueryEscape(password)}
	if len(password) > 3 {
		all = append(all, html.EscapeString(password), base64.StdEncoding.EncodeToString([]byte(password)), password)
	}
	return all
}

// Hide is a text without them, nor with the beginning of one at its end, where
// it may have been cut.
func Hide(s string, secrets []string) string {
	const telling = 3 // letters: fewer give nothing away
	for _, secret := range secrets {
		s = strings.ReplaceAll(s, secret, "<secret>")
	}
	whole := strings.TrimRight(s, "…\"' ")
	for _, secret := range secrets {
		for n := len(secret) - 1; n >= telling; n-- {
			if strings.HasSuffix(whole, secret[:n]) {
				return whole[:len(whole)-n] + "<secret>" + s[len(whole):]
			}
		}
	}
	return s
}
