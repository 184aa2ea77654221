package result

import (
	"cmp"
	"slices"
	"time"
)

// How a clock was compared.
const (
	ByVantage  = "vantage"
	ByHTTPDate = "http-date"
)

// ClockOf is how a machine's clock goes, by what the steps of its checks saw: the
// helper outside knows the time best; of servers the middle one counts, since one
// alone may be wrong itself. It is nil where nobody said what time it is.
func ClockOf(checks []Check) *Clock {
	type said struct {
		host  string
		ahead time.Duration
	}
	var vantages, servers []said
	for i := range checks {
		for j := range checks[i].Steps {
			f := checks[i].Steps[j].Facts
			host, _ := f["server.address"].(string)
			if ms, ok := number(f["vantage.clock_offset_ms"]); ok {
				helper, _ := f["vantage.url"].(string)
				vantages = append(vantages, said{cmp.Or(helper, host), time.Duration(ms * float64(time.Millisecond))})
			}
			if s, ok := number(f["http.date_offset_s"]); ok && host != "" {
				if !slices.ContainsFunc(servers, func(o said) bool { return o.host == host }) {
					servers = append(servers, said{host, time.Duration(s * float64(time.Second))})
				}
			}
		}
	}
	by, all := ByVantage, vantages
	if len(all) == 0 {
		by, all = ByHTTPDate, servers
	}
	if len(all) == 0 {
		return nil
	}
	const enough = 5 // a reader does not want more
	c := &Clock{By: by}
	for _, s := range all {
		if len(c.From) < enough && !slices.Contains(c.From, s.host) {
			c.From = append(c.From, s.host)
		}
	}
	slices.SortFunc(all, func(a, b said) int { return cmp.Compare(a.ahead, b.ahead) })
	c.Behind = Duration(all[len(all)/2].ahead)
	return c
}

// number reads a fact that is one, as a probe sets it or as a file has it.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case int:
		return float64(v), true
	}
	return 0, false
}
