//go:build !windows

package machine

import "context"

func serviceState(context.Context, []string) ServiceState { return nil }
