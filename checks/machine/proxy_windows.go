package machine

import "golang.org/x/sys/windows/registry"

// systemProxy is the proxy of the user's account, as the Internet options have
// it. A script that chooses one (AutoConfigURL) is not evaluated.
func systemProxy() []string {
	k, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Windows\CurrentVersion\Internet Settings`, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer k.Close()
	if on, _, err := k.GetIntegerValue("ProxyEnable"); err != nil || on == 0 {
		return nil
	}
	server, _, err := k.GetStringValue("ProxyServer")
	if err != nil {
		return nil
	}
	override, _, _ := k.GetStringValue("ProxyOverride") // none: nothing is exempt
	return fromWinINET(server, override)
}
