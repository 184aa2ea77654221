package report

import _ "embed"

// Schema is the JSON Schema of a report, generated from report/result. Lists
// of known values are open: a newer netcheck may write others.
func Schema() []byte { return schema }

//go:embed result/schema.json
var schema []byte
