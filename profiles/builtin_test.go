package profiles_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"netcheck/checks"
	"netcheck/checks/engine"
	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// shipped is what must hold of each profile beyond being a profile.
var shipped = map[string]struct {
	statements []string            // of the vendor's document, those that have to do with the network
	levels     map[string][]string // what the vendor's words make of some checks
	contacts   int                 // at most, from any role, with everything on
}{
	"local-server": {
		statements: numbered("SRV", 0, 9),
		levels: map[string][]string{
			"required":    {"sync-api", "sync-api-altazion", "direct-orders", "hosted-media", "services-listen", "services-reach", "device-port"},
			"recommended": {"fault-log", "fault-log-altazion", "fault-bus", "server-address"},
			"optional":    {"discovery-listen", "discovery-to-server", "discovery-to-device"},
		},
		contacts: 16,
	},
	"passcom": {
		statements: numbered("PSP", 0, 8),
		levels: map[string][]string{
			"required":    {"own-name", "peer-name", "peer-name-client", "peer-port", "peer-port-client", "live-port", "live-range", "live-range-client", "start-live", "mxserver-listens", "own-port-inbound", "own-port-outside"},
			"recommended": {"own-address", "own-public-port", "start-live-client"},
			"optional":    {"mxserver-lan", "mxagent-listens"},
		},
		contacts: 40,
	},
	"netstock": {
		statements: numbered("NST", 1, 15),
		levels: map[string][]string{
			"required":    {"comms-80", "comms-443", "sftp-greeting", "sftp-login", "web-service", "key-file", "key-safe", "key-pair"},
			"recommended": {"key-private", "daily-transfer", "daily-transfer-asked"},
			"optional":    {"return-data"},
		},
		contacts: 9, // each of the two ports alone, the greeting and the sign-in on both, the web service, two folders here
	},
	"pos-firewall": {
		statements: numbered("DLV", 0, 16),
		levels: map[string][]string{
			"required":    {"pos-listens", "pos-address", "pos-mac", "pos-port-lan", "pos-inbound", "port-outside", "till-link", "proxy-listens", "proxy-inbound", "proxy-outside", "till-guarded", "till-mapping", "till-mapping-cert", "till-mapping-asked", "proxy-authenticates", "proxy-instructions", "addresses-handed-over", "tunnel-endpoint"},
			"recommended": {"public-name", "proxy-name", "static-address", "mapping-name", "allow-list", "allow-list-complete", "tunnel-outlets"},
			"optional":    {"tunnel-public"},
		},
		contacts: 8,
	},
	"infinity-cloud": {
		statements: numbered("DIV", 0, 12),
		levels: map[string][]string{
			"required":    {"web-service", "ftp-control", "ftp-exchange", "ftp-transfer", "till-configuration", "retention", "retention-asked", "change-tracking"},
			"recommended": {"ftp-account-dedicated"},
		},
		contacts: 6, // the web service, the FTP server, and of two dossiers exchange and files
	},
}

func numbered(prefix string, first, last int) (ids []string) {
	for i := first; i <= last; i++ {
		ids = append(ids, fmt.Sprintf("%s-%02d", prefix, i))
	}
	return ids
}

func kinds() []profiles.Kind { return engine.ProfileKinds(checks.Kinds()) }

// forEachBuiltin runs a test on every shipped profile.
func forEachBuiltin(t *testing.T, test func(t *testing.T, p *profiles.Profile)) {
	for _, id := range profiles.Builtin() {
		t.Run(id, func(t *testing.T) {
			p, err := profiles.OpenBuiltin(id, kinds())
			if err != nil {
				t.Fatal(err)
			}
			if p.ID != id {
				t.Fatalf("its file says that it is %s", p.ID)
			}
			test(t, p)
		})
	}
}

func TestBuiltinIsComplete(t *testing.T) {
	if want := slices.Sorted(maps.Keys(shipped)); !slices.Equal(profiles.Builtin(), want) {
		t.Errorf("shipped: %v, want %v", profiles.Builtin(), want)
	}
	if _, err := profiles.OpenBuiltin("no-such-product", kinds()); err == nil {
		t.Error("a profile that is not shipped was opened")
	}
}

// Whoever has netcheck can read what it ships.
func TestBuiltinHoldsNoSecret(t *testing.T) {
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		for _, w := range p.Warnings {
			t.Error(w)
		}
	})
}

