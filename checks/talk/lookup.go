package talk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"netcheck/report/result"
)

// LookupError is a name that the system's way did not turn into addresses.
type LookupError struct {
	Name string
	Code result.Failure
	Err  error
}

func (e *LookupError) Error() string           { return fmt.Sprintf("look up %s: %v", e.Name, e.Err) }
func (e *LookupError) Unwrap() error           { return e.Err }
func (e *LookupError) Failure() result.Failure { return e.Code }

// maxAddrs bounds what is kept of a lookup.
const maxAddrs = 256

// SystemLookup turns a name into addresses the way that the other programs of
// this machine do: hosts file, search suffixes and whatever else the system
// consults included. A last dot keeps the suffixes out. Its error is a
// *LookupError; systems rarely say why a name was not found. how names the
// way that was gone.
func SystemLookup(ctx context.Context, name string) (addrs []netip.Addr, how string, err error) {
	addrs, how, err = systemLookup(ctx, name)
	if err != nil {
		return nil, how, lookupError(ctx, name, err)
	}
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs), how, nil
}

func lookupError(ctx context.Context, name string, err error) *LookupError {
	e := &LookupError{name, result.FailResolve, err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Code, e.Err = result.FailCanceled, ctx.Err()
	case ctx.Err() != nil:
		e.Code, e.Err = result.FailDNSTimeout, ctx.Err()
	case isTimeout(err):
		e.Code = result.FailDNSTimeout
	}
	return e
}

// platformLookup asks the platform's own interface, or where Go can't, Go's
// reading of the system's configuration.
func platformLookup(ctx context.Context, name string) ([]netip.Addr, string, error) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, platformWay, err
	}
	for i, a := range addrs {
		addrs[i] = a.Unmap()
	}
	return addrs[:min(len(addrs), maxAddrs)], platformWay, nil
}
