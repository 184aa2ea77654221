package servers

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
)

// IGD is what a gateway tells of its line by NAT-PMP, PCP and UPnP. It tells and
// never does anything; who wants it to is counted.
type IGD struct {
	Address  netip.Addr // towards the internet; none: it has none
	Maker    string
	Model    string
	Mappings map[string]netip.AddrPort // by what is led there, as in TCP 8080
	Off      bool                      // it is there, and refuses every question
	Says     string                    // by UPnP, in place of the address
	Control  string                    // where UPnP's questions are to go; none: to itself

	changes atomic.Int32
}

// Changes is how often somebody wanted it to do anything.
func (g *IGD) Changes() int { return int(g.changes.Load()) }

// Map answers NAT-PMP (RFC 6886) and PCP (RFC 6887), or one of them, until the
// socket is closed.
func (g *IGD) Map(c net.PacketConn, natpmp, pcp bool) {
	g.datagrams(c, func(b []byte, _ net.Addr) []byte {
		switch {
		case len(b) < 2:
			return nil
		case b[0] == 0 && natpmp:
			return g.natpmp(b)
		case b[0] == 2 && pcp && len(b) >= 24:
			return g.pcp(b)
		case b[0] == 0: // RFC 6887, 9: another version is answered by its own
			return append([]byte{2, 0x80 | b[1], 0, 1}, make([]byte, 20)...)
		}
		return []byte{0, 128, 0, 1, 0, 0, 0, 0}
	})
}

func (g *IGD) natpmp(b []byte) []byte {
	if b[1] != 0 {
		g.changes.Add(1)
		return []byte{0, 128 | b[1], 0, 2, 0, 0, 0, 9}
	}
	reply := []byte{0, 128, 0, 0, 0, 0, 0, 9}
	switch {
	case g.Off:
		reply[3] = 2
	case !g.Address.IsValid():
		reply[3] = 3
	}
	if reply[3] != 0 {
		return append(reply, 0, 0, 0, 0)
	}
	return append(reply, g.Address.AsSlice()...)
}

func (g *IGD) pcp(b []byte) []byte {
	reply := make([]byte, 24)
	reply[0], reply[1] = 2, 0x80|b[1]
	binary.BigEndian.PutUint32(reply[8:], 9)
	if b[1] != 0 {
		g.changes.Add(1)
		reply[3] = 2
	}
	if g.Off {
		reply[3] = 2
	}
	return reply
}

// Announce answers who looks for it by SSDP until the socket is closed. Its
// description is there.
func (g *IGD) Announce(c net.PacketConn, description string) {
	g.datagrams(c, func(b []byte, _ net.Addr) []byte {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil || r.Method != "M-SEARCH" {
			return nil
		}
		st := r.Header.Get("ST")
		if st == "ssdp:all" {
			st = "upnp:rootdevice"
		}
		return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: %s\r\nUSN: uuid:1::%[1]s\r\nEXT:\r\nSERVER: lab UPnP/1.1 lab/1\r\nLOCATION: %s\r\n\r\n", st, description)
	})
}

func (g *IGD) datagrams(c net.PacketConn, answer func(b []byte, from net.Addr) []byte) {
	buf := make([]byte, 2048)
	for {
		n, from, err := c.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // ICMP, for an earlier answer
		}
		if b := answer(buf[:n], from); b != nil {
			_, _ = c.WriteTo(b, from)
		}
	}
}

// ServeHTTP is its description, and what it is asked by UPnP.
func (g *IGD) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/description.xml":
		g.describe(w)
	case "/control":
		g.asked(w, r)
	default:
		http.NotFound(w, r)
	}
}

const connection = "urn:schemas-upnp-org:service:WANIPConnection:1"

func (g *IGD) describe(w http.ResponseWriter) {
	control := g.Control
	if control == "" {
		control = "/control"
	}
	part := func(kind, more string) string {
		return "<device><deviceType>urn:schemas-upnp-org:device:" + kind + ":1</deviceType>" + more + "</device>"
	}
	service := "<serviceList><service><serviceType>" + connection + "</serviceType><controlURL>" + escaped(control) + "</controlURL></service></serviceList>"
	inner := part("WANDevice", "<deviceList>"+part("WANConnectionDevice", service)+"</deviceList>")
	w.Header().Set("Content-Type", `text/xml; charset="utf-8"`)
	fmt.Fprintf(w, `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">%s</root>`,
		part("InternetGatewayDevice", "<manufacturer>"+escaped(g.Maker)+"</manufacturer><modelName>"+escaped(g.Model)+"</modelName><deviceList>"+inner+"</deviceList>"))
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func (g *IGD) asked(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Port  string `xml:"Body>GetSpecificPortMappingEntry>NewExternalPort"`
		Proto string `xml:"Body>GetSpecificPortMappingEntry>NewProtocol"`
	}
	if xml.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<14)).Decode(&q) != nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_, action, _ := strings.Cut(strings.Trim(r.Header.Get("SOAPAction"), `"`), "#")
	words := ""
	switch to, mapped := g.Mappings[q.Proto+" "+q.Port]; {
	case g.Off:
		fault(w, 606, "Action not authorized")
		return
	case action == "GetExternalIPAddress":
		says := g.Says
		if says == "" && g.Address.IsValid() {
			says = g.Address.String()
		}
		words = "<NewExternalIPAddress>" + escaped(says) + "</NewExternalIPAddress>"
	case action == "GetSpecificPortMappingEntry" && mapped:
		words = fmt.Sprintf("<NewInternalPort>%d</NewInternalPort><NewInternalClient>%s</NewInternalClient><NewEnabled>1</NewEnabled>", to.Port(), to.Addr())
	case action == "GetSpecificPortMappingEntry":
		fault(w, 714, "NoSuchEntryInArray")
		return
	default:
		g.changes.Add(1)
		fault(w, 401, "Invalid Action")
		return
	}
	envelope(w, fmt.Sprintf(`<u:%sResponse xmlns:u="%s">%s</u:%[1]sResponse>`, action, connection, words))
}

func fault(w http.ResponseWriter, code int, text string) {
	w.WriteHeader(http.StatusInternalServerError)
	envelope(w, fmt.Sprintf(`<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0">`+
		`<errorCode>%d</errorCode><errorDescription>%s</errorDescription></UPnPError></detail></s:Fault>`, code, text))
}

func envelope(w http.ResponseWriter, body string) {
	fmt.Fprintf(w, `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>`, body)
}