func TestBuiltinSaysWhatItIs(t *testing.T) {
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		for name, s := range map[string]string{
			"revision": p.Revision, "vendor": p.Vendor, "default_role": p.DefaultRole,
			"source.url": p.Source.URL, "source.lang": p.Source.Lang, "source.seen": p.Source.Seen,
		} {
			if s == "" {
				t.Errorf("%s is missing", name)
			}
		}
	})
}

// TestBuiltinNamesEveryStatement holds the profiles to the vendors' documents:
// a comment beside what covers a statement has its id.
func TestBuiltinNamesEveryStatement(t *testing.T) {
	comment := regexp.MustCompile(`(?m)^\s*#.*$`)
	statement := regexp.MustCompile(`\b[A-Z]{3}-\d\d\b`)
	for id, want := range shipped {
		t.Run(id, func(t *testing.T) {
			source, ok := profiles.BuiltinSource(id)
			if !ok {
				t.Fatal("no source")
			}
			comments := strings.Join(comment.FindAllString(string(source), -1), "\n")
			found := statement.FindAllString(comments, -1)
			for _, s := range want.statements {
				if !slices.Contains(found, s) {
					t.Errorf("nothing stands for %s", s)
				}
			}
			for _, s := range found {
				if !slices.Contains(want.statements, s) {
					t.Errorf("%s is no statement of the vendor's", s)
				}
			}
		})
	}
}

func TestBuiltinLevels(t *testing.T) {
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		for level, ids := range shipped[p.ID].levels {
			for _, id := range ids {
				i := slices.IndexFunc(p.Declared, func(d profiles.Declaration) bool { return d.ID == id })
				if i < 0 {
					t.Errorf("no check %s", id)
				} else if got := p.Declared[i].Level; got != level {
					t.Errorf("%s is %s, want %s", id, got, level)
				}
			}
		}
	})
}

// TestBuiltinDeclaresNothingInVain finds features and parameters that no check
// has a use for.
func TestBuiltinDeclaresNothingInVain(t *testing.T) {
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		features, params := make(map[string]bool), make(map[string]bool)
		for _, d := range p.Declared {
			if len(d.Features) == 0 {
				t.Errorf("%s belongs to no feature", d.ID)
			}
			for _, f := range d.Features {
				features[f] = true
			}
			for _, name := range d.Params {
				params[name] = true
			}
		}
		source, _ := profiles.BuiltinSource(p.ID)
		for _, q := range p.Params {
			inCondition := regexp.MustCompile(`when\w*: .*\b` + q.Name + `\b`)
			if !params[q.Name] && !inCondition.Match(source) {
				t.Errorf("nothing uses the parameter %s", q.Name)
			}
		}
		for _, f := range p.Features {
			if !features[f.ID] {
				t.Errorf("no check belongs to the feature %s", f.ID)
			}
		}
	})
}

// TestBuiltinSpeaksEveryLanguage looks at every text, wherever it stands: it is
// there in each language that netcheck speaks, and is not English in another.
func TestBuiltinSpeaksEveryLanguage(t *testing.T) {
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		check := func(where string, text value.Text) { everyLanguage(t, where, text) }
		texts(reflect.ValueOf(*p), p.ID, check)
		for _, q := range p.Params {
			everyLanguage(t, q.Name+": ask", q.Ask)
		}
		for _, d := range p.Declared {
			everyLanguage(t, d.ID+": title", d.Title)
		}
	})
}

// sameInAll are texts that are names and nothing else, or the same word.
var sameInAll = []string{"Mxagent (Liveupdate, WebDesk, PassMobile)", "Reverse proxy", "Real Time"}

func everyLanguage(t *testing.T, where string, text value.Text) {
	t.Helper()
	for _, lang := range i18n.Languages() {
		switch said := text[lang]; {
		case strings.TrimSpace(said) == "":
			t.Errorf("%s: a text is missing in %s: %q", where, lang, text)
		case lang != "en" && said == text["en"] && !slices.Contains(sameInAll, said):
			t.Errorf("%s: %q in English and in %s", where, said, lang)
		case strings.Contains(said, "${"):
			t.Errorf("%s: a value was not filled in: %q", where, text)
		}
	}
	if len(text) != len(i18n.Languages()) {
		t.Errorf("%s: more languages than netcheck speaks: %q", where, text)
	}
}

