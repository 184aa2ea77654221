package main

import (
	"context"
	"errors"

	"netcheck/profiles"
)

// bind fills in the profile's values: those that were given, and, on a
// terminal, the answers to the questions that are left.
func (s *streams) bind(ctx context.Context, p *profiles.Profile, a *asking) (*profiles.Bound, error) {
	return s.fill(ctx, p, a, p.Bind)
}

// fill is bind by one of the ways to do it.
func (s *streams) fill(ctx context.Context, p *profiles.Profile, a *asking, bind func(profiles.Values, string) (*profiles.Bound, error)) (*profiles.Bound, error) {
	values, err := s.gather(p, a)
	if err != nil {
		return nil, err
	}
	ask := !a.noInput && s.mayAsk()
	person := newPrompt(s)
	again := "" // the parameter whose last answer was none
	for {
		bound, err := bind(values, a.role)
		if err == nil {
			a.told = told(p, values)
			return bound, nil
		}
		if role, ok := errors.AsType[*profiles.RoleError](err); ok {
			if !ask || role.Named != "" || len(role.Roles) == 0 {
				return nil, roleError(role, a.lang)
			}
			s.message("What is this machine?")
			if a.role, err = person.choose(ctx, roleOptions(role.Roles, a.lang)); err != nil {
				return nil, err
			}
			continue
		}
		if missing, ok := errors.AsType[*profiles.MissingError](err); ok {
			if !ask {
				return nil, missingError(missing.Params, a.lang)
			}
			param := missing.Params[0] // the answer may decide whether the next is needed
			if param.Name != again {
				s.introduce(param, a.lang)
			}
			answer, err := s.askParam(ctx, person, param, a.lang)
			if err != nil {
				return nil, err
			}
			values[param.Name] = profiles.Given{Value: answer, From: profiles.FromPrompt}
			continue
		}
		wrong, ok := errors.AsType[*profiles.ValueError](err)
		if !ok || wrong.Given.From != profiles.FromPrompt {
			return nil, err
		}
		s.message("%s", wrap(wrongValue(wrong, a.lang), "  ", "  ", s.width(s.err)))
		delete(values, wrong.Param.Name)
		again = wrong.Param.Name
	}
}

// gather collects the values that were given.
func (s *streams) gather(p *profiles.Profile, a *asking) (profiles.Values, error) {
	from := profiles.Sources{Flags: a.sets, Environ: s.env, ReadFile: readBounded}
	if a.site != "" {
		data, err := readBounded(a.site)
		if err != nil {
			return nil, usagef("--site: can't read %s: %v", a.site, reason(err))
		}
		if from.Site, err = profiles.ParseSite(a.site, data); err != nil {
			return nil, err
		}
	}
	return p.Gather(from)
}

// carried are the flags that a run on another machine needs as well. No secret
// is among them: gather refuses one that came by flag.
func (a *asking) carried() []string {
	var args []string
	if a.site != "" {
		args = append(args, "--site", a.site)
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

// introduce says what is asked for, and what an answer looks like.
func (s *streams) introduce(p profiles.Param, lang string) {
	width := s.width(s.err)
	question := p.Ask.In(lang)
	if question == "" {
		question = p.Name
	}
	s.message("\n%s", wrap(question, "", "", width))
	if len(p.Choices) > 0 { // they are listed with the question
		return
	}
	s.message("%s", wrap("("+expects(p, lang)+")", "  ", "  ", width))
}

// askParam asks for a parameter's value until there is one.
func (s *streams) askParam(ctx context.Context, person *prompt, p profiles.Param, lang string) (string, error) {
	var options []option
	for _, c := range p.Choices {
		options = append(options, option{c.ID, c.Title.In(lang)})
	}
	switch p.Type {
	case "choice":
		return person.choose(ctx, options)
	case "choices":
		return person.chooseSome(ctx, options)
	}
	for {
		read := person.line
		if p.Secret {
			read = person.secret
		}
		answer, err := read(ctx, p.Name+": ")
		if err != nil || answer != "" {
			return answer, err
		}
		s.message("  a value is needed; Ctrl-C leaves")
	}
}

func roleOptions(roles []profiles.Role, lang string) []option {
	var options []option
	for _, r := range roles {
		options = append(options, option{r.ID, r.Title.In(lang)})
	}
	return options
}
