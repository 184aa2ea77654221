//go:build unix && !linux

package dial

import "netcheck/report/result"

// tellErrors has nothing to ask: this system keeps no queue of ICMP errors.
func tellErrors(int) {}

func errorQueue(int) (icmp *result.ICMP, more bool) { return nil, false }
