package machine

import (
	"net"
	"testing"
	"time"
)

func TestInterfaceState(t *testing.T) {
	for want, flags := range map[string]net.Flags{
		"up": net.FlagUp | net.FlagRunning | net.FlagBroadcast, "no-carrier": net.FlagUp | net.FlagBroadcast, "down": net.FlagBroadcast,
	} {
		if got := stateOf(flags); got != want {
			t.Errorf("%v is %s, not %s", flags, got, want)
		}
	}
}

func TestInterfacesAreTold(t *testing.T) {
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	others := 0
	for _, l := range links {
		if l.Flags&net.FlagLoopback == 0 {
			others++
		}
	}
	told := interfaces()
	if len(told) != min(others, maxInterfaces) {
		t.Fatalf("%d of %d interfaces: %v", len(told), others, told)
	}
	for _, i := range told {
		if i.Name == "" || i.State == "" {
			t.Errorf("%+v", i)
		}
	}
}

func TestZone(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for want, z := range map[string]*time.Location{
		"UTC, UTC+00:00": time.UTC, "CET, UTC+01:00": time.FixedZone("CET", 3600), "UTC-03:30": time.FixedZone("-0330", -12600), "UTC+05:45": time.FixedZone("", 20700),
	} {
		if got := zone(at.In(z)); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
