package diagnosis

import (
	"math"
	"slices"
	"strings"

	"netcheck/report/result"
)

// sshRules are about SSH servers, from the greeting to the files, and about the
// keys that log in there.
func sshRules() []rule {
	greeting := []result.Op{result.OpGreeting}
	talking := []result.Op{result.OpKeyExchange, result.OpAuth, result.OpSubsystem, result.OpStat}
	broken := []result.Failure{result.FailTimeout, result.FailReset, result.FailEOF}
	cutOff := []result.Failure{result.FailReset, result.FailEOF}
	return []rule{
		{
			// The proxy gave the tunnel, and SSH does not come through it: where
			// TLS was seen to pass there, a rule of proxies says so. Where there is
			// no direct way either, one of both is to be repaired.
			id: "ssh-by-proxy", when: []cond{kind("ssh"), anyOf(endsInTunnel, both(viaProxy, tunnelEnds))},
			code: result.ProxyDenied, sure: always(result.Likely), at: atProxy, subject: byProxy, act: network,
			alike: []alike{{result.ProtoMismatch, nil}, {result.ProtoBlocked, nil}}, see: "RFC 9110, 9.3.6",
		},
		{
			// Nothing lies on the way to this machine itself.
			id: "ssh-absent", ops: greeting, failures: broken, when: []cond{kind("ssh"), toOwn},
			code: result.ProtoMismatch, sure: always(result.Likely), at: atThisMachine, subject: byHost, act: site,
			alike: []alike{{result.LocalFirewall, nil}},
		},
		{
			// The greeting has begun: nobody blocks it, but it does not end.
			id: "ssh-slow", ops: greeting, failures: broken, when: []cond{kind("ssh"), begunToGreet},
			code: result.ProtoMismatch, sure: always(result.Hint), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.PathLoss, nil}, {result.ProtoBlocked, nil}}, see: "RFC 4253, 4.2",
		},
		{
			// Asked once more, it greets.
			id: "ssh-at-times", ops: greeting, failures: broken, when: []cond{kind("ssh"), works("ssh")},
			code: result.PathLoss, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.HostFirewall, nil}, {result.ProtoBlocked, nil}},
		},
		{
			// By a protocol that passes, the same server does greet.
			id: "ssh-hidden", ops: greeting, failures: broken, when: []cond{kind("ssh"), sshSeen},
			code: result.ProtoBlocked, sure: always(result.Strong), at: silent, subject: byHost, request: true, app: "SSH",
			see: "RFC 4253, 4.2",
		},
		{
			// Whoever cut it off answered sooner than the server can.
			id: "ssh-cut-near", ops: greeting, failures: cutOff, when: []cond{kind("ssh"), tooSoon},
			code: result.ProtoBlocked, sure: always(result.Strong), at: silent, subject: byHost, request: true, app: "SSH",
			alike: []alike{{result.ProtoMismatch, nil}}, see: "RFC 4253, 4.2",
		},
		{
			// The port answers TLS or HTTP, and not SSH: the server has either
			// none there, or never gets to hear of it.
			id: "ssh-not-passed", ops: greeting, failures: broken, when: []cond{kind("ssh"), anyOf(works("tls"), works("plain"))},
			code: result.ProtoBlocked, sure: always(result.Likely), at: silent, subject: byHost, request: true, app: "SSH",
			alike: []alike{{result.ProtoMismatch, nil}}, see: "RFC 4253, 4.2",
		},
		{
			// Said nothing, it stays open; at the first word of SSH it is cut.
			id: "ssh-cut", ops: greeting, failures: cutOff, when: []cond{kind("ssh"), afterOurLine, staysOpen},
			code: result.ProtoBlocked, sure: always(result.Likely), at: silent, subject: byHost, request: true, app: "SSH",
			alike: []alike{{result.ProtoMismatch, nil}}, see: "RFC 4253, 4.2",
		},
		{
			// Not even a few bytes get there, where the connect did.
			id: "ssh-lost", ops: greeting, failures: []result.Failure{result.FailTimeout}, when: []cond{kind("ssh"), lost},
			code: result.ProtoBlocked, sure: always(result.Likely), at: silent, subject: byHost, request: true, app: "SSH",
			alike: []alike{{result.TCPAnsweredByFirewall, nil}, {result.PathLoss, nil}},
		},
		{
			// They do get there, and nobody answers.
			id: "ssh-hangs", ops: greeting, failures: []result.Failure{result.FailTimeout}, when: []cond{kind("ssh"), heardOnly},
			code: result.ProtoMismatch, sure: always(result.Hint), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, nil}, {result.TCPTransparentProxy, nil}},
		},
		{
			id: "ssh-silent", ops: greeting, failures: broken, when: []cond{kind("ssh")},
			code: result.ProtoBlocked, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.ProtoMismatch, nil}, {result.HostFirewall, nil}, {result.TCPAnsweredByFirewall, nil}},
		},
		{
			// In OpenSSH's own words, before its greeting.
			id: "ssh-turned-away", ops: greeting, failures: []result.Failure{result.FailSSH}, when: []cond{turnedAway},
			code: result.HostFirewall, sure: always(result.Strong), at: atAnswer, subject: byHost, act: vendor,
			see: "sshd_config(5), PerSourcePenalties, MaxStartups",
		},
		{
			id: "ssh-other", failures: []result.Failure{result.FailSSH},
			code: result.ProtoMismatch, sure: always(result.Likely), at: atAnswer, subject: byHost,
			alike: []alike{{result.TCPTransparentProxy, nil}, {result.ProtoBlocked, nil}},
		},
		{
			id: "ssh-faulty", failures: []result.Failure{result.FailSSHFormat},
			code: result.ProtoMismatch, sure: always(result.Hint), at: atAnswer, subject: byHost,
			alike: []alike{{result.ProtoBlocked, nil}},
		},
		{
			id: "ssh-algorithms", failures: []result.Failure{result.FailAlgorithms},
			code: result.SSHAlgorithms, sure: always(result.Certain), at: atAnswer, subject: byHost, act: vendor, see: "RFC 4253, 7.1",
		},
		{
			id: "ssh-host-key", failures: []result.Failure{result.FailHostKey},
			code: result.SSHHostKey, sure: always(result.Certain), at: atAnswer, subject: byHost, act: vendor, see: "RFC 4251, 4.1",
		},
		{
			id: "ssh-auth", failures: []result.Failure{result.FailSSHAuth},
			code: result.SSHAuth, sure: always(result.Certain), at: atAnswer, subject: byHost, act: vendor, see: "RFC 4252, 5.1",
		},
		{
			id: "ssh-sftp", failures: []result.Failure{result.FailSFTP},
			code: result.SSHSFTPUnavailable, sure: always(result.Certain), at: atAnswer, subject: byHost, act: vendor,
		},
		{
			id: "ssh-path", failures: []result.Failure{result.FailMissing, result.FailForbidden}, when: []cond{anyOf(kind("ssh"), forbidden)},
			code: result.SSHPath, sure: always(result.Certain), at: atAnswer, subject: byHost, act: vendor,
		},
		{
			// The login is accepted, and what ends the connection then is most
			// likely the server: it can't start a session for this user, as where
			// the directory that it is to be shut in has wrong rights. From there
			// on nobody in between can read what is said.
			id: "ssh-session", ops: []result.Op{result.OpSubsystem}, failures: cutOff,
			code: result.SSHSFTPUnavailable, sure: always(result.Likely), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, nil}}, see: "sshd_config(5), ChrootDirectory",
		},
		{
			// The server's greeting comes, and not even our short line gets there.
			id: "ssh-word-lost", ops: []result.Op{result.OpKeyExchange}, failures: []result.Failure{result.FailTimeout}, when: []cond{lost},
			code: result.ProtoBlocked, sure: always(result.Likely), at: silent, subject: byHost, request: true, app: "SSH",
			alike: []alike{{result.PathLoss, nil}},
		},
		{
			// The greeting comes, and it is our own, again and again, at which the
			// connection is cut; said nothing, it stays open.
			id: "ssh-word-cut", ops: []result.Op{result.OpKeyExchange}, failures: cutOff, when: []cond{fails("ssh"), greetsOn},
			code: result.ProtoBlocked, sure: always(result.Likely), at: silent, subject: byHost, request: true, app: "SSH",
			alike: []alike{{result.ProtoMismatch, nil}, {result.HostFirewall, nil}}, see: "RFC 4253, 4.2",
		},
		{
			// Short lines get there and back. The lists of algorithms, which fill
			// a packet, do not.
			id: "ssh-large", ops: []result.Op{result.OpKeyExchange}, failures: []result.Failure{result.FailTimeout}, when: []cond{anyOf(restLost, gap)},
			code: result.PathMTUBlackhole, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.ProtoBlocked, nil}, {result.PathLoss, nil}}, see: "RFC 2923, 2.1",
		},
		{
			id: "ssh-stalled", ops: talking, failures: broken,
			code: result.ProtoBlocked, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.HostFirewall, not(cut)}, {result.PathMTUBlackhole, cut}, {result.PathLoss, cut}},
		},
		{
			id: "key-file", failures: []result.Failure{result.FailKeyFile},
			code: result.KeyUnreadable, sure: always(result.Certain), at: atThisMachine, subject: byCheck,
		},
	}
}

