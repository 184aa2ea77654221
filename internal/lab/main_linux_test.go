package lab

import (
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"netcheck/checks/dial"
	"netcheck/checks/talk"
)

// TestMain lets this test binary be the prober of a world.
func TestMain(m *testing.M) {
	switch os.Args[0] {
	case "rights":
		os.Exit(rights())
	case "line":
		os.Exit(line())
	}
	os.Exit(m.Run())
}

// line tells what the gateway says of its line.
func line() int {
	q := talk.WANQuestion{Gateway: netip.MustParseAddr("192.168.1.1"), Proto: "tcp", Port: 8080}
	for _, a := range talk.WAN(context.Background(), dial.New(dial.Options{}), q) {
		if a.Err != nil {
			if a.None {
				os.Stdout.WriteString(a.Protocol + " none\n")
			}
			continue
		}
		words := []string{a.Protocol}
		if a.Address.IsValid() {
			words = append(words, a.Address.String())
		}
		if a.Device != "" {
			words = append(words, a.Device)
		}
		if a.Mapping.IsValid() {
			words = append(words, "> "+a.Mapping.String())
		}
		os.Stdout.WriteString(strings.Join(words, " ") + "\n")
	}
	return 0
}

// rights tells what this process may do.
func rights() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 1
	}
	for line := range strings.Lines(string(status)) {
		for _, of := range []string{"Uid:", "CapEff:", "CapPrm:", "CapAmb:", "NoNewPrivs:"} {
			if strings.HasPrefix(line, of) {
				os.Stdout.WriteString(strings.Join(strings.Fields(line)[:2], " ") + "\n")
			}
		}
	}
	if _, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP); err == nil {
		os.Stdout.WriteString("raw sockets\n")
	}
	if os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0) == nil {
		os.Stdout.WriteString("settings\n")
	}
	if b, err := os.ReadFile("/etc/hostname"); err == nil {
		os.Stdout.WriteString("the machine's own /etc: " + string(b))
	}
	return 0
}
