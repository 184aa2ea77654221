package main

import (
	"context"
	"errors"
	"maps"
	"slices"

	"netcheck/profiles"
	"netcheck/report/i18n"
)

// bind fills in the profile's values: those that were given, and, on a
// terminal, the answers to the questions that are left.
func (s *streams) bind(ctx context.Context, p *profiles.Profile, a *asking) (*profiles.Bound, error) {
	return s.fill(ctx, p, a, p.Bind)
}

// fill is bind by one of the ways to do it.
func (s *streams) fill(ctx context.Context, p *profiles.Profile, a *asking, bind binder) (*profiles.Bound, error) {
	who := s.person(a.lang)
	defer who.close()
	i := &interview{asking: a, bind: bind, profile: p}
	var err error
	if i.values, i.before, err = s.gather(ctx, p, a, who); err != nil {
		return nil, err
	}
	for {
		bound, err := bind(i.values, a.role)
		if err != nil {
			if err := i.next(ctx, s, who, err); err != nil {
				return nil, err
			}
			continue
		}
		file := ""
		if len(i.answers()) > 0 && !a.spoil {
			var q question
			q, file = s.toRemember(a, i.put)
			switch answer, err := who.ask(ctx, q); {
			case errors.Is(err, errBack):
				i.takeBack()
				continue
			case err != nil:
				return nil, err
			case answer != "yes":
				file = ""
			}
		}
		who.close() // before anything is said
		if file != "" {
			s.remember(p, file, i.answers())
		}
		a.told = told(p, i.values)
		return bound, nil
	}
}

// binder fills in a profile's values for a role.
type binder func(profiles.Values, string) (*profiles.Bound, error)

// interview is the questions for one profile. Which is next depends on what was
// answered before, and binding tells it; so there is no second opinion on which
// values are needed or what they may be.
type interview struct {
	*asking
	profile *profiles.Profile
	values  profiles.Values
	bind    binder
	put     []question        // what was answered, in order
	before  map[string]string // answers that were taken back, by name
}

// theRole is the name of the question for it, as no parameter can be called.
const theRole = "--role"

// next asks what binding could not do without, and takes the answer.
func (i *interview) next(ctx context.Context, s *streams, who person, err error) error {
	q, ok := i.question(err)
	if !ok || i.noInput || !s.mayAsk() {
		return unasked(err, i.lang)
	}
	answer, err := who.ask(ctx, q)
	switch {
	case errors.Is(err, errBack):
		i.takeBack()
	case err != nil:
		return err
	default:
		i.take(q, answer)
	}
	return nil
}

// question is what the thing that binding could not do without leads to, if it
// leads to one.
func (i *interview) question(err error) (question, bool) {
	var q question
	if role, ok := errors.AsType[*profiles.RoleError](err); ok {
		if role.Named != "" || len(role.Roles) == 0 {
			return question{}, false
		}
		q = question{name: theRole, ask: i18n.T(i.lang, "form.role", nil), kind: anOption, options: roleOptions(role.Roles, i.lang)}
	} else if missing, ok := errors.AsType[*profiles.MissingError](err); ok {
		param := missing.Params[0] // the answer may decide whether the next is needed
		if decides, was, ok := i.decides(param); ok {
			q = i.about(decides)
			q.was = was
		} else {
			q = i.about(param)
		}
	} else {
		return question{}, false
	}
	q.back = len(i.put) > 0
	if was, ok := i.before[q.name]; ok {
		q.was = was
	}
	return q, true
}

// decides is the parameter that makes another required, and the value that it has
// for want of an answer: whoever lacks what is asked for, as a shop without such
// devices, could not go on otherwise.
func (i *interview) decides(param profiles.Param) (by profiles.Param, was string, ok bool) {
	for _, c := range param.RequiredWhen {
		at := slices.IndexFunc(i.profile.Params, func(p profiles.Param) bool { return p.Name == c.Param })
		if at < 0 {
			continue
		}
		by = i.profile.Params[at]
		if _, given := i.values[by.Name]; given || by.Ask.In(i.lang) == "" {
			continue
		}
		switch is := by.Default.(type) {
		case bool:
			return by, map[bool]string{true: "yes", false: "no"}[is], true
		case string:
			if by.Type == "choice" {
				return by, is, true
			}
		}
	}
	return by, "", false
}