// endsInTunnel tells whether it is the greeting that did not come through a
// proxy's tunnel.
func endsInTunnel(s *symptom) bool { return byWay(s) && s.code == "" && noGreeting(s.step) }

func noGreeting(st *result.Step) bool {
	return st.Op == result.OpGreeting && slices.Contains([]result.Failure{result.FailSSH, result.FailTimeout, result.FailReset, result.FailEOF}, st.Failure)
}

// tunnelEnds tells the same of a symptom of the direct way.
func tunnelEnds(s *symptom) bool {
	return s.op() == result.OpConnect && slices.ContainsFunc(s.check.Steps, func(st result.Step) bool { return st.Via != "" && noGreeting(&st) })
}

// restLost tells whether the beginning of what was sent was confirmed, and what
// followed was not, though it was sent again and again.
func restLost(s *symptom) bool {
	t := s.tcp()
	return t != nil && t.BytesAcked > 1 && t.Retransmits >= 2
}

// forbidden is what an SSH server alone says: of others it is an access list.
func forbidden(s *symptom) bool { return s.failure == result.FailForbidden }

// turnedAway tells whether an SSH server said that it does not want us now: too
// many connections, or too many failures from this address.
func turnedAway(s *symptom) bool {
	said := str(s.step, factSSHFirst)
	return strings.HasPrefix(said, "Not allowed at this time") || strings.HasPrefix(said, "Exceeded MaxStartups")
}

