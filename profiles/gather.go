package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Sources are where a run's values come from, strongest first; a profile's
// defaults come last and are Bind's.
type Sources struct {
	Flags    []string                          // name=value, the last of a name counts
	Environ  []string                          // KEY=value, as os.Environ has them
	ReadFile func(name string) ([]byte, error) // for the files that NETCHECK_PARAM_<NAME>_FILE names
	Site     *Site                             // nil: none
}

const (
	envPrefix = "NETCHECK_PARAM_"
	envFile   = "_FILE" // after a secret's variable: the name of the file that holds it
)

// EnvName is the environment variable that gives a parameter's value.
func EnvName(param string) string { return envPrefix + strings.ToUpper(param) }

// maxSecret is how long a secret may be: a private key and more.
const maxSecret = 64 << 10

// Gather collects the values for a profile. Names that it does not have are
// passed on from flags, for Bind to refuse, and are an error in the section
// that a site file has for this profile; the environment and the rest of a
// site file may hold values for other profiles.
func (p *Profile) Gather(s Sources) (Values, error) {
	values := make(Values)
	var errs []error
	if s.Site != nil {
		known, own := p.paramNames(), s.Site.profiles[p.ID]
		for _, name := range slices.Sorted(maps.Keys(own)) {
			if !slices.Contains(known, name) {
				errs = append(errs, &UnknownParamError{Name: name, Known: known, Where: own[name].Where})
			}
		}
		for name, g := range s.Site.For(p.ID) {
			values[name] = g
		}
	}
	env := make(map[string]string)
	for _, pair := range s.Environ {
		if key, v, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(key, envPrefix) && v != "" {
			env[key] = v
		}
	}
	for i := range p.Params {
		g, given, err := p.Params[i].fromEnv(env, s.ReadFile)
		if err != nil {
			errs = append(errs, err)
		}
		if given {
			values[p.Params[i].Name] = g
		}
	}
	for _, pair := range s.Flags {
		name, v, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			errs = append(errs, fmt.Errorf("--set %s: expected name=value", harmless(pair)))
			continue
		}
		values[name] = Given{Value: v, From: FromFlag, Where: "--set"}
	}
	return values, errors.Join(errs...)
}

// fromEnv is a parameter's value in the environment. A secret may be in a file
// that the environment names, as container systems provide them.
func (p *Param) fromEnv(env map[string]string, readFile func(string) ([]byte, error)) (g Given, given bool, err error) {
	key := EnvName(p.Name)
	if v, ok := env[key]; ok {
		return Given{Value: v, From: FromEnvironment, Where: key}, true, nil
	}
	key += envFile
	file, ok := env[key]
	if !ok || !p.Secret || readFile == nil {
		return Given{}, false, nil
	}
	data, err := readFile(file)
	if err != nil {
		return Given{}, false, fmt.Errorf("%s: %w", key, err)
	}
	if len(data) > maxSecret {
		return Given{}, false, fmt.Errorf("%s: the file is longer than %d bytes", key, maxSecret)
	}
	data = bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
	return Given{Value: string(data), From: FromEnvironment, Where: key}, true, nil
}
