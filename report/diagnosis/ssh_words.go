package diagnosis

import (
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// greeting says how a port fared from which no SSH greeting came, when it was
// spoken to otherwise.
func (e *sentences) greeting(r *retried, s *symptom) {
	if s.op() == result.OpKeyExchange && fails("ssh")(s) && greetsOn(s) {
		e.add("ssh-word-cut", nil)
	}
	if s.check.Kind != "ssh" || s.op() != result.OpGreeting {
		return
	}
	if after, ok := num(s.step, factAfterLine); ok && cut(s) {
		took, _ := num(s.step, factConnectTook)
		e.add("ssh-cut", i18n.Data{"After": i18n.Number(e.lang, after, 1), "Took": i18n.Number(e.lang, took, 1)})
	}
	again := r.variant["ssh"]
	switch {
	case works("ssh")(s):
		e.add("ssh-greets", nil)
	case failedLike(s, again):
		after, _ := num(again, factAfterLine)
		e.add("ssh-again", i18n.Data{"After": i18n.Number(e.lang, after, 1), "Cut": cut(s)})
	}
	if staysOpen(s) && afterOurLine(s) {
		e.add("ssh-quiet", nil)
	}
	if first := sshShown(s); first != "" {
		e.add("ssh-shown", i18n.Data{"First": first})
	} else if st := r.variant["tls"]; st != nil && st.Failure == "" {
		e.add("ssh-tls", i18n.Data{"Subject": readable(str(st, factSubject))})
	}
}
