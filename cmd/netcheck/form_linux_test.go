package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// enter is the key; what a terminal in the form's mode sends for it.
const (
	enter    = "\r"
	shiftTab = "\x1b[Z"
	down     = "\x1b[B"
)

// The form asks for what the profile needs, refuses what it can't use, and leaves on
// the screen what was answered.
func TestFormOnATerminal(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.json")
	x := openTerminal(t, 80, nil, "run", writeProfile(t, questions), "--output", report, "--quiet")
	x.shows("What is this machine?", "> 1  server", "  2  till    The till")
	x.send(down + enter)

	x.shows("--role: till", "Which store?", "number: a whole number from 1 to 99, such as 42", "Shift+Tab: back")
	x.send("many" + enter)
	x.shows(`! "many" is not a whole number`, "> many")
	x.send("\x7f\x7f\x7f\x7f" + enter)
	x.shows("! a value is needed")
	x.send("7" + enter)

	x.shows("number: 7", "Which colour?", "> 1  red")
	x.send("2") // the number takes an option at once

	x.shows("colour: green", "Which parts?", "> [ ] sales", "[ ] loyalty  Loyalty")
	x.send(enter)
	x.shows("! choose at least one")
	x.send(" " + down + down + " ")
	x.shows("[x] sales", "> [x] loyalty")
	x.send(enter)

	x.shows("parts: sales, loyalty", "The password of the till")
	x.send("hunter2")
	x.shows("> *******")
	x.send(enter)

	x.shows("password: ********", "Remember these answers for next time, in netcheck-site.yaml?", "passwords are never written", "> no")
	x.send(enter)

	x.shows("Is there a sticker?", "> leave it open")
	x.send("y")
	x.shows("sticker: yes")
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
	want := "--role: till\nnumber: 7\ncolour: green\nparts: sales, loyalty\npassword: ********\nnetcheck-site.yaml: no\nsticker: yes"
	if got := x.screen(); got != want {
		t.Errorf("left on the screen:\n%s\nnot:\n%s", got, want)
	}
	if strings.Contains(x.all(), "hunter2") {
		t.Errorf("the secret was shown:\n%s", x.all())
	}
	if !x.echoes() {
		t.Error("the terminal was left without echo")
	}
	saved := params(t, report)
	if saved["number"] != 7.0 || saved["colour"] != "green" || saved["password"] != "<secret>" {
		t.Errorf("the report has %v", saved)
	}
}

// params are those in a saved report.
func params(t *testing.T, report string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var saved struct{ Params map[string]any }
	if err := json.Unmarshal(data, &saved); err != nil {
		t.Fatal(err)
	}
	return saved.Params
}

const dependent = `
netcheck: 1
id: dependent
title: Shop
params:
  hosted: {type: bool, required: true, ask: Is it hosted?}
  site: {type: dns-label, required_when: {hosted: true}, ask: Which site?}
  devices: {type: list, item: {id: string, host: host}, required_when: {hosted: false}, ask: Which devices?}
checks:
  - {id: hosted, when: {hosted: true}, assert: {param: site, in: [acme, other]}}
  - {id: devices, when: {hosted: false}, for_each: devices, assert: {param: hosted, in: ["false"]}}
`

// What is asked next follows from the answers; one that is taken back changes it.
func TestFormGoesBack(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.json")
	x := openTerminal(t, 80, nil, "run", writeProfile(t, dependent), "--output", report, "--quiet")
	x.shows("Is it hosted?", "> yes")
	if strings.Contains(x.screen(), "back") {
		t.Errorf("there is nothing to go back to:\n%s", x.screen())
	}
	x.send(shiftTab + "y")
	x.shows("hosted: yes", "Which site?")
	x.send("acme" + shiftTab)
	x.shows("Is it hosted?", "> yes")
	x.send(down + enter)
	x.shows("hosted: no", "Which devices?", "ID:HOST")
	x.send("till1:127.0.0.1" + enter + "till2" + enter + enter)
	x.shows("till1:127.0.0.1\n", "till2", `! element 2: "till2"`)
	x.send("\x7f:127.0.0.2" + enter + enter)
	x.shows("devices: till1:127.0.0.1, till2:127.0.0.2", "Remember")
	x.send(shiftTab)
	x.shows("Which devices?", "till1:127.0.0.1\n", "till2:127.0.0.2")
	x.send(enter + enter)
	x.shows("Remember")
	x.send(enter)
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
	if got := params(t, report)["site"]; got != nil {
		t.Errorf("an answer that was never given counts: %v", got)
	}
}

const optional = `
netcheck: 1
id: optional
title: Shop
params:
  orders: {type: bool, default: true, ask: Are there devices?}
  devices: {type: list, item: {id: string, host: host}, required_when: {orders: true}, ask: Which devices?}
checks:
  - {id: devices, when: {orders: true}, for_each: devices, assert: {param: orders, in: ["true"]}}
  - {id: other, assert: {param: orders, in: ["true", "false"]}}
`

