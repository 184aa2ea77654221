package talk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// wanServices are those that know the line's address (UPnP IGD 1 and 2).
var wanServices = []string{
	"urn:schemas-upnp-org:service:WANIPConnection:1", "urn:schemas-upnp-org:service:WANIPConnection:2", "urn:schemas-upnp-org:service:WANPPPConnection:1",
}

const (
	mostWeb      = 64 << 10 // of a description or an answer: the longest are a quarter of it
	mostServices = 4        // of a device that has several lines
)

// wanDevice is what a description says of a device.
type wanDevice struct {
	Maker    string       `xml:"manufacturer"`
	Model    string       `xml:"modelName"`
	Number   string       `xml:"modelNumber"`
	Services []wanService `xml:"serviceList>service"`
	Parts    []wanDevice  `xml:"deviceList>device"`
}

type wanService struct {
	Type    string `xml:"serviceType"`
	Control string `xml:"controlURL"`
}

// ask asks the device that keeps its description there.
func (p *place) ask(ctx context.Context, network *dial.Network, q WANQuestion) WANAnswer {
	a := WANAnswer{Protocol: UPnP, Gateway: p.device}
	var about struct {
		Device wanDevice `xml:"device"`
	}
	_, a.Err = fetchXML(ctx, network, p.url, nil, nil, &about)
	if a.Err != nil {
		return a
	}
	a.Device = about.Device.name()
	a.Err = noWAN("it describes no connection to the internet")
	services := about.Device.services()
	for _, s := range services[:min(len(services), mostServices)] {
		control := onDevice(p.url, s.Control, p.device)
		if control == nil {
			a.Err = noWAN("it is to be asked at another device")
			continue
		}
		if a.Address, a.Err = externalAddress(ctx, network, control, s.Type); a.Err == nil {
			a.Mapping = mapping(ctx, network, control, s.Type, q)
			return a
		}
	}
	return a
}

// name is how a technician finds the device.
func (d *wanDevice) name() string {
	words := []string{d.Maker, d.Model, d.Number}
	if strings.HasPrefix(strings.ToLower(d.Model), strings.ToLower(d.Maker)) {
		words = words[1:]
	}
	return Clean(strings.Join(words, " "), 80)
}

// services are those of the device and its parts that know the line.
func (d *wanDevice) services() []wanService {
	var all []wanService
	for _, s := range d.Services {
		if s.Type = strings.TrimSpace(s.Type); slices.Contains(wanServices, s.Type) {
			all = append(all, s)
		}
	}
	for i := range d.Parts {
		all = append(all, d.Parts[i].services()...)
	}
	return all
}

// externalAddress asks for the line's address.
func externalAddress(ctx context.Context, network *dial.Network, at *url.URL, service string) (netip.Addr, error) {
	var said struct {
		Address string `xml:"Body>GetExternalIPAddressResponse>NewExternalIPAddress"`
	}
	if err := soap(ctx, network, at, service, "GetExternalIPAddress", "", &said); err != nil {
		return netip.Addr{}, err
	}
	text := strings.TrimSpace(said.Address)
	if text == "" {
		return netip.Addr{}, &WANError{result.FailReply, errNone}
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}, noWAN("it says that its address is %q", Clean(text, 40))
	}
	return ofLine(addr)
}

// mapping is where the port is led, if the device says so. A mapping that a
// person made on its pages it need not tell.
func mapping(ctx context.Context, network *dial.Network, at *url.URL, service string, q WANQuestion) netip.AddrPort {
	if q.Port == 0 {
		return netip.AddrPort{}
	}
	var said struct {
		To      string `xml:"Body>GetSpecificPortMappingEntryResponse>NewInternalClient"`
		Port    uint16 `xml:"Body>GetSpecificPortMappingEntryResponse>NewInternalPort"`
		Enabled string `xml:"Body>GetSpecificPortMappingEntryResponse>NewEnabled"`
	}
	proto := "TCP"
	if q.Proto == "udp" {
		proto = "UDP"
	}
	words := fmt.Sprintf("<NewRemoteHost></NewRemoteHost><NewExternalPort>%d</NewExternalPort><NewProtocol>%s</NewProtocol>", q.Port, proto)
	if soap(ctx, network, at, service, "GetSpecificPortMappingEntry", words, &said) != nil {
		return netip.AddrPort{}
	}
	to, err := netip.ParseAddr(strings.TrimSpace(said.To))
	if err != nil || to.Zone() != "" || strings.TrimSpace(said.Enabled) == "0" {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(to.Unmap(), said.Port)
}

// soap asks a service (UPnP Device Architecture 1.1, 3.2.1).
func soap(ctx context.Context, network *dial.Network, at *url.URL, service, action, words string, said any) error {
	header := http.Header{"Content-Type": {`text/xml; charset="utf-8"`}, "SOAPAction": {fmt.Sprintf("%q", service+"#"+action)}}
	body := fmt.Sprintf(`<?xml version="1.0"?>`+"\r\n"+`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">`+
		`<s:Body><u:%s xmlns:u="%s">%s</u:%[1]s></s:Body></s:Envelope>`+"\r\n", action, service, words)
	raw, err := fetchXML(ctx, network, at, header, []byte(body), said)
	if err == nil || raw == nil {
		return err
	}
	var fault struct {
		Code int    `xml:"Body>Fault>detail>UPnPError>errorCode"`
		Text string `xml:"Body>Fault>detail>UPnPError>errorDescription"`
	}
	if decodeXML(raw, &fault) == nil && fault.Code != 0 {
		return noWAN("code %d: %s", fault.Code, Clean(fault.Text, mostWANError))
	}
	return err
}

// fetchXML gets a URL, or posts the body there, and reads what comes as XML. What
// came with another status than 200 is returned with the error. It follows
// nobody to anywhere else.
func fetchXML(ctx context.Context, network *dial.Network, at *url.URL, header http.Header, body []byte, into any) (raw []byte, err error) {
	conn, err := network.Connect(ctx, hostPort(at))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer bound(ctx, conn)()
	req := &http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Close: true}
	if body != nil {
		req.Method, req.Header, req.Body, req.ContentLength = http.MethodPost, header, io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	req.Header.Set("User-Agent", "netcheck UPnP/1.1")
	if err := req.Write(conn); err != nil {
		return nil, webError(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, mostWeb)), req)
	if err != nil {
		return nil, webError(err)
	}
	defer res.Body.Close()
	raw, err = io.ReadAll(io.LimitReader(res.Body, mostWeb))
	if err != nil {
		return nil, webError(err)
	}
	if res.StatusCode != http.StatusOK {
		return raw, &WANError{result.FailStatus, fmt.Errorf("status %d", res.StatusCode)}
	}
	if err := decodeXML(raw, into); err != nil {
		return nil, &WANError{result.FailReply, errors.New("what it sends is no XML")}
	}
	return raw, nil
}

// webError tells a connection's error from what is not HTTP.
func webError(err error) error {
	if f := failureOf(err); f != result.FailOther {
		return &WANError{f, err}
	}
	return &WANError{result.FailHTTP, errors.New("what it sends is no HTTP")}
}

// decodeXML reads what may say that it is in another alphabet, and may have an
// ampersand that is none of XML's, as gateways do: all that is of use in it is
// plain.
func decodeXML(raw []byte, into any) error {
	d := xml.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(raw, []byte("?"))))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return d.Decode(into)
}
