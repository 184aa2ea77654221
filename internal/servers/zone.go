package servers

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Zone is what a DNS server knows and how it misbehaves. Names that it does
// not know do not exist, unless a zone beyond it knows them.
type Zone struct {
	mu      sync.Mutex
	beyond  *Zone // asked for what is not here
	records map[string][]dns.RR
	fates   map[string][]fate
	modes   map[string]string
	asked   int
}

// fate is what becomes of questions for a name.
type fate struct{ verb, arg string }

// NewZone makes an empty zone before another one, which may be nil.
func NewZone(beyond *Zone) *Zone {
	return &Zone{beyond: beyond, records: map[string][]dns.RR{}, fates: map[string][]fate{}, modes: map[string]string{}}
}

// Serve answers on both sockets until stop is called.
func (z *Zone) Serve(packets net.PacketConn, listener net.Listener) (stop func()) {
	const patience = 200 * time.Millisecond // nobody here waits between a connect and a question
	var wg sync.WaitGroup
	servers := []*dns.Server{
		{PacketConn: packets, Handler: z, UDPSize: 4096},
		{Listener: listener, Handler: z, ReadTimeout: patience, IdleTimeout: func() time.Duration { return patience }},
	}
	for _, s := range servers {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		wg.Go(func() { _ = s.ActivateAndServe() })
		<-started
	}
	return func() {
		for _, s := range servers {
			_ = s.Shutdown()
		}
		wg.Wait()
	}
}

// Add adds a record, such as "shop.test. A 127.0.0.1"; a name may be "*.test."
func (z *Zone) Add(record string) error {
	rr, err := dns.NewRR(record)
	if err != nil {
		return err
	}
	name := strings.ToLower(rr.Header().Name)
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records[name] = append(z.records[name], rr)
	return nil
}

// Fate says what becomes of questions for a name, of all names where it is *:
// an RCODE, drop, bogus (DNSSEC: SERVFAIL unless checking is disabled),
// ede=CODE beside another fate, delay=DURATION, or answer=ADDRESS. With a type
// before it, as in AAAA:drop, it is that of questions of this type alone.
func (z *Zone) Fate(name string, words ...string) error {
	var fates []fate
	for _, w := range words {
		kind, rest, _ := strings.Cut(w, ":")
		if _, isType := dns.StringToType[kind]; !isType {
			kind, rest = "", w
		}
		verb, arg, _ := strings.Cut(rest, "=")
		var err error
		switch _, isCode := dns.StringToRcode[verb]; {
		case isCode, verb == "drop", verb == "bogus":
		case verb == "ede":
			_, err = strconv.ParseUint(arg, 10, 16)
		case verb == "delay":
			_, err = time.ParseDuration(arg)
		case verb == "answer":
			_, err = netip.ParseAddr(arg)
		default:
			err = fmt.Errorf("no such rcode: %s", verb)
		}
		if err != nil {
			return err
		}
		if kind != "" {
			verb = kind + ":" + verb
		}
		fates = append(fates, fate{verb, arg})
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	name = strings.ToLower(dns.Fqdn(name))
	z.fates[name] = append(z.fates[name], fates...)
	return nil
}

// Mode makes the server misbehave, whatever the name: NAME or NAME=VALUE.
func (z *Zone) Mode(mode string) error {
	name, value, _ := strings.Cut(mode, "=")
	var err error
	switch name {
	case "lose": // the first COUNT datagrams
		_, err = strconv.Atoi(value)
	case "truncate": // by UDP, so that TCP must be asked
	case "udp-dead", "tcp-dead": // datagrams are dropped; TCP connections are closed unanswered
	case "edns-dead": // datagrams with EDNS are dropped
	case "edns-formerr": // and this server says so
	case "wrong-id", "wrong-name": // a forged answer goes before the genuine one
	case "only-a": // AAAA is not answered
	case "rewrite": // what does not exist gets this ADDRESS
		_, err = netip.ParseAddr(value)
	case "rebind": // private addresses are taken out of answers
	case "slow": // every answer takes so long
		_, err = time.ParseDuration(value)
	default:
		err = fmt.Errorf("no such mode: %s", name)
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.modes[name] = value
	return err
}

func (z *Zone) has(mode string) bool {
	_, ok := z.modes[mode]
	return ok
}

// number is a mode's value.
func (z *Zone) number(mode string) int {
	n, _ := strconv.Atoi(z.modes[mode])
	return n
}

// ServeDNS answers.
func (z *Zone) ServeDNS(out dns.ResponseWriter, q *dns.Msg) {
	if len(q.Question) != 1 {
		return
	}
	_, overTCP := out.RemoteAddr().(*net.TCPAddr)
	z.mu.Lock()
	if !overTCP {
		z.asked++
	}
	lost := !overTCP && z.asked <= z.number("lose")
	modes := map[string]bool{}
	for m := range z.modes {
		modes[m] = true
	}
	slow, _ := time.ParseDuration(z.modes["slow"])
	z.mu.Unlock()
	switch {
	case overTCP && modes["tcp-dead"]:
		out.Close()
		return
	case lost, !overTCP && modes["udp-dead"], q.IsEdns0() != nil && modes["edns-dead"]:
		return
	case q.Question[0].Qtype == dns.TypeAAAA && modes["only-a"]:
		return
	}
	a, delay := z.answer(q)
	if a == nil {
		return
	}
	time.Sleep(slow + delay)
	switch {
	case q.IsEdns0() != nil && modes["edns-formerr"]:
		a = new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
	case !overTCP && modes["truncate"]:
		a.Truncated, a.Answer = true, nil
	}
	if modes["wrong-id"] {
		forged := a.Copy()
		forged.Id++
		_ = out.WriteMsg(forged)
	}
	if modes["wrong-name"] {
		forged := a.Copy()
		forged.Question[0].Name = "elsewhere.test."
		_ = out.WriteMsg(forged)
	}
	_ = out.WriteMsg(a)
}
