package talk

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/pion/stun/v3"
)

// FuzzWAN takes what a device of the line says through everything that reads it:
// as a datagram of each protocol, as a description and as an answer.
func FuzzWAN(f *testing.F) {
	id := stun.NewTransactionID()
	seen, err := stun.Build(stun.NewTransactionIDSetter(id), stun.BindingSuccess, &stun.XORMappedAddress{IP: []byte{93, 184, 216, 34}, Port: 7})
	if err != nil {
		f.Fatal(err)
	}
	ssdp := "HTTP/1.1 200 OK\r\nST: " + igd + "1\r\nLOCATION: "
	for _, s := range []string{
		"", "\x00\x80\x00\x00\x00\x00\x00\x09\x5d\xb8\xd8\x22", "\x00\x80\x00\x03", "\x00\x80\x00\x00\x00\x00\x00\x09\xff\xff\xff\xff", "\x02\x80\x00\x01" + strings.Repeat("\x00", 20),
		"\x02\x80\x00\x00" + strings.Repeat("\x00", 20), string(seen.Raw), ssdp + "http://192.168.1.1:5000/d.xml\r\n\r\n", ssdp + "http://192.168.1.1@10.0.0.1/\r\n\r\n",
		ssdp + "//192.168.1.1\r\n\r\n", ssdp + "http://192.168.1.1:0/\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\nLocation: http://192.168.1.1/\x1b[2J\r\n\r\n",
		`<?xml version="1.0" encoding="x"?><root><device><manufacturer>A</manufacturer><modelName>` + "\x1b[2J" + `</modelName><serviceList><service><serviceType>` + wanServices[0] + `</serviceType><controlURL>/c</controlURL></service></serviceList></device></root>`,
		strings.Repeat("<device><deviceList>", 200), `<Envelope><Body><GetExternalIPAddressResponse><NewExternalIPAddress>1.2.3.4</NewExternalIPAddress></GetExternalIPAddressResponse></Body></Envelope>`,
		`<Envelope><Body><Fault><detail><UPnPError><errorCode>714</errorCode><errorDescription>` + "\u202e" + `</errorDescription></UPnPError></detail></Fault></Body></Envelope>`,
	} {
		f.Add([]byte(s))
	}
	gateway := netip.MustParseAddr("192.168.1.1")
	f.Fuzz(func(t *testing.T, b []byte) {
		valid := func(a netip.Addr, ok bool, err error) {
			if a.IsValid() && (err != nil || !ok || !a.IsGlobalUnicast()) {
				t.Errorf("%s, %v, %v", a, ok, err)
			}
			if err != nil {
				harmless(t, err.Error())
			}
		}
		valid(parseNATPMP(b))
		valid(parseSTUN(b, id))
		ok, err := parsePCP(b)
		valid(netip.Addr{}, ok, err)
		if p := parseSSDP(b, gateway, gateway); p != nil {
			stays(t, p.url, gateway)
		}
		var about struct {
			Device wanDevice `xml:"device"`
		}
		if decodeXML(b, &about) == nil {
			harmless(t, about.Device.name())
			for _, s := range about.Device.services() {
				harmless(t, s.Type)
				if u := onDevice(&url.URL{Scheme: "http", Host: "192.168.1.1:5000", Path: "/d.xml"}, s.Control, gateway); u != nil {
					stays(t, u, gateway)
				}
			}
		}
		var said struct {
			Address string `xml:"Body>GetExternalIPAddressResponse>NewExternalIPAddress"`
		}
		_ = decodeXML(b, &said)
	})
}

// stays holds that a URL leads to the device and nowhere else.
func stays(t *testing.T, u *url.URL, device netip.Addr) {
	t.Helper()
	if at := hostPort(u); at.Addr() != device || at.Port() == 0 {
		t.Errorf("%s leads to %s", u, at)
	}
	harmless(t, u.String(), u.RequestURI(), u.Host)
}
