package diagnosis

import (
	"fmt"
	"strconv"
	"strings"

	"netcheck/report/result"
)

// The facts that rules rest on, by the keys under which probes record them.
const (
	factPeer           = "network.peer.address"
	factPeerPort       = "network.peer.port"
	factHost           = "server.address"
	factPort           = "server.port"
	factScanned        = "ports"
	factURL            = "url.full"
	factName           = "dns.question.name"
	factAnswers        = "dns.answers"
	factReference      = "dns.reference"
	factRandom         = "dns.random_name"
	factUnchecked      = "dns.checking_disabled"
	factExtended       = "dns.extended_errors"
	factHostsFile      = "dns.hosts_file"
	factSuffix         = "dns.search_suffix"
	factTransport      = "network.transport"
	factTrusted        = "tls.trusted"
	factProxy          = "proxy.address"
	factSchemes        = "proxy.authenticate"
	factPage           = "proxy.page"
	factLogin          = "proxy.login"
	factReason         = "http.response.reason"
	factWanted         = "tls.client.server_name"
	factNames          = "tls.server.names"
	factIssuer         = "tls.server.issuer"
	factSubject        = "tls.server.subject"
	factNotBefore      = "tls.server.not_before"
	factNotAfter       = "tls.server.not_after"
	factStatus         = "http.response.status_code"
	factLocation       = "http.response.header.location"
	factBlockPage      = "http.block_page"
	factReceived       = "tls.received_bytes"
	factRootsDate      = "tls.trust.public_roots"
	factPublic         = "tls.trust.public"
	factClockAhead     = "http.date_offset_s"
	factFirstTLS       = "tls.first_bytes"
	factFirstHTTP      = "http.first_bytes"
	factFirstFTP       = "ftp.first_bytes"
	factSSHFirst       = "ssh.first_bytes"
	factIdentification = "ssh.identification"
	factAfterLine      = "ssh.after_identification_ms"
	factConnectTook    = "ssh.connect_ms"
	factKeysSeen       = "ssh.host_key.seen"
	factPath           = "file.path"
	factMethods        = "ssh.auth.methods"
	factAccepted       = "ssh.auth.accepted"
	factMoreWanted     = "ssh.auth.wanted"
	factFingerprint    = "ssh.host_key.fingerprint"
	factProtocol       = "network.protocol.name"
	factVariant        = "variant"
	factAskedAgain     = "asked_again_after_ms"
	factUnspoken       = "http.login_unspoken"
	factNoFrames       = "websocket.doubt"
	factUpgrade        = "http.request.header.upgrade"
	factVia            = "http.response.header.via"
	factAlert          = "tls.alert"
	factMasked         = "starttls.masked"
)

// str is a fact as text, or "".
func str(s *result.Step, key string) string {
	switch v := s.Facts[key].(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []string:
		return strings.Join(v, ", ")
	case []any: // as read from JSON
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fmt.Sprint(v[i])
		}
		return strings.Join(parts, ", ")
	default:
		return fmt.Sprint(v)
	}
}

// quoted is a list of texts that somebody else wrote: those that are more than
// a word are told from our own by quotes.
func quoted(s *result.Step, key string) string {
	all := texts(s, key)
	for i, t := range all {
		if strings.ContainsAny(t, " ,;\"") {
			all[i] = `"` + strings.ReplaceAll(t, `"`, "'") + `"`
		}
	}
	return strings.Join(all, ", ")
}

// num is a fact as a number.
func num(s *result.Step, key string) (float64, bool) {
	switch v := s.Facts[key].(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	}
	return 0, false
}
