package report

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"netcheck/report/result"
)

// report replaces what is the site's wherever it stands.
func (x *redaction) report(r *result.Report) {
	r.Params = x.params(r.Params, r.ParamTypes)
	x.command(&r.Profile.Ref, r.Profile.Args, r.Profile.ID)
	for i := range r.Machines {
		if run := r.Machines[i].Run; run != nil {
			run.Params = x.params(run.Params, r.ParamTypes)
			x.command(&run.Ref, run.Args, r.Profile.ID)
		}
	}
	x.walk(reflect.ValueOf(r).Elem())
}

// params are the values of parameters, of which those that are learnt are
// replaced whole, however short.
func (x *redaction) params(params map[string]any, types map[string]string) map[string]any {
	if params == nil {
		return nil
	}
	out := make(map[string]any, len(params))
	for name, v := range params {
		if kind := types[name]; types == nil || slices.Contains(siteTypes, kind) || kind == "cidr-list" {
			v = x.any(v)
		}
		out[name] = v
	}
	return out
}

// command replaces what was typed: the profile's file, the site file, values. The
// file's ending stays.
func (x *redaction) command(ref *string, args []string, id string) {
	if *ref != id && *ref != "" && *ref != "-" {
		*ref = x.file(*ref)
	}
	for i := 1; i < len(args); i++ {
		name, v, isSet := strings.Cut(args[i], "=")
		switch {
		case args[i-1] == "--site":
			args[i] = x.file(args[i])
		case args[i-1] == "--set" && isSet:
			args[i] = name + "=" + x.text(v)
		}
	}
}

// kept are the fields that say nothing of a site: words of netcheck's, and ids of
// the profile's, as long as they hold no more than that.
var kept = map[reflect.Type][]string{
	reflect.TypeFor[result.Report]():   {"Lang", "Tool", "Params", "ParamTypes", "Redacted", "Lost", "Summary"},
	reflect.TypeFor[result.Profile]():  {"ID", "Ref", "Args", "Revision", "SHA256", "Vendor", "Role"},
	reflect.TypeFor[result.Role]():     {"ID"},
	reflect.TypeFor[result.Feature]():  {"ID"},
	reflect.TypeFor[result.Machine]():  {"ID", "Role", "OS"},
	reflect.TypeFor[result.Run]():      {"Tool", "Ref", "Args", "Params", "Lost"},
	reflect.TypeFor[result.Check]():    {"Group", "Machine", "Kind", "Features", "Findings"},
	reflect.TypeFor[result.Spec]():     {"From", "To", "Needs", "Proxy", "Tolerate", "Act"},
	reflect.TypeFor[result.Firewall](): {"AsOf"},
	reflect.TypeFor[result.Result]():   {"Proto", "Ports"},
	reflect.TypeFor[result.Evidence](): {"Errno"},
	reflect.TypeFor[result.ICMP]():     {"Name"},
	reflect.TypeFor[result.Finding]():  {"ID", "Rule", "Act", "Machines"},
	reflect.TypeFor[result.Request]():  {"Action", "Proto", "App", "Ports"},
	reflect.TypeFor[result.Followup](): {"Name", "Machine"},
	reflect.TypeFor[result.Subject]():  {"Proto"},
}

// ids are the fields that name checks: of those only the item's part is given.
var ids = map[reflect.Type][]string{
	reflect.TypeFor[result.Check]():    {"ID"},
	reflect.TypeFor[result.Finding]():  {"Checks"},
	reflect.TypeFor[result.Followup](): {"Checks"},
}

func (x *redaction) walk(v reflect.Value) {
	t := v.Type()
	switch v.Kind() {
	case reflect.String:
		if t == reflect.TypeFor[string]() || !x.isWord(v) { // a word of the vocabulary stays
			v.SetString(x.text(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			x.walk(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			x.walk(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := t.Field(i).Name
			switch {
			case !t.Field(i).IsExported() || slices.Contains(kept[t], name) && x.isWord(v.Field(i)):
			case slices.Contains(ids[t], name), name == "Detail" && needing(v):
				x.id(v.Field(i))
			default:
				x.walk(v.Field(i))
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			e := reflect.New(t.Elem()).Elem()
			e.Set(v.MapIndex(k))
			if e.Kind() == reflect.Interface {
				if to := x.fact(k.String(), e.Interface()); to != nil {
					e.Set(reflect.ValueOf(to))
				}
			} else {
				x.walk(e)
			}
			v.SetMapIndex(k, e)
		}
	}
}

// isWord tells whether what is kept is such a word, or no text at all.
func (x *redaction) isWord(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return word.MatchString(v.String()) && !isAddress(v.String())
	case reflect.Slice:
		for i := range v.Len() {
			if !x.isWord(v.Index(i)) {
				return false
			}
		}
	}
	return true
}

var word = regexp.MustCompile(`^[\w.,/-]*$`)

// needing tells a check whose detail is the id of one that it needs.
func needing(v reflect.Value) bool {
	c, ok := v.Addr().Interface().(*result.Check)
	return ok && c.Reason == result.BecauseNeeds
}

// id replaces the item in a check's id.
func (x *redaction) id(v reflect.Value) {
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			x.id(v.Index(i))
		}
		return
	}
	group, item, ok := strings.Cut(v.String(), "[")
	switch {
	case !word.MatchString(group) || isAddress(group):
		v.SetString(x.text(v.String()))
	case ok:
		v.SetString(group + "[" + x.text(strings.TrimSuffix(item, "]")) + "]")
	}
}

// fileFacts are facts that name files: what one is called is nobody's business.
var fileFacts = []string{"file.name", "file.seen"}

func (x *redaction) fact(key string, v any) any {
	if slices.Contains(fileFacts, key) {
		switch v := v.(type) {
		case string:
			return x.file(v)
		case []string, []any:
			var all []any
			for _, s := range stringsIn(v) {
				all = append(all, x.file(s))
			}
			return all
		}
	}
	return x.any(v)
}

// any is a value of which every text is replaced.
func (x *redaction) any(v any) any {
	switch v := v.(type) {
	case string:
		return x.text(v)
	case []string:
		out := make([]string, len(v))
		for i := range v {
			out[i] = x.text(v[i])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = x.any(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = x.any(e)
		}
		return out
	}
	return v
}
