package servers

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// dataPatience is how long a data connection is waited for.
const dataPatience = 5 * time.Second

// list sends the directory over a data connection, and tells whether the
// conversation goes on.
func (v *ftpVisit) list(facts bool) bool {
	if v.listener == nil {
		return v.say("LIST", "425 Use PORT or PASV first.")
	}
	defer v.closeData()
	if t, ok := v.listener.(*net.TCPListener); ok {
		_ = t.SetDeadline(time.Now().Add(dataPatience))
	}
	c, err := v.listener.Accept()
	if err != nil {
		return v.say("LIST", "425 Failed to establish connection.")
	}
	defer c.Close()
	if !v.say("BEGIN", "150 Here comes the directory listing.") {
		return false
	}
	_ = c.SetDeadline(time.Now().Add(time.Minute)) // whoever is at the other end
	out := c
	if v.sealed {
		t := tls.Server(c, v.server.config())
		if t.Handshake() != nil {
			return v.say("END", "426 Failure of the TLS handshake.")
		}
		if v.server.Reuse && !t.ConnectionState().DidResume {
			return v.say("END", "522 SSL connection failed: session reuse required")
		}
		defer t.Close()
		out = t
	}
	if err := v.send(out, facts); err != nil {
		return v.say("END", "426 Failure writing network stream.")
	}
	out.Close()
	return v.say("END", "226 Directory send OK.")
}

// send writes the listing, with what is wrong about it.
func (v *ftpVisit) send(to net.Conn, facts bool) error {
	text := v.text(facts)
	switch v.server.Data {
	case "silent":
		_, err := io.Copy(io.Discard, to) // until the client has enough of it
		return err
	case "drip":
		for i := range len(text) {
			time.Sleep(20 * time.Millisecond) // it is the fault itself
			if _, err := io.WriteString(to, text[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	case "endless":
		for {
			if _, err := io.WriteString(to, strings.Repeat(text, 100)); err != nil {
				return err
			}
		}
	case "long-line":
		_, err := io.WriteString(to, strings.Repeat("x", 10<<20)+"\r\n")
		return err
	}
	_, err := io.WriteString(to, text)
	return err
}

func (v *ftpVisit) text(facts bool) string {
	var b strings.Builder
	if !facts && v.server.Style != "dos" {
		fmt.Fprintf(&b, "total %d\r\n", len(v.server.kept()))
	}
	for _, f := range v.server.kept() {
		at := f.Time.UTC().Add(v.server.Zone)
		switch {
		case facts && f.Dir:
			fmt.Fprintf(&b, "type=dir;modify=%s; %s\r\n", f.Time.UTC().Format("20060102150405"), f.Name)
		case facts:
			fmt.Fprintf(&b, "type=file;size=7;modify=%s; %s\r\n", f.Time.UTC().Format("20060102150405"), f.Name)
		case v.server.Style == "dos" && f.Dir:
			fmt.Fprintf(&b, "%s       <DIR>          %s\r\n", at.Format("01-02-06  03:04PM"), f.Name)
		case v.server.Style == "dos":
			fmt.Fprintf(&b, "%s                    7 %s\r\n", at.Format("01-02-06  03:04PM"), f.Name)
		default:
			mode, day := "-rw-r--r--", at.Format("Jan _2 15:04")
			if f.Dir {
				mode = "drwxr-xr-x"
			}
			if time.Since(f.Time) > 180*24*time.Hour {
				day = at.Format("Jan _2  2006")
			}
			fmt.Fprintf(&b, "%s    1 1000     1000            7 %s %s\r\n", mode, day, f.Name)
		}
	}
	return b.String()
}
