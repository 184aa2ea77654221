package checktest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Verb is something that a world's script can say.
type Verb struct {
	Name string
	Doc  string
	Do   func(w *World, args []string) error
}

// Verbs lists them all: add a line here and the function in a file of its own
// subject.
func Verbs() []Verb {
	return slices.Concat(daemonVerbs(), []Verb{
		// tcp.go. A trailing on=ADDRESS moves a server from 127.0.0.1.
		{"serve", "PORT: accepts, reads and says nothing until its peer has closed", accept},
		{"greet", "PORT TEXT: says TEXT and a line's end first, then reads", greet},
		{"refuse", "PORT: nobody listens, and nobody else will take it", refuse},
		{"say", "PORT TEXT [more=MORE] [count=COUNT] [close]: hears something, says TEXT and COUNT times MORE, then reads on, or closes", say},
		{"drip", "PORT DURATION TEXT: says TEXT, a byte each DURATION, and again from its beginning", drip},
		{"silent", "PORT: accepts and never reads nor speaks", silent},
		{"reset", "PORT: accepts, and resets the connection at the first byte", reset},
		{"close", "PORT: accepts and closes at once", closeAtOnce},
		{"garbage", "PORT: answers whatever comes, and nothing too, by bytes without a meaning", garbage},
		{"echo", "PORT: says back what it hears", echo},
		{"drop", "PORT: never answers a connect (Linux)", drop},
		{"range", "PORT STATE*COUNT…: neighbouring ports from PORT on, in these states: open, refused", portRange},
		// udp.go
		{"udp-echo", "PORT: says back what it hears", udpEcho},
		{"udp-reply", "PORT TEXT: answers each datagram by TEXT (hex: for bytes)", udpReply},
		{"udp-deaf", "PORT COUNT TEXT: answers by TEXT from the datagram after the first COUNT on", udpDeaf},
		{"udp-silent", "PORT: reads and says nothing", udpSilent},
		{"udp-closed", "PORT: nobody listens, and nobody else will take it", udpClosed},
		// dns.go
		{"dns", "PORT: a DNS server on UDP and TCP", dnsVerb},
		{"record", "PORT RECORD: a resource record, such as \"shop.test. A 127.0.0.1\"", record},
		{"rcode", "PORT NAME RCODE: the name fails; * is every name", rcode},
		{"dns-mode", "PORT MODE…: lose=COUNT, truncate, tcp-dead, edns-dead, edns-formerr, wrong-id, wrong-name, only-a", dnsMode},
		{"etc", "FILE TEXT: a file of /etc, in a process with namespaces of its own (Linux)", etcVerb},
		{"resolver", "PORT: the run asks this server in place of the machine's resolvers", resolve},
		// tls.go, pki.go
		{"tls", "PORT VARIANT…: good, expired, …, tls1.0, client-cert, client-cert-known, unknown-ca, alpn=NAMES, pin=$NAME", tlsVerb},
		{"starttls", "PORT PROTOCOL [mood=none|declines|endless|injects|stalls|mute] VARIANT…: speaks a protocol in which TLS is asked for", startTLS},
		{"client-cert", "$FILE [unknown-ca] [locked|other-key] [VARIANT]: a file with a client's certificate and key", clientCert},
		{"tls-bytes", "PORT HEX: answers a ClientHello by these bytes", tlsBytes},
		{"hang-up", "PORT [reset]: reads what comes first, then closes or resets", hangUp},
		{"trust", "the run trusts the world's authority, as by --ca-file", trust},
		// http.go
		{"http", "PORT: a web server", httpVerb},
		{"https", "PORT VARIANT…: the same over TLS", httpsVerb},
		{"page", "PORT PATH STATUS [Header=Value]… [body=TEXT] [repeat=COUNT] [gzip] [wait=DURATION] [method=M] [needs=H=V] [login=U:P] [websocket[=MOOD]]: what it has", pageVerb},
		// ssh.go
		{"ssh", "PORT [host=$NAME] [host-rsa=$NAME] [user=USER] [password=TEXT] [asks] [key=FILE] [open] [files=LIST] [sham=TEXT] [mute] [version=TEXT] [notice=TEXT] [old] [both] [tries=N] [ends] [late=DURATION] [foreword=TEXT]: an SSH server; $NAME is its host key's fingerprint, ${NAME}line the key itself", sshVerb},
		{"key-file", "$NAME KIND [format=FORMAT] [passphrase=TEXT] [mode=MODE]: a private key in a file: ed25519, ecdsa, rsa-BITS; as openssh, pkcs1, pkcs8, pkcs8-locked, ppk, public, damaged, cut, chain, empty", keyFile},
		// ftp.go
		{"ftp", "PORT [user=NAME] [password=WORD] [directory=NAME] [tls=VARIANT,…] [implicit] [strict] [reuse] [forgets] [named=ADDRESS] [lacks=VERB,…] [style=dos] [zone=DURATION] [data=FAULT]: an FTP server", ftpVerb},
		{"ftp-says", "PORT PLACE TEXT: what it says to a command, or at GREETING, BEGIN or END; \"hang up\", \"silence\", \"endless\"", ftpSays},
		{"ftp-file", "PORT NAME AGE [dir]: a file that it has", ftpFile},
		{"folder", "$DIR NAME=AGE…: a folder of this machine with files, NAME/ with a folder", folderVerb},
		// vantage.go
		{"vantage", "PORT [token=WORD] [wants=WORD] [ports=PORT,…] [burst=COUNT] [VARIANT…]: the run's helper outside, which calls this machine; by TLS if a variant is given", vantageVerb},
		{"service", "PORT echoip|globalping [limited]: the run's helper outside is somebody else's service, which calls this machine", serviceVerb},
		{"outside", "URL: what the run takes for its helper outside", outsideVerb},
		{"vacant", "PORT: nobody listens, and whoever wants to may", vacant},
		{"stand-in", "PORT [udp]: a stand-in that is not the run's own", standInVerb},
		{"forward", "PORT TO: what comes to a port goes to another one, from a socket of its own, as by a router that rewrites whence calls come", forwardVerb},
		// settings.go
		{"proxy", "PORT [auth=SCHEME]… [user=NAME:PASSWORD] [deny=HOST[:PORT]]… [answer=STATUS] [only-tls] [hangs] [locks=COUNT]: an HTTP proxy", proxyVerb},
		{"socks", "PORT [user=NAME:PASSWORD] [deny=HOST[:PORT]]… [reply=NUMBER]: a SOCKS5 server", socksVerb},
		{"way", "URL [personal]: the proxy that this machine is set up with", setWay},
		{"unix", "the case is skipped where files have no mode bits", needsModes},
		{"needs-ipv6", "the case is skipped where this machine has no IPv6", needsIPv6},
		{"needs-nmap", "[root]: the case is skipped where there is no nmap, or it may not make packets of its own", needsNmap},
		{"own-address", "IP MAC: an address of this machine and its interface's; the case is skipped where there is none but loopback", ownAddress},
		{"timeout", "DURATION: of one exchange", setTimeout},
		{"retries", "COUNT", setRetries},
		{"ranges", "quick or full: as if by the flag", setRanges},
		{"set", "NAME VALUE: a parameter of the profile", setParam},
		{"person", "yes or no: what a person answers to the check's question", setAnswer},
	})
}

// fields splits a line at blanks. A part in double quotes may hold blanks:
// "a b", note="a b".
func fields(line string) ([]string, error) {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		end := strings.IndexAny(line, " \t\"")
		if end < 0 || line[end] != '"' {
			if end < 0 {
				end = len(line)
			}
			words, line = append(words, line[:end]), line[end:]
			continue
		}
		quoted, err := strconv.QuotedPrefix(line[end:])
		if err != nil {
			return nil, fmt.Errorf("a quote without an end: %s", line)
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		words, line = append(words, line[:end]+text), line[end+len(quoted):]
	}
	return words, nil
}

// on takes a trailing on=ADDRESS from the arguments, of which there must be
// want without it.
func on(args []string, want int) (rest []string, address string, err error) {
	if n := len(args); n > 0 {
		if a, ok := strings.CutPrefix(args[n-1], "on="); ok {
			args, address = args[:n-1], a
		}
	}
	if len(args) != want {
		return nil, "", fmt.Errorf("%d arguments, wanted %d", len(args), want)
	}
	return args, address, nil
}
