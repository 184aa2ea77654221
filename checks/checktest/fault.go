package checktest

import "regexp"

// fault is a way in which whoever is asked misbehaves.
type fault struct {
	name  string
	build []string // the world: TCP and UDP on one port, which the first line chooses
}

// faults are what every kind must stand. Each but the first answers on UDP
// first, whose port is then free on TCP as well, or the next try finds one.
var faults = []fault{
	{"refused", []string{"refuse $port", "udp-closed $port"}},
	{"silent", []string{"silent $port", "udp-silent $port"}},
	{"reset", []string{"reset $port", "udp-closed $port"}},
	{"closes at once", []string{"close $port", "udp-reply $port hex:"}},
	{"garbage", []string{"garbage $port", "udp-reply $port hex:001b5d303b7469746c65071b5b324affff80c1"}},
	{"echo", []string{"echo $port", "udp-echo $port"}},
	{"dropped", []string{"drop $port", "udp-silent $port"}},
}

// The fields by which a kind is told whom to contact, as they are written in
// examples. The contract fixes their names.
var (
	hostField = regexp.MustCompile(`\b(hosts?|public_host|local_host)(: *)(\[[^\]]*\]|"[^"]*"|[^,}\s]+)`)
	portField = regexp.MustCompile(`\b(ports?|public_port|local_port)(: *)(\[[^\]]*\]|"[^"]*"|[^,}\s]+)`)
	resolver  = regexp.MustCompile(`\bresolver(: *)("[^"]*"|[^,}\s]+)`)
	urlHost   = regexp.MustCompile(`\b(https?|wss?)://[^/"\s,}\]]+`)
)

// aim rewrites an example so that it contacts the port on loopback and nobody
// else.
func aim(example, port string) string {
	s := hostField.ReplaceAllString(example, "${1}${2}127.0.0.1")
	s = portField.ReplaceAllString(s, "${1}${2}"+port)
	s = resolver.ReplaceAllString(s, `resolver${1}"127.0.0.1:`+port+`"`)
	return urlHost.ReplaceAllString(s, "${1}://127.0.0.1:"+port)
}
