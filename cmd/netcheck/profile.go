package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"netcheck/checks"
	"netcheck/checks/engine"
	"netcheck/profiles"
	"netcheck/report/i18n"
)

// maxProfile is how much of a file is read: more than the loader accepts, so
// that it is the loader that refuses.
const maxProfile = 2 << 20

func kinds() []profiles.Kind { return engine.ProfileKinds(checks.Kinds()) }

// isProfile tells whether a word names a profile.
func isProfile(word string) bool {
	if slices.Contains(profiles.Builtin(), word) {
		return true
	}
	info, err := os.Stat(word)
	return err == nil && (info.IsDir() || isYAML(word))
}

func isYAML(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// load reads the profile that ref names: "-" is stdin, a bare word that a
// built-in profile has is that one, all else is a file; a folder offers a
// choice of those in it.
func (s *streams) load(ctx context.Context, ref string, mayAsk bool) (*profiles.Profile, error) {
	p, err := s.loadQuietly(ctx, ref, mayAsk)
	if err == nil {
		err = vantageOf(p)
	}
	if err == nil {
		for _, w := range p.Warnings {
			s.message("%s", w)
		}
	}
	return p, err
}

// loadQuietly is load without the warnings.
func (s *streams) loadQuietly(ctx context.Context, ref string, mayAsk bool) (*profiles.Profile, error) {
	switch {
	case ref == "-":
		data, err := io.ReadAll(io.LimitReader(s.in, maxProfile))
		if err != nil {
			return nil, wrong("cli.cant-read-stdin", i18n.Data{"Reason": reason(err)})
		}
		return profiles.Load("-", data, kinds(), codes()...)
	case slices.Contains(profiles.Builtin(), ref):
		return profiles.OpenBuiltin(ref, kinds())
	}
	info, err := os.Stat(ref)
	if err != nil {
		return nil, noProfile(ref, err)
	}
	if info.IsDir() {
		if ref, err = s.chooseIn(ctx, ref, mayAsk); err != nil {
			return nil, err
		}
	}
	data, err := readBounded(ref)
	if err != nil {
		return nil, wrong("cli.cant-read-profile", i18n.Data{"File": ref, "Reason": reason(err)})
	}
	return profiles.Load(ref, data, kinds(), codes()...)
}

// noProfile words why there is no profile of that name.
func noProfile(ref string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return wrong("cli.cant-read-profile", i18n.Data{"File": ref, "Reason": reason(err)})
	}
	e := wrong("cli.no-profile", i18n.Data{"File": ref})
	if isYAML(ref) || strings.ContainsAny(ref, `/\`) {
		e = wrong("cli.no-profile-file", i18n.Data{"File": ref})
	}
	return e.advised(closest(ref, profiles.Builtin(), sentence{key: "cli.builtin"}))
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxProfile))
}

// chooseIn lets a person choose among a folder's profiles.
func (s *streams) chooseIn(ctx context.Context, folder string, mayAsk bool) (string, error) {
	options, err := s.profilesIn(folder)
	switch {
	case err != nil:
		return "", wrong("cli.cant-read-folder", i18n.Data{"File": folder, "Reason": reason(err)})
	case len(options) == 0:
		return "", wrong("cli.empty-folder", i18n.Data{"File": folder})
	case !mayAsk:
		var names []string
		for _, o := range options {
			names = append(names, o.id)
		}
		return "", wrong("cli.folder", i18n.Data{"File": folder}).advised(sentence{"cli.it-has", i18n.Data{"Names": strings.Join(names, ", ")}})
	}
	who := s.person(s.lang)
	defer who.close()
	return who.ask(ctx, question{name: folder, ask: s.say("form.profile", nil), kind: anOption, options: options})
}

// profilesIn are the profiles in a folder, by their paths; one that has a mistake is
// among them, without a title, so that it can be told.
func (s *streams) profilesIn(folder string) ([]option, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var options []option
	for _, e := range entries {
		if e.IsDir() || !isYAML(e.Name()) {
			continue
		}
		path := filepath.Join(folder, e.Name())
		o := option{id: path}
		if data, err := readBounded(path); err == nil {
			if _, err := profiles.ParseSite(path, data); err == nil {
				continue // a shop's values are no profile
			}
			if p, err := profiles.Load(path, data, kinds(), codes()...); err == nil {
				o.title = p.Title.In(s.lang)
			}
		}
		options = append(options, o)
	}
	return options, nil
}
