//go:build !windows

package machine

func hostsFile() string { return "/etc/hosts" }
