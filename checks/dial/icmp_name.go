//go:build linux || windows

package dial

import "strconv"

// icmpName names an ICMP error; one that is not known is named by its numbers.
func icmpName(v6 bool, kind, code int) string {
	if k, ok := icmpKinds[icmpKind{v6, kind, code}]; ok {
		return k.name
	}
	return "type-" + strconv.Itoa(kind) + "-code-" + strconv.Itoa(code)
}
