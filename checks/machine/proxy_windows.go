package machine

import (
	"context"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	internetSettings = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`
	internetPolicy   = `Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings`
	machineEnviron   = `SYSTEM\CurrentControlSet\Control\Session Manager\Environment`
)

// systemProxies are WinHTTP's setting, which is the machine's and so what a
// service has, and then the Internet options, which are the account's.
func systemProxies(context.Context, []string) []ProxySetting {
	var all []ProxySetting
	if c, ok := connection(registry.LOCAL_MACHINE, "WinHttpSettings"); ok {
		all = append(all, c.setting("WinHTTP (netsh winhttp)", false))
	}
	hive, source, personal := registry.Key(registry.CURRENT_USER), "the setting of this account (Internet options)", !serviceAccount()
	if perMachine() {
		hive, source, personal = registry.LOCAL_MACHINE, "the setting of this machine (Internet options)", false
	}
	return append(all, internetOptions(hive, source, personal))
}

// internetOptions reads the single values, which are what Windows goes by, and
// of the binary one what they do not say: whether the network is asked for a
// script.
func internetOptions(hive registry.Key, source string, personal bool) ProxySetting {
	var s ProxySetting
	if c, ok := connection(hive, "DefaultConnectionSettings"); ok {
		c.flags &= flagDetect
		s = c.setting(source, personal)
	}
	s.Source, s.Personal, s.usual = source, personal, true
	k, err := registry.OpenKey(hive, internetSettings, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return s
	}
	defer k.Close()
	s.Script, _, _ = k.GetStringValue("AutoConfigURL")
	if on, _, err := k.GetIntegerValue("ProxyEnable"); err == nil && on != 0 {
		server, _, _ := k.GetStringValue("ProxyServer")
		override, _, _ := k.GetStringValue("ProxyOverride") // none: nothing is exempt
		s.windows(server, override)
	}
	return s
}

func connection(hive registry.Key, name string) (connectionSettings, bool) {
	k, err := registry.OpenKey(hive, internetSettings+`\Connections`, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return connectionSettings{}, false
	}
	defer k.Close()
	data, _, err := k.GetBinaryValue(name)
	if err != nil {
		return connectionSettings{}, false
	}
	return parseConnectionSettings(data)
}

// perMachine tells whether a policy makes the Internet options one for all
// accounts.
func perMachine() bool {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, internetPolicy, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return false
	}
	defer k.Close()
	each, _, err := k.GetIntegerValue("ProxySettingsPerUser")
	return err == nil && each == 0
}

// serviceAccount tells whether netcheck runs as services do, as when a tool for
// remote maintenance starts it: such an account's options are nobody's own.
func serviceAccount() bool {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return false
	}
	for _, kind := range []windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinLocalServiceSid, windows.WinNetworkServiceSid} {
		if u.User.Sid.IsWellKnown(kind) {
			return true
		}
	}
	return false
}

// commonEnviron are the environment variables that every account has.
func commonEnviron() (env []string) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, machineEnviron, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer k.Close()
	for _, name := range []string{"http_proxy", "https_proxy", "all_proxy"} {
		if v, _, err := k.GetStringValue(name); err == nil { // whatever the case of its name
			env = append(env, name+"="+v)
		}
	}
	return env
}
