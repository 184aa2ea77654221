package result

import "slices"

// Verdict is what was seen of a check, whatever its level; and the run's.
type Verdict string

const (
	Pass          Verdict = "pass"
	Warn          Verdict = "warn"
	Fail          Verdict = "fail"
	Inconclusive  Verdict = "inconclusive"
	Skip          Verdict = "skip"           // not run: see Reason
	NotApplicable Verdict = "not-applicable" // its when is false
	Elsewhere     Verdict = "elsewhere"      // another role's
	Attested      Verdict = "attested"       // a person said so
	Error         Verdict = "error"          // netcheck could not do what it was asked
)

// Verdicts lists them, gravest first.
func Verdicts() []Verdict {
	return []Verdict{Fail, Error, Inconclusive, Warn, Skip, Elsewhere, NotApplicable, Attested, Pass}
}

// Reason is why a check was not run or its verdict was changed.
type Reason string

const (
	BecauseNeeds       Reason = "needs"       // a check that it needs did not pass
	BecauseTool        Reason = "tool"        // something on this machine is missing
	BecauseDeadline    Reason = "deadline"    // the run's time was over
	BecauseInterrupted Reason = "interrupted" // the user stopped the run
	BecauseSelection   Reason = "selection"   // --only or --skip
	BecauseDowngrade   Reason = "downgrade"   // the profile knows a harmless reason
	BecauseTolerate    Reason = "tolerate"    // some of its group passed
	BecauseIllusion    Reason = "illusion"    // somebody else answered in the target's place
	BecauseProxy       Reason = "proxy"       // a proxy finds the name that this machine does not, for all that goes there
	BecauseNoProxy     Reason = "no-proxy"    // it must go through a proxy, and there is none for it
	BecauseFollowup    Reason = "followup"    // what was asked once more settled what the probe left open
	BecauseMachine     Reason = "machine"     // another machine's check of the same settled it
	BecauseUnread      Reason = "unread"      // what the saved report has of it can't be read
)

// State is what a port or target showed.
type State string

const (
	Open     State = "open"
	Closed   State = "closed"   // the destination itself refused, as far as can be told
	Filtered State = "filtered" // silence
	Rejected State = "rejected" // an ICMP error
	Reset    State = "reset"    // an established connection was reset
	Expired  State = "expired"  // of a hop: the packet's TTL was over there (RFC 792, time exceeded)
	Unknown  State = "unknown"
)

// Level is how much the product needs the check.
type Level string

const (
	Required    Level = "required"
	Recommended Level = "recommended"
	Optional    Level = "optional"
)

// Weight orders levels: the higher, the graver.
func (l Level) Weight() int {
	return slices.Index([]Level{Optional, Recommended, Required}, l)
}

// Confidence is how sure a diagnosis is of its cause.
type Confidence string

const (
	Certain Confidence = "certain" // a packet said so
	Strong  Confidence = "strong"  // two controls agree
	Likely  Confidence = "likely"  // one does
	Hint    Confidence = "hint"    // none does
)

// Owner is whose a place on the path is.
type Owner string

const (
	ThisMachine  Owner = "this-machine"
	Gateway      Owner = "gateway"
	Site         Owner = "site"
	Provider     Owner = "provider"
	Destination  Owner = "destination"
	UnknownOwner Owner = "unknown"
)

// OwnPublicIP stands for the address under which a shop's line is seen from
// the internet, which may not be known. Profiles write it so too.
const OwnPublicIP = "own-public-ip"

// Op names what a step did.
type Op string

const (
	OpResolve   Op = "resolve"   // a name by the system's way
	OpQuery     Op = "query"     // a DNS question to one server
	OpConnect   Op = "connect"   // a TCP connect
	OpScan      Op = "scan"      // TCP connects to many ports of one address
	OpExchange  Op = "exchange"  // a datagram and its answer
	OpHandshake Op = "handshake" // TLS
	OpVerify    Op = "verify"    // a certificate chain
	OpRequest   Op = "request"   // HTTP
	OpGreeting  Op = "greeting"  // waiting for the server to speak first
	OpInspect   Op = "inspect"   // looking at this machine
	OpCompare   Op = "compare"   // looking at what is known already
	OpAsk       Op = "ask"       // asking a person
	OpSweep     Op = "sweep"     // the same packet at rising TTL
	OpTunnel    Op = "tunnel"    // asking a proxy for a way to a host
	OpStartTLS  Op = "starttls"  // asking for TLS in a protocol that began without
	OpFeatures  Op = "features"  // asking an FTP server what it can do
	OpLogin     Op = "login"     // user name and password
	OpProtect   Op = "protect"   // asking for TLS on FTP's data connections
	OpDirectory Op = "directory" // changing to a directory
	OpPassive   Op = "passive"   // asking for the port of an FTP data connection
	OpData      Op = "data"      // an FTP data connection
	OpList      Op = "list"      // listing a directory

	OpKeyExchange Op = "key-exchange" // SSH, up to the proof of the host key
	OpHostKey     Op = "host-key"     // comparing that with the profile's
	OpAuth        Op = "auth"         // SSH, proving who logs in
	OpSubsystem   Op = "subsystem"    // starting SFTP
	OpStat        Op = "stat"         // looking at a file or directory

	OpUpgraded Op = "upgraded" // frames over a WebSocket that was opened

	OpVantage Op = "vantage"  // asking the helper outside
	OpReach   Op = "reach"    // a call from outside, as the helper tells of it
	OpStandin Op = "stand-in" // listening in a service's place
	OpWAN     Op = "wan"      // asking the gateway for its address towards the internet
)

