package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"netcheck/report/result"
)

// salvage reads what can be read of a report that is cut short, or not built as
// this netcheck builds them. The rules:
//
//   - a check is taken with all its evidence or with none: half of what was seen
//     could be taken for a cause that it is not;
//   - a follow-up that is not whole is left out, for the same reason;
//   - elsewhere a member that can't be read is left out by itself;
//   - whatever is left out is noted in the report, which then never passes.
type salvage struct {
	data []byte
	d    *json.Decoder
	r    *result.Report
	lost result.Lost
	said map[string]json.RawMessage // the report's members that are not lists of ours
}

// salvaged gives what can be read of a report that can't be read as it is, for
// the reason given, if there is one beside its format.
func salvaged(data []byte, why error) (*result.Report, error) {
	s := &salvage{data: data, r: &result.Report{}, said: map[string]json.RawMessage{}}
	s.d = json.NewDecoder(bytes.NewReader(data))
	broken := members(s.d, s.member)
	end := s.d.InputOffset()
	if broken == nil && len(bytes.TrimSpace(data[end:])) > 0 {
		return nil, fmt.Errorf("the file goes on behind the report's end (at byte %d): keep one report in a file", end)
	}
	schema := 0
	into(s.said["schema"], &schema)
	switch {
	case schema == 0 && (why == nil || broken == nil && s.said["schema"] == nil):
		return nil, errors.New(`this is not a netcheck report: it has no "schema"`)
	case schema != 0 && schema != result.Schema && (len(s.r.Checks) == 0 || schema < result.Schema):
		e := &SchemaError{Schema: schema, Verdict: result.Verdict(Clean(string(s.r.Verdict)))}
		if s.r.Tool.Name != "" {
			e.Tool = Clean(s.r.Tool.Name + " " + s.r.Tool.Version)
		}
		return nil, e
	case schema == 0 || len(s.r.Checks) == 0:
		return nil, readError(why)
	case schema > result.Schema:
		s.lost.Schema = schema
	}
	if broken != nil {
		s.lost.Cut = max(end, 1)
		if e, ok := errors.AsType[*json.SyntaxError](why); ok {
			s.lost.Cut = max(e.Offset, 1)
		}
	}
	s.finish()
	return s.r, nil
}

// finish notes in the report what is missing.
func (s *salvage) finish() {
	r := s.r
	r.Schema, r.Findings, r.Summary = result.Schema, []result.Finding{}, nil
	counted := map[string]int{}
	into(s.said["summary"], &counted)
	for _, n := range counted {
		s.lost.Checks += min(max(0, n), MaxSize)
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Machine == "" && len(r.Machines) == 1 {
			c.Machine = r.Machines[0].ID
		}
		if s.lost.Cut > 0 {
			// What a verdict was changed for may be lost: it must not be taken
			// back for want of that.
			c.Observed = ""
		}
	}
	if s.lost.Cut > 0 {
		r.Complete = false
	}
	r.Lost = &s.lost
}

// member takes one member of the report.
func (s *salvage) member(name string) error {
	isList := s.next() == '['
	switch {
	case name == "checks" && isList:
		s.r.Checks = nil
		return s.elements(s.check)
	case name == "followups" && isList:
		s.r.Followups = nil
		return s.elements(s.followup)
	}
	var raw json.RawMessage
	if err := s.d.Decode(&raw); err != nil {
		return err
	}
	switch to, ok := field(reflect.ValueOf(s.r).Elem(), name); {
	case name == "findings": // they are made again
	case name == "checks", name == "followups":
		s.unread(name)
	case ok:
		s.said[name] = raw
		s.take(raw, to, name)
	}
	return nil
}

// next is the first byte of the value behind a member's name.
func (s *salvage) next() byte {
	rest := bytes.TrimLeft(s.data[s.d.InputOffset():], " \t\r\n:,")
	if len(rest) == 0 {
		return 0
	}
	return rest[0]
}

// elements takes each element of a list by itself; the one in which the file
// breaks off is not whole.
func (s *salvage) elements(take func(i int, raw []byte, whole bool)) error {
	if _, err := s.d.Token(); err != nil {
		return err
	}
	for i := 0; s.d.More(); i++ {
		from := s.d.InputOffset()
		var raw json.RawMessage
		if err := s.d.Decode(&raw); err != nil {
			take(i, bytes.TrimLeft(s.data[from:], " \t\r\n,"), false)
			return err
		}
		take(i, raw, true)
	}
	_, err := s.d.Token()
	return err
}

func (s *salvage) followup(i int, raw []byte, whole bool) {
	var f result.Followup
	if whole && into(raw, &f) {
		s.r.Followups = append(s.r.Followups, f)
		return
	}
	s.unread(fmt.Sprintf("followups[%d]", i))
}

// check takes a check, and of one that can't be read what it is and how it ended.
func (s *salvage) check(i int, raw []byte, whole bool) {
	var c result.Check
	if whole && into(raw, &c) {
		s.r.Checks = append(s.r.Checks, c)
		return
	}
	s.unread(fmt.Sprintf("checks[%d]", i))
	c = result.Check{}
	d := json.NewDecoder(bytes.NewReader(raw))
	_ = members(d, func(name string) error { // up to where it breaks off
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if to, ok := field(reflect.ValueOf(&c).Elem(), name); ok && !into(raw, to.Addr().Interface()) {
			to.SetZero()
		}
		return nil
	})
	if c.ID == "" {
		return
	}
	c.Observed, c.Detail, c.Ways, c.Cause, c.Findings, c.Results, c.Steps = "", "", nil, nil, nil, nil, nil
	switch c.Verdict {
	case "":
		c.Verdict, c.Reason = result.Inconclusive, result.BecauseUnread
	case result.Fail, result.Warn, result.Inconclusive, result.Error:
		c.Reason = result.BecauseUnread
	}
	s.r.Checks = append(s.r.Checks, c)
}

// take reads a value, and one that is not built as this netcheck knows it member
// by member.
func (s *salvage) take(raw json.RawMessage, to reflect.Value, path string) {
	if into(raw, to.Addr().Interface()) {
		return
	}
	to.SetZero()
	var ms map[string]json.RawMessage
	var es []json.RawMessage
	switch {
	case to.Kind() == reflect.Struct && into(raw, &ms):
		for _, name := range slices.Sorted(maps.Keys(ms)) {
			if f, ok := field(to, name); ok {
				s.take(ms[name], f, path+"."+name)
			}
		}
	case to.Kind() == reflect.Slice && into(raw, &es):
		for i, v := range es {
			e := reflect.New(to.Type().Elem()).Elem()
			s.take(v, e, fmt.Sprintf("%s[%d]", path, i))
			to.Set(reflect.Append(to, e))
		}
	default:
		s.unread(path)
	}
}

// unread notes what is left out, in a number that somebody would read.
func (s *salvage) unread(path string) {
	const most = 50
	if len(s.lost.Unread) < most {
		s.lost.Unread = append(s.lost.Unread, path)
	}
}

// into reads a value into a place; what was read of one that does not fit is to
// be thrown away.
func into(raw []byte, to any) bool { return json.Unmarshal(raw, to) == nil }

// members takes an object apart, up to its end or to where it breaks off.
func members(d *json.Decoder, take func(name string) error) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("not an object")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return errors.New("not a name")
		}
		if err := take(name); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// field is the field of a struct that has a member's name.
func field(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name && tag != "" {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}
