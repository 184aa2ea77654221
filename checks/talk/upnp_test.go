package talk_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"netcheck/checks/talk"
	"netcheck/internal/servers"
)

// TestUPnPDialects: gateways' own ways of saying what the architecture has
// otherwise are understood.
func TestUPnPDialects(t *testing.T) {
	t.Parallel()
	const (
		head    = "HTTP/1.1 200 OK\r\n\r\n"
		service = "<serviceList><service><serviceType>urn:schemas-upnp-org:service:%s</serviceType><controlURL>%s</controlURL></service></serviceList>"
		answer  = head + "<Envelope><Body><GetExternalIPAddressResponse><NewExternalIPAddress> 93.184.216.34 </NewExternalIPAddress></GetExternalIPAddressResponse></Body></Envelope>"
	)
	device := func(kind, control string) string {
		return "<root><device>" + fmt.Sprintf(service, kind, control) + "</device></root>"
	}
	for name, c := range map[string]struct{ description, answer, ssdp string }{
		"a dialled line":     {head + device("WANPPPConnection:1", "/c"), answer, "\r\n\r\n"},
		"version 2":          {head + device("WANIPConnection:2", "/c"), answer, "\r\n\r\n"},
		"a relative URL":     {head + device("WANIPConnection:1", "c"), answer, "\r\n\r\n"},
		"no end":             {head + device("WANIPConnection:1", "/c"), answer, "\r\n"},
		"chunks":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(device("WANIPConnection:1", "/c")), device("WANIPConnection:1", "/c")), answer, "\r\n\r\n"},
		"an old HTTP":        {"HTTP/1.0 200 OK\r\n\r\n" + device("WANIPConnection:1", "/c"), answer, "\r\n\r\n"},
		"another alphabet":   {head + "<?xml version='1.0' encoding='ISO-8859-1'?><root><device><x>caf\xe9</x>" + fmt.Sprintf(service, "WANIPConnection:1", "/c") + "</device></root>", answer, "\r\n\r\n"},
		"a stray ampersand":  {head + "<root><device><friendlyName>Q&A</friendlyName>" + fmt.Sprintf(service, "WANIPConnection:1", "/c") + "</device></root>", answer, "\r\n\r\n"},
		"a mark of its code": {head + "\xef\xbb\xbf<?xml version='1.0'?>" + device("WANIPConnection:1", "/c"), answer, "\r\n\r\n"},
		"blanks":             {head + "\n" + device("WANIPConnection:1\n", " /c "), answer, "\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			at := b.raw(func(conn net.Conn) {
				q := make([]byte, 1<<12)
				n, _ := conn.Read(q)
				if strings.HasPrefix(string(q[:n]), "GET /d.xml ") {
					_, _ = io.WriteString(conn, c.description)
				} else if strings.HasPrefix(string(q[:n]), "POST /c ") {
					_, _ = io.WriteString(conn, c.answer)
				}
			})
			b.packets(1900, func(p net.PacketConn) {
				for buf := make([]byte, 2048); ; {
					_, from, err := p.ReadFrom(buf)
					if err != nil {
						return
					}
					_, _ = p.WriteTo([]byte("HTTP/1.1 200 OK\r\nLocation:http://"+at+"/d.xml\r\nST: upnp:rootdevice"+c.ssdp), from)
				}
			})
			if got := tell(talk.WAN(t.Context(), network(), talk.WANQuestion{Gateway: b.at})); got[2] != "upnp 93.184.216.34" {
				t.Errorf("got %q", got[2])
			}
		})
	}
}

// TestUPnPStaysThere holds that a device on the link can't make this machine
// fetch anything from another one, however it words it.
func TestUPnPStaysThere(t *testing.T) {
	t.Parallel()
	other := newBox(t)
	var hits atomic.Int32
	elsewhere := other.web(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	host := strings.TrimPrefix(elsewhere, "http://")
	_, port, _ := net.SplitHostPort(host)
	var wg sync.WaitGroup // most of the time is waiting
	for name, location := range map[string]string{
		"another host": elsewhere + "/x", "by user info": "http://127.53.0.1@" + host + "/x", "mapped": "http://[::ffff:" + strings.Replace(host, ":", "]:", 1) + "/x",
		"a name": "http://localhost:" + port + "/x", "another scheme": "gopher://" + host + "/x", "a file": "file:///etc/passwd", "none": "", "no URL": "http://[::1", "no port": "http://" + host + "0/x",
	} {
		b := newBox(t)
		b.packets(1900, func(c net.PacketConn) { new(servers.IGD).Announce(c, location) })
		wg.Go(func() {
			got := tell(talk.WAN(t.Context(), network(), talk.WANQuestion{Gateway: b.at}))
			if got[2] != "upnp no-reply" {
				t.Errorf("description at %s: got %q", name, got)
			}
		})
	}
	wg.Wait()
	for name, g := range map[string]*servers.IGD{
		"control": {Control: elsewhere + "/control"}, "control without a scheme": {Control: "//" + host + "/control"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.igd(g, "upnp")
			if got := tell(talk.WAN(t.Context(), network(), talk.WANQuestion{Gateway: b.at})); got[2] != "upnp reply" {
				t.Errorf("got %q", got)
			}
		})
	}
	t.Run("redirect", func(t *testing.T) {
		t.Parallel()
		b := newBox(t)
		at := b.web(http.RedirectHandler(elsewhere, http.StatusFound))
		b.packets(1900, func(c net.PacketConn) { new(servers.IGD).Announce(c, at+"/x") })
		if got := tell(talk.WAN(t.Context(), network(), talk.WANQuestion{Gateway: b.at})); got[2] != "upnp http-status" {
			t.Errorf("got %q", got)
		}
	})
	t.Cleanup(func() {
		if n := hits.Load(); n != 0 {
			t.Errorf("it was made to ask elsewhere %d times", n)
		}
	})
}

// TestUPnPBounds holds that a device's answers are read no further than an
// honest one goes.
func TestUPnPBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(c net.Conn)
		want   string
	}{
		"endless header": {func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for _, err := fmt.Fprint(c, "X: "); err == nil; _, err = c.Write(make([]byte, 1<<12)) {
			}
		}, "upnp http-protocol|upnp eof"},
		"endless body": {func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n<root>")
			for _, err := fmt.Fprint(c, "<a>"); err == nil; _, err = c.Write([]byte(strings.Repeat("<a>", 1<<10))) {
			}
		}, "upnp reply"},
		"not HTTP": {func(c net.Conn) { fmt.Fprint(c, "SSH-2.0-x\r\n") }, "upnp http-protocol"},
		"nothing":  {func(net.Conn) {}, "upnp eof|upnp reset"},
		"a page":   {func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n<html><body>Log in<br></body>") }, "upnp reply"},
		"silence":  {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "upnp timeout"},
		"entities": {func(c net.Conn) {
			fmt.Fprint(c, `HTTP/1.1 200 OK`+"\r\n\r\n"+`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><root><device><modelName>&a;&b;</modelName></device></root>`)
		}, "upnp reply &a;&b;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			at := b.raw(func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 1<<12))
				c.answer(conn)
			})
			b.packets(1900, func(p net.PacketConn) { new(servers.IGD).Announce(p, "http://"+at+"/") })
			start := time.Now()
			got := tell(talk.WAN(t.Context(), network(), talk.WANQuestion{Gateway: b.at}))
			if !strings.Contains("|"+c.want+"|", "|"+got[2]+"|") {
				t.Errorf("got %q, want %s", got[2], c.want)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
