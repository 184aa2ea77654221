package diagnosis

import (
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

const (
	factUser     = "user.name"
	factKeys     = "ssh.auth.keys"
	factKeyFile  = "ssh.auth.key_file"
	factExpected = "ssh.host_key.expected"

	factKeyTrouble = "key.trouble"
)

// accountData is what the texts may say of who logs in, and of the keys on both
// sides. A password is none of it.
func (w words) accountData(d i18n.Data) {
	step := w.g.members[0].step
	d["User"] = str(step, factUser)
	d["Accepted"], d["NextProof"] = str(step, factAccepted), str(step, factMoreWanted)
	d["Keys"], d["KeyFile"] = str(step, factKeys), str(step, factKeyFile)
	d["First"] = str(step, factSSHFirst)
	d["KeyTrouble"] = keyTrouble(w.g.members[0].check)
	d["KnownKeys"] = strings.Join(strings.Split(str(step, factExpected), ", "), " or ")
}

// keyTrouble is what keeps a key from being used, of any step: one that only
// deserves a look failed at none.
func keyTrouble(c *result.Check) string {
	for i := range c.Steps {
		if said := str(&c.Steps[i], factKeyTrouble); said != "" {
			return said
		}
	}
	return ""
}
