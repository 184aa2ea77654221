package portset

import "netcheck/report/result"

// Sampled returns the ports that a check declares and those of them that were
// asked of an address, or of any with "", where these are fewer; else nil.
func Sampled(c *result.Check, addr string) (declared, asked Set) {
	for i := range c.Steps {
		if s := &c.Steps[i]; s.Op == result.OpScan && (addr == "" || text(s, "network.peer.address") == addr) {
			declared = Join(declared, Parse(text(s, "ports")))
		}
	}
	if declared == nil {
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