// Failure is the stable code of what went wrong in a step: an observation.
// Why it went wrong is a Cause, and diagnosis' business.
type Failure string

// Each comment says how to provoke it.
const (
	FailTimeout         Failure = "timeout"          // the step's own time was over: a server that accepts and stays silent
	FailConnectTimeout  Failure = "connect-timeout"  // no answer to a connect: a firewall that drops
	FailRefused         Failure = "refused"          // RST, or ICMP port unreachable: nothing listens
	FailReset           Failure = "reset"            // RST on an established connection
	FailEOF             Failure = "eof"              // the peer closed where more was due
	FailHostUnreachable Failure = "host-unreachable" // ICMP host unreachable, or no answer to ARP
	FailNetUnreachable  Failure = "net-unreachable"  // ICMP network unreachable
	FailProhibited      Failure = "prohibited"       // ICMP administratively prohibited
	FailICMP            Failure = "icmp"             // another ICMP error; Evidence has it
	FailTTLExceeded     Failure = "ttl-exceeded"     // a routing loop
	FailNoRoute         Failure = "no-route"         // this machine has none: the system refuses at once
	FailPermission      Failure = "permission"       // this machine's own firewall or policy forbids: EPERM, EACCES, Windows 10013
	FailNoSockets       Failure = "no-sockets"       // descriptors, ports or buffers of this machine are used up
	FailAddressInUse    Failure = "address-in-use"   // a bind to a taken port
	FailMessageSize     Failure = "message-size"     // a datagram larger than the path's MTU
	FailCanceled        Failure = "canceled"         // the run was interrupted or reached its deadline
	FailTool            Failure = "tool"             // a program that it takes is missing, too old or does not work: nmap, taken off the path

	FailNXDomain    Failure = "dns-nxdomain"     // RCODE 3
	FailNoData      Failure = "dns-no-data"      // NOERROR without an answer of the type
	FailNullAddress Failure = "dns-null-address" // 0.0.0.0 or :: in place of an address: a filter's answer
	FailServFail    Failure = "dns-servfail"     // RCODE 2
	FailDNSRefused  Failure = "dns-refused"      // RCODE 5
	FailRCode       Failure = "dns-rcode"        // another RCODE
	FailDNSTimeout  Failure = "dns-timeout"      // no answer from the resolver
	FailDNSFormat   Failure = "dns-format"       // an answer that is not DNS or not to the question
	FailDNSTCP      Failure = "dns-tcp"          // by UDP the resolver says that the answer needs TCP, and none comes there
	FailNoResolver  Failure = "dns-no-resolver"  // no resolver is configured
	FailResolve     Failure = "resolve"          // the system's way failed and does not say why

	FailNotTLS           Failure = "tls-not-tls"             // something else answers the ClientHello
	FailTLSVersion       Failure = "tls-version"             // no common version: alert 70, or a server that is too old
	FailTLSAlert         Failure = "tls-alert"               // another alert; the fact tls.alert has it
	FailTLSFormat        Failure = "tls-format"              // it begins as TLS and goes on as nothing that this program understands
	FailALPN             Failure = "tls-alpn"                // the server speaks none of the protocols offered: alert 120, or no choice
	FailTLSClientCert    Failure = "tls-client-cert"         // the server demands a client certificate
	FailTLSClientRefused Failure = "tls-client-cert-refused" // the server does not take the client certificate that it got: one of another authority
	FailTLSClientFile    Failure = "tls-client-cert-file"    // the client certificate or its key can't be read or used here: no such file, no PEM
	FailNoStartTLS       Failure = "tls-no-starttls"         // the server offers no TLS after its greeting, or declines: 502 to STARTTLS
	FailUnknownCA        Failure = "tls-unknown-ca"          // the chain ends in a root that is not trusted
	FailSelfSigned       Failure = "tls-self-signed"         // the certificate signed itself
	FailIncomplete       Failure = "tls-incomplete-chain"    // an intermediate is missing
	FailExpired          Failure = "tls-expired"             // NotAfter is past
	FailNotYetValid      Failure = "tls-not-yet-valid"       // NotBefore is to come
	FailNameMismatch     Failure = "tls-name"                // the certificate is for other names
	FailPin              Failure = "tls-pin"                 // not the key that the profile names
	FailIntercepted      Failure = "tls-not-public"          // trusted by this system, but by no public root, where the profile demands it
	FailExpiring         Failure = "tls-expiring"            // valid for less than the profile's expires_in
	FailCertificate      Failure = "tls-certificate"         // another defect of the chain

	FailStatus     Failure = "http-status"         // another status than expected
	FailHeader     Failure = "http-header"         // a header is not as expected
	FailBody       Failure = "http-body"           // the body is not as expected
	FailRedirect   Failure = "http-redirect"       // a redirect that leads nowhere, or further than allowed
	FailHTTP       Failure = "http-protocol"       // the answer is not HTTP
	FailHTTPFormat Failure = "http-malformed"      // the answer begins as HTTP and breaks its rules, or a bound: a header beyond 64 KiB
	FailUpgrade    Failure = "http-upgrade"        // the answer to a WebSocket's upgrade is not 101 with its key: a plain page
	FailNoAuth     Failure = "http-no-auth"        // an answer where a login was to be demanded: 200 to a request without one
	FailLogin      Failure = "http-login"          // 401 or 403 to a request with a login
	FailProxyAuth  Failure = "http-proxy-auth"     // 407; of SOCKS: no login that it takes, or one that it refuses
	FailBlockPage  Failure = "http-block-page"     // an answer that a filter gave in place of the server
	FailPortal     Failure = "http-captive-portal" // an answer that a portal gave in place of the server

	FailProxyDenied    Failure = "proxy-denied"        // a proxy's rules forbid the host or port: 403, SOCKS reply 2
	FailProxyError     Failure = "proxy-error"         // a proxy has no way to the host, and says so: 502, 503, other SOCKS replies
	FailSocks          Failure = "proxy-socks"         // what is set up as a SOCKS proxy answers something else
	FailFTPUnavailable Failure = "ftp-unavailable"     // 421, or no 220 for a greeting: an access list, too many connections
	FailFTPNoTLS       Failure = "ftp-no-tls"          // AUTH TLS is refused, and the profile wants it: vsftpd without ssl_enable
	FailFTPTLSRequired Failure = "ftp-tls-required"    // a login in clear is refused for that: 534, or 421, 530, 550 to USER where AUTH TLS is offered
	FailFTPLogin       Failure = "ftp-login"           // the login is refused: 530
	FailFTPPassword    Failure = "ftp-password"        // 331, and the profile gives no password
	FailFTPClearText   Failure = "ftp-clear-text"      // the password went over the network in clear
	FailFTPDirectory   Failure = "ftp-directory"       // the directory is refused: 550
	FailFTPPassive     Failure = "ftp-passive"         // EPSV and PASV give no port: 5xx, or a reply that can't be read
	FailFTPAddress     Failure = "ftp-passive-address" // 227 names another address than the server's
	FailFTPData        Failure = "ftp-data"            // the server says that the data connection failed: 425, 426
	FailFTPTLSReuse    Failure = "ftp-tls-reuse"       // it says so of one under TLS that does not go on with the first one's session: 522, 425

	FailStale   Failure = "stale"   // the newest file is older than the profile allows
	FailMissing Failure = "missing" // no file is where the profile expects one
	FailAccess  Failure = "access"  // this system lets the user not read there: a folder of mode 0

	FailSSH        Failure = "ssh-protocol"   // what answers is no SSH server
	FailSSHFormat  Failure = "ssh-malformed"  // it begins as SSH and breaks its rules, or a bound: a greeting of one endless line
	FailAlgorithms Failure = "ssh-algorithms" // no method in common, or SSH 1 alone: a server that offers only what is broken
	FailHostKey    Failure = "ssh-host-key"   // not one of the keys that the profile names
	FailSSHAuth    Failure = "ssh-auth"       // the login is refused: a key that the server does not know
	FailSFTP       Failure = "ssh-sftp"       // no SFTP after the login: refused, ended at once, or something else answers
	FailKeyFile    Failure = "key-file"       // the private key is not there, or can't be used
	FailForbidden  Failure = "forbidden"      // one that may not be read

	FailVantageRefused Failure = "vantage-refused" // the helper outside does not do what it was asked, and says why: a wrong token
	FailNotVantage     Failure = "vantage-other"   // what answers there is no helper of netcheck: an HTML page, another JSON

	FailNoReply     Failure = "no-reply"    // a datagram that nobody answered
	FailReply       Failure = "reply"       // an answer other than expected
	FailExpectation Failure = "expectation" // measured well, but not what the profile asks for
	FailOther       Failure = "other"       // nothing above: a gap in the classifier
)

// SaysAll tells whether a failure is said by its code, so that how system or
// library word the error adds nothing for a reader.
func (f Failure) SaysAll() bool {
	return slices.Contains([]Failure{
		FailTimeout, FailConnectTimeout, FailRefused, FailReset, FailEOF, FailHostUnreachable, FailNetUnreachable, FailProhibited,
		FailTTLExceeded, FailNoRoute, FailPermission, FailAddressInUse, FailMessageSize, FailCanceled, FailNoReply,
		FailNXDomain, FailNoData, FailNullAddress, FailServFail, FailDNSRefused, FailDNSTimeout, FailNoResolver,
	}, f)
}

// What a target says where there is no host to be named.
const (
	Here        = "this machine" // the beginning: it looks at the machine that it runs on
	Line        = "this line"    // in place of a host: whatever public address it has
	FromOutside = "from outside" // the end: it is called
)