// begunToGreet tells whether the beginning of an SSH server's greeting came.
func begunToGreet(s *symptom) bool { return strings.HasPrefix(str(s.step, factSSHFirst), "SSH-") }

// sshSeen tells whether the port greeted as an SSH server when it was spoken to
// by another protocol, or not at all.
func sshSeen(s *symptom) bool { return sshShown(s) != "" }

// sshShown is how it greeted then.
func sshShown(s *symptom) string {
	again := s.retried().variant
	for _, name := range []string{"silent", "tls", "plain"} {
		st := again[name]
		if st == nil || !fails("ssh")(s) {
			continue
		}
		for _, key := range []string{factIdentification, factFirstTLS, factFirstHTTP} {
			if first := str(st, key); strings.HasPrefix(first, "SSH-") {
				return first
			}
		}
	}
	return ""
}

// greetsOn tells whether a connection on which nothing was said greeted, and
// stayed open as long as it was watched.
func greetsOn(s *symptom) bool {
	st := s.retried().variant["silent"]
	return st != nil && st.Failure == "" && str(st, factIdentification) != ""
}

// afterOurLine tells whether it broke off when netcheck had said who it is, and
// each time so soon that it was for that: a balancer that finds no server hangs
// up after some seconds, whatever was said.
func afterOurLine(s *symptom) bool {
	const soon = 1000 // ms
	after, said := num(s.step, factAfterLine)
	if st := s.retried().variant["ssh"]; failedLike(s, st) { // one that was not cut tells no time
		again, _ := num(st, factAfterLine)
		after = max(after, again)
	}
	return said && after <= soon
}

// tooSoon tells whether the connection was cut, once netcheck had said who it
// is, in less than half of the time that the server's answer to a connect took:
// and so once more, when it was asked again. Of the connects the quickest
// counts, and none that took a second: its first packet was lost, and the time
// is that after which it was sent again.
func tooSoon(s *symptom) bool {
	const (
		measurable = 4    // ms: below that other delays count for more
		sentAgain  = 1000 // ms, of every system's first repetition (RFC 6298, 2)
	)
	both := []*result.Step{s.step, s.retried().variant["ssh"]}
	took := math.Inf(1)
	for _, st := range both {
		if st == nil {
			return false
		}
		if t, ok := num(st, factConnectTook); ok {
			took = min(took, t)
		}
	}
	return took >= measurable && took < sentAgain && !slices.ContainsFunc(both, func(st *result.Step) bool {
		after, ok := num(st, factAfterLine)
		return !ok || after >= took/2
	})
}

// staysOpen tells whether a second connection to the same port, on which
// nothing was said, was neither closed nor cut, as long as it was watched: that
// tells nothing where the first one too was cut only after seconds.
func staysOpen(s *symptom) bool {
	st := s.retried().variant["silent"]
	return st != nil && st.Failure == result.FailTimeout && slices.Contains([]result.Failure{result.FailReset, result.FailEOF}, s.failure)
}