// Who lacks what is asked for by default can say so.
func TestFormAsksWhetherFirst(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.json")
	x := openTerminal(t, 80, nil, "run", writeProfile(t, optional), "--output", report, "--quiet")
	x.shows("Are there devices?", "> yes")
	x.send(enter)
	x.shows("orders: yes", "Which devices?")
	x.send(shiftTab)
	x.shows("Are there devices?", "> yes")
	x.send("n")
	x.shows("orders: no", "Remember")
	x.send(enter)
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
	if got := params(t, report)["orders"]; got != false {
		t.Errorf("orders is %v", got)
	}
}

// Two elements that ran into one are refused, and the field says where to write
// and how.
func TestFormRefusesWhatIsNoID(t *testing.T) {
	x := openTerminal(t, 80, nil, "run", writeProfile(t, optional), "--set", "orders=yes", "--quiet")
	x.shows("Which devices?", "devices: one a line, each ID:HOST")
	x.send("till1=127.0.0.1till1:127.0.0.1" + enter + enter)
	x.shows("> till1=127.0.0.1till1:127.0.0.1", `! element 1: "till1=127.0.0.1till1" can't be an id`)
	x.send("\x03")
	x.exit()
}

const wordy = `
netcheck: 1
id: wordy
title: Shop
params:
  one: {type: choice, required: true, ask: Which way?, choices: {direct: {title: "Straight to the till, with a rule in the firewall"}, reverse-proxy: {title: "By a proxy that stands in the shop"}}}
  some: {type: choices, required: true, ask: Which parts?, choices: {sales: {title: "All that the till has sold since yesterday"}, loyalty: {title: "Cards of customers, with their points"}}}
checks: [{id: one, when_set: [one, some], assert: {param: one, in: [direct]}}]
`

// What is chosen can be read to its end in any window.
func TestFormWrapsChoices(t *testing.T) {
	for _, columns := range []int{24, 30, 40, 60} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			x := openTerminal(t, columns, nil, "run", writeProfile(t, wordy), "--quiet")
			whole := func(ask string, options ...string) {
				x.shows(ask, "Ctrl-C:")
				screen := x.screen()
				for line := range strings.Lines(screen) {
					if len([]rune(strings.TrimSuffix(line, "\n"))) > columns-1 {
						t.Errorf("wider than the window: %q", line)
					}
				}
				all := strings.Join(strings.Fields(screen), " ")
				for _, o := range options {
					if !strings.Contains(all, o) {
						t.Errorf("%q is cut off:\n%s", o, screen)
					}
				}
			}
			whole("Which way?", "> 1 direct Straight to the till, with a rule in the firewall", "2 reverse-proxy By a proxy that stands in the shop")
			x.send(down)
			x.shows("> 2  reverse-proxy")
			x.send(enter)
			whole("Which parts?", "sales All that the till has sold since yesterday", "loyalty Cards of customers, with their points")
			x.send(down + " ")
			x.shows("> [x] loyalty")
			x.send("\x03")
			x.exit()
		})
	}
}

// The answer that somebody comes back to stands there to be corrected.
func TestFormKeepsWhatIsTakenBack(t *testing.T) {
	x := openTerminal(t, 80, nil, "run", writeProfile(t, questions), "--role", "till", "--set", "password=", "--only", "number", "--quiet")
	x.shows("Which store?")
	x.send("42" + enter)
	x.shows("Which colour?")
	x.send(shiftTab)
	x.shows("Which store?", "> 42")
	x.send("\x7f1" + enter)
	x.shows("number: 41", "Which colour?")
	x.send("\x03")
	if got := x.exit(); got != exitInterrupted {
		t.Errorf("exit status %d, not %d:\n%s", got, exitInterrupted, x.all())
	}
}

// Ctrl-C leaves any question, and the terminal as it was.
func TestLeavingTheForm(t *testing.T) {
	for at, set := range map[string][]string{
		"What is this machine?":    nil,
		"Which store?":             {"--role", "till"},
		"Which parts?":             {"--role", "till", "--set", "number=7", "--set", "colour=red"},
		"The password of the till": {"--role", "till", "--set", "number=7", "--set", "colour=red", "--set", "parts=sales"},
	} {
		t.Run(at, func(t *testing.T) {
			x := openTerminal(t, 80, nil, append([]string{"run", writeProfile(t, questions)}, set...)...)
			x.shows(at)
			x.send("\x03")
			if got := x.exit(); got != exitInterrupted {
				t.Errorf("exit status %d, not %d:\n%s", got, exitInterrupted, x.all())
			}
			if got := x.screen(); got != "netcheck: interrupted" {
				t.Errorf("left on the screen:\n%s", got)
			}
			if !x.echoes() {
				t.Error("the terminal was left without echo")
			}
			for _, undone := range []string{"\x1b[?25h", "\x1b[?2004l"} { // the cursor is shown, a paste is plain
				if !strings.Contains(x.all(), undone) {
					t.Errorf("%q is missing: %q", undone, x.all())
				}
			}
			for _, tried := range []string{"$p", "\x1b[?u", "\x1b[>"} { // questions to the terminal, and modes that few know
				if strings.Contains(x.all(), tried) {
					t.Errorf("%q was written: %q", tried, x.all())
				}
			}
		})
	}
}

