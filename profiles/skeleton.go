package profiles

import _ "embed"

//go:embed skeleton.yml
var skeleton string

// Skeleton is a commented profile to start from. It is valid as it stands.
func Skeleton() string { return skeleton }
