package machine

import (
	"bufio"
	"bytes"
	"net"
	"strings"
)

// fromScutil reads what macOS' "scutil --proxy" prints:
//
//	<dictionary> {
//	  ExceptionsList : <array> {
//	    0 : *.local
//	    1 : 169.254/16
//	  }
//	  HTTPSEnable : 1
//	  HTTPSPort : 3128
//	  HTTPSProxy : proxy.example
//	}
//
// What is scoped to one interface stands deeper, and is passed over.
func fromScutil(out []byte) ProxySetting {
	s := ProxySetting{Source: "macOS' network setting"}
	values := map[string]string{}
	depth, list := 0, ""
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "}" {
			depth, list = depth-1, ""
			continue
		}
		key, v, _ := strings.Cut(line, " : ")
		switch {
		case strings.HasSuffix(line, "{"):
			if depth++; depth == 2 {
				list = key
			}
		case depth == 1:
			values[key] = v
		case depth == 2 && list == "ExceptionsList":
			s.Exempt = append(s.Exempt, withNetwork(v))
		}
	}
	proxy := func(name, scheme string) *Proxy {
		if values[name+"Enable"] != "1" || values[name+"Proxy"] == "" {
			return nil
		}
		host := values[name+"Proxy"]
		if port := values[name+"Port"]; port != "" {
			host = net.JoinHostPort(host, port)
		}
		u := proxyURL(scheme + "://" + host)
		if u == nil {
			s.unread = append(s.unread, s.Source)
			return nil
		}
		return &Proxy{URL: u, Source: s.Source}
	}
	s.HTTP, s.HTTPS, s.Any = proxy("HTTP", "http"), proxy("HTTPS", "http"), proxy("SOCKS", "socks5")
	if values["ExcludeSimpleHostnames"] == "1" {
		s.Exempt = append(s.Exempt, "<local>")
	}
	if len(s.Exempt) > 0 {
		s.ExemptSource = s.Source
	}
	if values["ProxyAutoConfigEnable"] == "1" {
		s.Script = values["ProxyAutoConfigURLString"]
	}
	s.Discover = values["ProxyAutoDiscoveryEnable"] == "1"
	return s
}
