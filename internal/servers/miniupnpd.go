package servers

import (
	"fmt"
	"net/netip"
	"strings"
)

// miniupnpdWords are what miniupnpd may be told.
const miniupnpdWords = "[lan=DEVICE] [wan=DEVICE] [address=ADDRESS] [maker=TEXT] [model=TEXT] [no-natpmp] [no-upnp]"

// Miniupnpd is the program that speaks NAT-PMP, PCP and UPnP on most gateways: on
// this address of its network, for the line that has the other device. It makes
// no mapping for anybody.
func Miniupnpd(at netip.AddrPort, _ Signer, words ...string) (*Daemon, error) {
	d := &Daemon{
		Program: "miniupnpd", Args: []string{"-d", "-f", "{dir}/miniupnpd.conf", "-P", "{dir}/pid"}, AsRoot: true,
		User: shop, At: []netip.AddrPort{at},
	}
	lan, wan, more := at.Addr().String(), "wan", ""
	speaks := map[string]string{"enable_natpmp": "yes", "enable_upnp": "yes"}
	err := d.words(words, func(key, value string) (bool, error) {
		switch key {
		case "lan":
			lan = value
		case "wan":
			wan = value
		case "address":
			more += "ext_ip=" + value + "\n"
		case "maker":
			more += "manufacturer_name=" + strings.ReplaceAll(value, "_", " ") + "\n"
		case "model":
			more += "model_name=" + strings.ReplaceAll(value, "_", " ") + "\n"
		case "no-natpmp":
			speaks["enable_natpmp"] = "no"
		case "no-upnp":
			speaks["enable_upnp"] = "no"
		default:
			return false, nil
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if speaks["enable_natpmp"] == "yes" { // it accepts by TCP before it hears by UDP
		d.Says = "Listening for NAT-PMP/PCP traffic"
	}
	for key, value := range speaks {
		more += key + "=" + value + "\n"
	}
	d.Files = map[string]string{"miniupnpd.conf": fmt.Sprintf("ext_ifname=%s\nlistening_ip=%s\nport=%d\n%s", wan, lan, at.Port(), more) +
		"uuid=6f6c6b7e-0000-4000-8000-000000000001\nserial=1\nmodel_number=1\nsecure_mode=yes\nsystem_uptime=yes\ndeny 0-65535 0.0.0.0/0 0-65535\n"}
	return d, nil
}
