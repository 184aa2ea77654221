package diagnosis

import (
	"strings"

	"netcheck/report/i18n"
)

const (
	factUser     = "user.name"
	factKeys     = "ssh.auth.keys"
	factKeyFile  = "ssh.auth.key_file"
	factExpected = "ssh.host_key.expected"
)

// accountData is what the texts may say of who logs in, and of the keys on both
// sides. A password is none of it.
func (w words) accountData(d i18n.Data) {
	step := w.g.members[0].step
	d["User"] = str(step, factUser)
	d["Accepted"], d["NextProof"] = str(step, factAccepted), str(step, factMoreWanted)
	d["Keys"], d["KeyFile"] = str(step, factKeys), str(step, factKeyFile)
	d["KnownKeys"] = strings.Join(strings.Split(str(step, factExpected), ", "), " or ")
}
