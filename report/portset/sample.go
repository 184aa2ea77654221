package portset

import "netcheck/report/result"

// Sampled returns the ports that a check declares and those of them that were
// asked of an address, or of any with "", where these are fewer; else nil.
func Sampled(c *result.Check, addr string) (declared, asked Set) {
	counted := 0 // spares to read through all results of a whole range
	for i := range c.Steps {
		if s := &c.Steps[i]; s.Op == result.OpScan && (addr == "" || text(s, "network.peer.address") == addr) {
			declared = Join(declared, Parse(text(s, "ports")))
			counted = max(counted, number(s, "asked"))
		}
	}
	if declared == nil || counted >= declared.Count() {
		return nil, nil
	}
	var sets []Set
	for i := range c.Results {
		if res := &c.Results[i]; addr == "" || res.Address == addr {
			sets = append(sets, Parse(res.Ports))
		}
	}
	asked = Join(sets...)
	if asked.Count() == 0 || asked.Count() >= declared.Count() {
		return nil, nil
	}
	return declared, asked
}

func text(s *result.Step, fact string) string {
	v, _ := s.Facts[fact].(string)
	return v
}

func number(s *result.Step, fact string) int {
	switch n := s.Facts[fact].(type) {
	case int:
		return n
	case float64: // as read from JSON
		return int(n)
	}
	return 0
}
