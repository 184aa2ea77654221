package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"

	"netcheck/internal/servers"
)

// TestScript runs the command line as a user sees it. Beside testscript's own
// commands a script has:
//
//	status N COMMAND...   runs the command, which must end with that status
//	serve NAME            opens a TCP port that accepts; $NAME is its number
//	refuse NAME           finds a TCP port where nobody listens
//	silent NAME           opens a UDP port that never answers
//	await NAME            waits until the silent port was asked
//	opened PORT           waits until a TCP port of 127.0.0.1 accepts
//	resolver NAME HOST... opens a DNS server that knows these hosts as 127.0.0.1
//	                      and no other; $NAME is its address and port
//	proxy NAME [USER:PASSWORD]
//	                      opens a proxy, to which every host is 127.0.0.1; $NAME
//	                      is its address and port
//	same FILE1 FILE2      compares but for times and free ports
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               cleanEnvironment,
		Cmds:                commands(),
	})
}

// cleanEnvironment keeps what the tests were started with out of the scripts.
func cleanEnvironment(e *testscript.Env) error {
	e.Setenv("LANG", "C.UTF-8")
	for _, name := range []string{"CI", "NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_MESSAGES"} {
		e.Setenv(name, "")
	}
	return nil
}

type command = func(ts *testscript.TestScript, neg bool, args []string)

func commands() map[string]command {
	var asked sync.Map // script and name of a silent port: a channel that is closed when it is asked
	return map[string]command{
		"status": func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) < 2 {
				ts.Fatalf("usage: status N COMMAND...")
			}
			want, err := strconv.Atoi(args[0])
			ts.Check(err)
			got := 0
			if err := ts.Exec(args[1], args[2:]...); err != nil {
				exit, ok := errors.AsType[*exec.ExitError](err)
				if !ok {
					ts.Fatalf("%v", err)
				}
				got = exit.ExitCode()
			}
			if got != want {
				ts.Fatalf("exit status %d, not %d", got, want)
			}
		},
		"serve": func(ts *testscript.TestScript, _ bool, args []string) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			ts.Check(err)
			ts.Defer(func() { l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					c.Close()
				}
			}()
			ts.Setenv(args[0], portText(l.Addr()))
		},
		"refuse": func(ts *testscript.TestScript, _ bool, args []string) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			ts.Check(err)
			ts.Setenv(args[0], portText(l.Addr()))
			ts.Check(l.Close())
		},
		"silent": func(ts *testscript.TestScript, _ bool, args []string) {
			c, err := net.ListenPacket("udp", "127.0.0.1:0")
			ts.Check(err)
			ts.Defer(func() { c.Close() })
			ts.Setenv(args[0], portText(c.LocalAddr()))
			heard := make(chan struct{})
			asked.Store(ts.Name()+args[0], heard)
			go func() {
				if _, _, err := c.ReadFrom(make([]byte, 1)); err == nil {
					close(heard)
				}
			}()
		},
		"await": func(ts *testscript.TestScript, _ bool, args []string) {
			heard, ok := asked.Load(ts.Name() + args[0])
			if !ok {
				ts.Fatalf("no silent port %s", args[0])
			}
			<-heard.(chan struct{})
		},
		"opened": func(ts *testscript.TestScript, _ bool, args []string) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			for {
				c, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+args[0])
				if err == nil {
					ts.Check(c.Close())
					return
				}
				if ctx.Err() != nil {
					ts.Fatalf("nobody opened port %s: %v", args[0], err)
				}
				runtime.Gosched()
			}
		},
		"same": func(ts *testscript.TestScript, _ bool, args []string) {
			if a, b := ts.ReadFile(args[0]), ts.ReadFile(args[1]); steady(a) != steady(b) {
				ts.Fatalf("%s:\n%s\n%s:\n%s", args[0], a, args[1], b)
			}
		},
		"proxy": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Setenv(args[0], proxyServer(ts, args[1:]))
		},
		"resolver": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Setenv(args[0], nameServer(ts, args[1:]))
		},
	}
}

func portText(a net.Addr) string {
	_, port, _ := net.SplitHostPort(a.String())
	return port
}

// proxyServer leads to this machine, whatever host it is asked for that may
// exist.
func proxyServer(ts *testscript.TestScript, login []string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	p := &servers.Proxy{Dial: func(ctx context.Context, hostport string) (net.Conn, error) {
		host, port, _ := net.SplitHostPort(hostport)
		if strings.HasSuffix(host, ".invalid") { // RFC 2606
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	}}
	if len(login) > 0 {
		p.Auth, p.User = []string{"Basic"}, login[0]
	}
	ts.Defer(servers.Connections(l, p.Serve))
	return l.Addr().String()
}

// nameServer knows the hosts, and that nothing else exists.
func nameServer(ts *testscript.TestScript, hosts []string) string {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	ts.Check(err)
	known := map[string]bool{}
	for _, h := range hosts {
		known[dns.Fqdn(h)] = true
	}
	server := &dns.Server{PacketConn: c, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		switch question := q.Question[0]; {
		case !known[question.Name]:
			m.Rcode = dns.RcodeNameError
		case question.Qtype == dns.TypeA:
			a, err := dns.NewRR(fmt.Sprintf("%s 60 IN A 127.0.0.1", question.Name))
			if err == nil {
				m.Answer = []dns.RR{a}
			}
		}
		_ = w.WriteMsg(m)
	})}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.ActivateAndServe() })
	ts.Defer(func() {
		c.Close()
		serving.Wait()
	})
	return c.LocalAddr().String()
}
