package diagnosis

import "netcheck/report/result"

// Diagnose fills in why what failed failed.
func Diagnose(r *result.Report, lang string) {}