// texts finds the texts in the exported fields of v, those that say something.
func texts(v reflect.Value, where string, found func(string, value.Text)) {
	if text, ok := v.Interface().(value.Text); ok {
		if len(text) > 0 {
			found(where, text)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			texts(v.Elem(), where, found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), where, found)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			texts(v.MapIndex(k), where+": "+k.String(), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				texts(v.Field(i), where+": "+strings.ToLower(f.Name), found)
			}
		}
	}
}

// TestBuiltinAsks holds that whoever gives nothing is told, in both languages,
// what is missing and where to find it.
func TestBuiltinAsks(t *testing.T) {
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		for _, role := range p.Roles {
			_, err := p.Bind(nil, role.ID)
			missing, ok := err.(*profiles.MissingError)
			if !ok {
				t.Errorf("%s: %v, want the missing parameters", role.ID, err)
				continue
			}
			for _, q := range missing.Params {
				if len(q.Choices) == 0 && q.Type != "bool" && !q.Secret && q.Example == "" {
					t.Errorf("%s has no example", q.Name)
				}
			}
		}
	})
}

// TestBuiltinIsLookedAtFromOutside holds that whoever has no helper outside can
// test every way in from a machine on another line: a role has a check of the
// very same port, by which the reports of both are made one.
func TestBuiltinIsLookedAtFromOutside(t *testing.T) {
	ways := 0
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		for _, in := range p.Declared {
			if in.Kind != "inbound" {
				continue
			}
			ways++
			same := slices.ContainsFunc(p.Declared, func(d profiles.Declaration) bool {
				return d.Kind == "tcp" && d.Fields["host"] == in.Fields["public_host"] && d.Fields["port"] == in.Fields["public_port"] &&
					d.Level == in.Level && d.Fields["expect"] == nil && !slices.ContainsFunc(d.From, func(role string) bool { return slices.Contains(in.From, role) })
			})
			if !same {
				t.Errorf("%s: no other role looks at %v:%v", in.ID, in.Fields["public_host"], in.Fields["public_port"])
			}
		}
	})
	if ways < 3 {
		t.Errorf("%d ways in were found", ways)
	}
}

// TestPasscomRange holds what a shop sends to the vendor's Live servers: the one
// port that it knows first, and a sample of the range.
func TestPasscomRange(t *testing.T) {
	p, err := profiles.OpenBuiltin("passcom", kinds())
	if err != nil {
		t.Fatal(err)
	}
	values := profiles.Values{}
	for name, v := range map[string]any{"dominio": "rossi01", "peer_dominio": "bianchi02", "counterpart": "live", "mx_port": "9000", "own_public_port": "9000"} {
		values[name] = profiles.Given{Value: v, From: profiles.FromFlag}
	}
	for _, test := range []struct {
		name     string
		livePort any
		proof    bool // the live port has its own check
	}{
		{"port unknown", nil, false},
		{"port known", 9123, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			given := maps.Clone(values)
			if test.livePort != nil {
				given["live_port"] = profiles.Given{Value: test.livePort, From: profiles.FromFlag}
			}
			b, err := p.Bind(given, "mx-server")
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range b.Checks {
				switch c.ID {
				case "live-port":
					if c.Applies != test.proof {
						t.Errorf("%s applies: %v", c.ID, c.Applies)
					}
				case "live-range":
					if got := c.Fields["prefer"]; got != test.livePort {
						t.Errorf("%s prefers %v, want %v", c.ID, got, test.livePort)
					}
					if got := c.Fields["sample"]; got != 32 {
						t.Errorf("%s samples %v ports, want 32", c.ID, got)
					}
				}
			}
		})
	}
}