// In a narrow window nothing is wider than it; in one that is narrower still, and for
// those who hear the terminal, questions come line by line.
func TestFormInSmallWindows(t *testing.T) {
	profile := writeProfile(t, questions)
	x := openTerminal(t, 30, nil, "run", profile, "--lang", "de")
	x.shows("Welche Rolle hat", "> 1  server  The server")
	x.send("\x03")
	x.exit()
	for line := range strings.Lines(x.screen()) {
		if len([]rune(line)) > 30 {
			t.Errorf("wider than the window: %q", line)
		}
	}
	for name, c := range map[string]struct {
		columns int
		env     []string
	}{"very narrow": {20, nil}, "read aloud": {80, []string{"ACCESSIBLE=1"}}} {
		t.Run(name, func(t *testing.T) {
			x := openTerminal(t, c.columns, c.env, "run", profile)
			x.expect("number or name: ")
			x.send("\x03")
			if got := x.exit(); got != exitInterrupted || strings.Contains(x.all(), "\x1b") {
				t.Errorf("exit status %d: %q", got, x.all())
			}
		})
	}
}

// A terminal without Unicode has the questions without accents, one without colour
// the same signs.
func TestFormInPlainCharacters(t *testing.T) {
	x := openTerminal(t, 80, []string{"LANG=C", "NO_COLOR=1"}, "run", writeProfile(t, questions), "--role", "till", "--set", "number=7", "--lang", "fr")
	x.shows("Which colour?", "  2  green  Gruen", "Entree : continuer")
	x.send("\x03")
	x.exit()
	if all := x.all(); strings.Contains(all, "\x1b[3") || strings.ContainsFunc(all, func(r rune) bool { return r >= 0x80 }) {
		t.Errorf("colour or more than ASCII: %q", all)
	}
}

// So has what is said before any question.
func TestMessagesInPlainCharacters(t *testing.T) {
	x := openTerminal(t, 80, []string{"LANG=C"}, "run", writeProfile(t, questions), "--role", "bakery", "--lang", "de")
	x.shows(`das Profil hat keine Rolle "bakery"`)
	x.exit()
	if all := x.all(); strings.ContainsFunc(all, func(r rune) bool { return r >= 0x80 }) {
		t.Errorf("more than ASCII: %q", all)
	}
}

// Of more options than the window has lines, those around the chosen one are shown, and
// the question with them.
func TestFormWithManyOptions(t *testing.T) {
	var options []string
	for n := range 40 {
		options = append(options, fmt.Sprintf("option%d", n))
	}
	x := openTerminal(t, 80, nil, "run", writeProfile(t, `
netcheck: 1
id: many
title: Shop
params: {one: {type: choice, required: true, ask: Which one?, choices: [`+strings.Join(options, ", ")+`]}}
checks: [{id: one, when_set: [one], assert: {param: one, in: [option30]}}]
`), "--quiet")
	x.shows("Which one?", "> option0\n", "Ctrl-C: leave")
	x.send(strings.Repeat(down, 30))
	x.shows("Which one?", "> option30\n", "  option20\n", "Ctrl-C: leave")
	x.send(enter)
	x.shows("one: option30", "Remember")
	x.send(enter)
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
}

// What is typed is written down nowhere, not even where the form's library is told to.
func TestFormIsNotTraced(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	x := openTerminal(t, 80, []string{"TEA_TRACE=" + trace}, "run", writeProfile(t, questions), "--role", "till", "--set", "number=7", "--set", "colour=red", "--set", "parts=sales")
	x.shows("The password of the till")
	x.send("hunter2" + enter)
	x.shows("Is there a sticker?")
	x.send("\x03")
	x.exit()
	if data, err := os.ReadFile(trace); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was written down: %q, %v", data, err)
	}
}

// Who ends the run from elsewhere leaves the terminal as it was, too.
func TestFormIsEnded(t *testing.T) {
	x := openTerminal(t, 80, nil, "run", writeProfile(t, questions))
	x.shows("What is this machine?")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := x.exit(); got != exitInterrupted {
		t.Errorf("exit status %d, not %d:\n%s", got, exitInterrupted, x.all())
	}
	if !x.echoes() || !strings.Contains(x.all(), "\x1b[?25h") {
		t.Errorf("the terminal was left without echo or cursor: %q", x.all())
	}
	if !strings.HasSuffix(x.screen(), "\nnetcheck: interrupted") {
		t.Errorf("the message does not begin its line:\n%s", x.screen())
	}
}

// A command that asks nobody writes nothing but its answer: the form's library is
// there, and must not be seen.
func TestFormIsNotSeenElsewhere(t *testing.T) {
	x := openTerminal(t, 80, nil, "version")
	if got := x.exit(); got != exitOK || !strings.HasPrefix(x.all(), "netcheck ") || strings.Contains(x.all(), "\x1b") {
		t.Errorf("exit status %d: %q", got, x.all())
	}
}
