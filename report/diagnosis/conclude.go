package diagnosis

import "netcheck/report/result"

func conclude(r *result.Report, vs map[string]*view, groups []*group) []*group { return groups }
