package dial

import (
	"encoding/base64"
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
		all = append(all, base64.StdEncoding.EncodeToString([]byte(password)), password)
	}
	return all
}

// Hide is a text without them.
func Hide(s string, secrets []string) string {
	for _, secret := range secrets {
		s = strings.ReplaceAll(s, secret, "<secret>")
	}
	return s
}
