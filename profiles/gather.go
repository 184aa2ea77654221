package profiles

import "strings"

// EnvName is the environment variable that gives a parameter's value.
func EnvName(param string) string { return "NETCHECK_PARAM_" + strings.ToUpper(param) }