// TestBuiltinBinds tries every profile with every combination of its choices
// and switches, from every role, with what is optional given and not.
func TestBuiltinBinds(t *testing.T) {
	forEachBuiltin(t, func(t *testing.T, p *profiles.Profile) {
		t.Parallel()
		want := shipped[p.ID]
		seen, worded := make(map[string]bool), make(map[string]bool)
		eachCombination(t, p, func(t *testing.T, b *profiles.Bound) {
			texts(reflect.ValueOf(b.Handover), "handover", func(where string, text value.Text) {
				everyLanguage(t, where, text)
			})
			plan, err := engine.Compile(b, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			here := make(map[string]bool)
			contacts := 0
			for _, c := range plan.Checks {
				here[c.Check.Group] = c.Check.Here
				mine := len(c.Check.From) == 0 || slices.Contains(c.Check.From, b.Role)
				if c.Check.Here != mine || (c.Prober != nil) != (mine && c.Check.Applies) {
					t.Fatalf("%s is from %v, and has a probe: %v", c.Check.ID, c.Check.From, c.Prober != nil)
				}
				if c.Prober == nil {
					continue
				}
				if n, ok := c.Prober.(interface{ Targets() int }); ok && c.Check.Kind != "dns" {
					contacts += n.Targets() // a question of the machine's own resolvers is no contact
				}
				seen[c.Check.Group] = true
				if key := fmt.Sprint(c.Check.Group, len(c.Check.Downgrade)); !worded[key] {
					worded[key] = true
					wording(t, c.Check)
				}
			}
			if contacts > want.contacts {
				t.Fatalf("%d contacts, at most %d", contacts, want.contacts)
			}
			for _, c := range plan.Checks {
				for _, need := range c.Check.Needs {
					if c.Check.Here && !here[need] {
						t.Fatalf("%s needs %s, which is made elsewhere", c.Check.ID, need)
					}
				}
			}
		})
		for _, d := range p.Declared {
			if !seen[d.ID] {
				t.Errorf("no combination makes %s run", d.ID)
			}
		}
	})
}

// wording looks at the texts of a check with its values filled in, and at the
// codes of causes that it has something to say to.
func wording(t *testing.T, c profiles.Check) {
	t.Helper()
	texts(reflect.ValueOf(c), c.ID, func(where string, text value.Text) { everyLanguage(t, where, text) })
	if c.Kind == "attest" && len(c.Remedy) > 0 {
		t.Errorf("%s: its remedy would also be told where nobody answered: write it under on_cause, attest.no", c.ID)
	}
	causes := slices.Collect(maps.Keys(c.OnCause))
	for _, d := range c.Downgrade {
		causes = append(causes, d.Cause...)
	}
	for _, code := range causes {
		if !slices.Contains(result.Codes(), result.Code(code)) {
			t.Errorf("%s: no cause has the code %s", c.ID, code)
		}
	}
}

// eachCombination binds the profile with every combination of its choices and
// switches (of a choice of several: all, and each alone), from every role, once
// with an example for every other parameter and once without what is optional.
func eachCombination(t *testing.T, p *profiles.Profile, test func(t *testing.T, b *profiles.Bound)) {
	t.Helper()
	combinations := []profiles.Values{{}}
	for _, q := range p.Params {
		var more []profiles.Values
		for _, o := range options(q) {
			for _, values := range combinations {
				v := maps.Clone(values)
				v[q.Name] = profiles.Given{Value: o, From: profiles.FromFlag}
				more = append(more, v)
			}
		}
		if len(more) > 0 {
			combinations = more
		}
	}
	for _, role := range p.Roles {
		for _, values := range combinations {
			bare, err := bindWith(p, role.ID, values, func(err error) []profiles.Param {
				if missing, ok := errors.AsType[*profiles.MissingError](err); ok {
					return missing.Params
				}
				return nil
			})
			if err != nil {
				t.Fatalf("role %s, only what is required, %v: %v", role.ID, values, err)
			}
			full, err := bindWith(p, role.ID, values, func(error) []profiles.Param { return p.Params })
			if err != nil {
				t.Fatalf("role %s, all examples, %v: %v", role.ID, values, err)
			}
			for how, b := range map[string]*profiles.Bound{"only what is required": bare, "all examples": full} {
				test(t, b)
				if t.Failed() {
					t.Fatalf("role %s, %s, %v", role.ID, how, values)
				}
			}
		}
	}
}

// options are the values of a parameter that has few.
func options(q profiles.Param) (values []any) {
	if q.Type == "bool" {
		return []any{true, false}
	}
	for _, c := range q.Choices {
		values = append(values, c.ID)
	}
	if q.Type == "choices" {
		values = append(values, slices.Clone(values))
	}
	return values
}

// bindWith binds the values together with the examples of further parameters,
// and something for a secret: those that more names, given what Bind says
// without them.
func bindWith(p *profiles.Profile, role string, values profiles.Values, more func(error) []profiles.Param) (*profiles.Bound, error) {
	b, err := p.Bind(values, role)
	all := maps.Clone(values)
	for _, q := range more(err) {
		switch _, ok := all[q.Name]; {
		case ok:
		case q.Secret:
			all[q.Name] = profiles.Given{Value: "correct horse", From: profiles.FromEnvironment}
		case q.Example != "":
			all[q.Name] = profiles.Given{Value: q.Example, From: profiles.FromFlag}
		}
	}
	if len(all) == len(values) {
		return b, err
	}
	return p.Bind(all, role)
}
