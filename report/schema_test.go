package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	invopop "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"netcheck/report"
	"netcheck/report/result"
)

var update = flag.Bool("update", false, "write what the tests generate into the repository")

// The schema is what the types of report/result say.
func TestSchemaIsGenerated(t *testing.T) {
	want := generate(t)
	const file = "result/schema.json"
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(report.Schema(), want) {
		t.Errorf("%s is not what the types say: run go test ./report -run Schema -update", file)
	}
}

// generate makes the schema. Unknown fields are allowed, and lists of known
// values are examples: a newer netcheck may write others.
func generate(t *testing.T) []byte {
	t.Helper()
	known := map[reflect.Type][]any{
		reflect.TypeFor[result.Verdict]():    values(result.Verdicts()),
		reflect.TypeFor[result.Code]():       values(result.Codes()),
		reflect.TypeFor[result.Level]():      values([]result.Level{result.Required, result.Recommended, result.Optional}),
		reflect.TypeFor[result.Confidence](): values([]result.Confidence{result.Certain, result.Strong, result.Likely, result.Hint}),
		reflect.TypeFor[result.State]():      values([]result.State{result.Open, result.Closed, result.Filtered, result.Rejected, result.Reset, result.Unknown}),
		reflect.TypeFor[result.Owner]():      values([]result.Owner{result.ThisMachine, result.Gateway, result.Site, result.Provider, result.Destination, result.UnknownOwner}),
		reflect.TypeFor[result.Reason](): values([]result.Reason{
			result.BecauseNeeds, result.BecauseTool, result.BecauseDeadline, result.BecauseInterrupted, result.BecauseSelection, result.BecauseDowngrade, result.BecauseTolerate, result.BecauseIllusion, result.BecauseFollowup, result.BecauseMachine, result.BecauseUnread, result.BecauseProxy, result.BecauseNoProxy,
		}),
	}
	r := invopop.Reflector{
		AllowAdditionalProperties: true,
		Mapper: func(typ reflect.Type) *invopop.Schema {
			if typ == reflect.TypeFor[result.Duration]() {
				return &invopop.Schema{Type: "number", Description: "milliseconds"}
			}
			if _, ok := known[typ]; ok {
				return &invopop.Schema{Ref: "#/$defs/" + typ.Name()}
			}
			return nil
		},
		LookupComment: func(typ reflect.Type, field string) string {
			if typ.Kind() != reflect.Struct {
				return ""
			}
			f, _ := typ.FieldByName(field)
			return f.Tag.Get("doc")
		},
	}
	s := r.Reflect(&result.Report{})
	s.ID, s.Title = "", "netcheck report"
	for typ, examples := range known {
		s.Definitions[typ.Name()] = &invopop.Schema{Type: "string", Description: "one of the examples, or what a newer netcheck knows", Examples: examples}
	}
	s.Definitions["Step"].Properties.Set("parent", &invopop.Schema{
		AnyOf:       []*invopop.Schema{{Type: "integer"}, {Type: "null"}},
		Description: "the step that this one is part of, by its index in the check's steps",
	})
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func values[T ~string](vs []T) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = string(v)
	}
	return out
}

func TestReportsKeepToTheSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range samples() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.JSON(&b, diagnosed(r), report.Options{}); err != nil {
				t.Fatal(err)
			}
			v, err := jsonschema.UnmarshalJSON(&b)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Error(err)
			}
		})
	}
	for name, bad := range map[string]string{
		"no checks":              `{"schema": 1}`,
		"text for a time":        strings.Replace(minimal(t), `"duration_ms": 3210`, `"duration_ms": "3 s"`, 1),
		"a verdict that is none": strings.Replace(minimal(t), `"verdict": "inconclusive"`, `"verdict": 1`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
			if err != nil {
				t.Fatal(err)
			}
			if schema.Validate(v) == nil {
				t.Error("accepted")
			}
		})
	}
	t.Run("what a newer netcheck may write", func(t *testing.T) {
		newer := strings.Replace(minimal(t), `"verdict": "inconclusive"`, `"verdict": "splendid", "weather": "fair"`, 1)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(newer))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Error(err)
		}
	})
}

func minimal(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, diagnosed(interrupted()), report.Options{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"duration_ms": 3210`) {
		t.Fatal(fmt.Sprint("not as expected: ", b.String()))
	}
	return b.String()
}
