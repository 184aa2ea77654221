package diagnosis

import "netcheck/report/result"

// outsideCommand is what to type on a machine outside, such as on a phone's
// hotspot, to test the way in from there; "" where the profile has no role for
// that.
func outsideCommand(*result.Report) string { return "" }
