package report

import (
	"cmp"
	"fmt"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// greeted is which port of an SSH server was spoken with, and its host key,
// which is what the vendor's is compared with: that other ports are open too
// says nothing of them.
func (p *phrases) greeted(c *result.Check) string {
	for i := range c.Steps {
		s := &c.Steps[len(c.Steps)-1-i]
		key, ok := s.Facts["ssh.host_key.fingerprint"]
		if !ok || s.Failure != "" {
			continue
		}
		port := cmp.Or(s.Facts["network.peer.port"], s.Facts["server.port"])
		return p.say("terminal.ssh", i18n.Data{"Port": p.text(fmt.Sprint(port)), "Key": p.text(fmt.Sprint(key))})
	}
	return ""
}