// about is the question for a parameter.
func (i *interview) about(p profiles.Param) question {
	q := question{name: p.Name, ask: p.Ask.In(i.lang), hint: expects(p, i.lang)}
	for _, c := range p.Choices {
		q.options = append(q.options, option{c.ID, c.Title.In(i.lang)})
	}
	switch p.Type {
	case "choice":
		q.kind, q.hint = anOption, ""
	case "choices":
		q.kind, q.hint = someOptions, ""
	case "bool":
		q.kind, q.hint = yesNo, ""
	case "list", "cidr-list":
		q.kind = aList
		if form := p.Expects; form.Key == "expects-records" && len(form.Args) > 0 {
			q.lines = i18n.T(i.lang, "form.lines", i18n.Data{"Form": phrased(form.Args[0], i.lang)})
		}
	}
	if p.Secret {
		q.kind = aSecret
	}
	q.refuse = func(answer string) error {
		with := maps.Clone(i.values)
		with[p.Name] = profiles.Given{Value: answer, From: profiles.FromPrompt}
		_, err := i.bind(with, i.role)
		if wrong, ok := errors.AsType[*profiles.ValueError](err); ok && (wrong.Param.Name == p.Name || wrong.Given.From == profiles.FromDefault) {
			return errors.New(wrongValue(wrong, i.lang))
		}
		return nil
	}
	return q
}

// take puts an answer among the values.
func (i *interview) take(q question, answer string) {
	i.put = append(i.put, q)
	if q.name == theRole {
		i.role = answer
		return
	}
	i.values[q.name] = profiles.Given{Value: answer, From: profiles.FromPrompt}
}

// answers are those that are worth remembering: no secret, and not the role,
// which is this machine's and not the shop's.
func (i *interview) answers() profiles.Values {
	all := profiles.Values{}
	for _, q := range i.put {
		if q.name != theRole && q.kind != aSecret {
			all[q.name] = i.values[q.name]
		}
	}
	return all
}

// takeBack removes the last answer, and remembers it for when it is asked for
// again.
func (i *interview) takeBack() {
	last := i.put[len(i.put)-1]
	i.put = i.put[:len(i.put)-1]
	if i.before == nil {
		i.before = map[string]string{}
	}
	if last.name == theRole {
		i.before[theRole], i.role = i.role, ""
		return
	}
	if last.kind != aSecret {
		i.before[last.name], _ = i.values[last.name].Value.(string)
	}
	delete(i.values, last.name)
}

// unasked is what binding says where nobody can be asked.
func unasked(err error, lang string) error {
	if role, ok := errors.AsType[*profiles.RoleError](err); ok {
		return roleError(role, lang)
	}
	if missing, ok := errors.AsType[*profiles.MissingError](err); ok {
		return missingError(missing.Params, lang)
	}
	return err
}

// gather collects the values that were given, and those that a person does not
// want to have used again, by name.
func (s *streams) gather(ctx context.Context, p *profiles.Profile, a *asking, who person) (values profiles.Values, before map[string]string, err error) {
	from := profiles.Sources{Flags: a.sets, Environ: s.env, ReadFile: readBounded}
	switch {
	case a.site != "":
		from.Site, err = siteNamed(a.site)
	case !a.noInput && s.mayAsk():
		from.Site, before, err = s.siteOffered(ctx, p, a, who, from)
	}
	if err != nil {
		return nil, nil, err
	}
	values, err = p.Gather(from)
	return values, before, err
}

// carried are the flags that a run on another machine needs as well. No secret
// is among them: gather refuses one that came by flag.
func (a *asking) carried() []string {
	var args []string
	if file := a.from(); file != "" {
		args = append(args, "--site", file)
	}
	for _, set := range a.sets {
		args = append(args, "--set", set)
	}
	for _, set := range a.told {
		args = append(args, "--set", set)
	}
	return append(args, a.proxy.carried()...)
}

// told are the values that neither a flag nor a file gave, but a person or the
// environment: another machine has neither. Secrets are for whoever sits there.
func told(p *profiles.Profile, values profiles.Values) []string {
	var sets []string
	for _, param := range p.Params {
		given := values[param.Name]
		value, ok := given.Value.(string)
		if ok && !param.Secret && (given.From == profiles.FromPrompt || given.From == profiles.FromEnvironment) {
			sets = append(sets, param.Name+"="+value)
		}
	}
	return sets
}

func roleOptions(roles []profiles.Role, lang string) []option {
	var options []option
	for _, r := range roles {
		options = append(options, option{r.ID, r.Title.In(lang)})
	}
	return options
}
