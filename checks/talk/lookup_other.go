//go:build !linux

package talk

import (
	"context"
	"net/netip"
)

const platformWay = "system"

func systemLookup(ctx context.Context, name string) ([]netip.Addr, string, error) {
	return platformLookup(ctx, name)
}
