package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"netcheck/checks/engine"
	"netcheck/profiles"
	"netcheck/profiles/value"
)

// write puts a profile into a folder of its own.
func writeProfile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const questions = `
netcheck: 1
id: shop
title: Shop
roles:
  server: {title: The server}
  till: {title: The till}
params:
  number: {type: int, required: true, ask: Which store?, example: 42, min: 1, max: 99}
  colour: {type: choice, required: true, choices: {red: {title: Rot}, green: {title: Grün}}, ask: Which colour?}
  parts: {type: choices, required: true, choices: {sales: {title: Sales}, stock: {title: Stock}, loyalty: {title: Loyalty}}, ask: Which parts?}
  password: {type: secret, required: true, ask: The password of the till}
checks:
  - {id: parts, when: {parts: [sales, loyalty]}, assert: {param: parts, in: [sales, loyalty]}}
  - {id: number, assert: {param: number, min: 1}}
  - {id: colour, when: {colour: green}, assert: {param: number, max: 99}}
  - {id: secret, when_set: [password], assert: {param: number, min: 1}}
  - {id: sticker, attest: {ask: Is there a sticker?}}
`

// lineByLine is a terminal on which nothing can be drawn over.
var lineByLine = []string{"TERM=dumb"}

func TestQuestionsOnATerminal(t *testing.T) {
	x := openTerminal(t, 80, lineByLine, "run", writeProfile(t, questions), "--format", "json")
	x.expect("What is this machine?")
	x.expect("till")
	x.expect(": ")
	x.send("tlil\n")
	x.expect("did you mean till?")
	x.send("2\n")

	x.expect("Which store?")
	x.expect("such as 42")
	x.expect("number: ")
	x.send("many\n")
	x.expect("not a whole number")
	x.expect("number: ")
	x.send("\n")
	x.expect("a value is needed")
	x.expect("number: ")
	x.send("7\n")

	x.expect("Which colour?")
	x.expect(": ")
	x.send("green\n")

	x.expect("Which parts?")
	x.expect("  2  stock    Stock")
	x.expect("commas between them: ")
	x.send("1, loyalti\n")
	x.expect("did you mean loyalty?")
	x.expect("commas between them: ")
	x.send("1, Loyalty\n")

	x.expect("The password of the till")
	x.expect("password: ")
	x.send("hunter2\n")

	x.expect("Remember these answers")
	x.expect("[y/n] [no]: ")
	x.send("\n")

	x.expect("Is there a sticker?")
	x.expect("Enter to leave open]: ")
	x.send("maybe\n")
	x.expect("y, n, or Enter")
	x.send("y\n")

	x.expect(`"verdict"`)
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
	if strings.Contains(x.all(), "hunter2") {
		t.Errorf("the secret was shown:\n%s", x.all())
	}
}

func TestNothingIsAskedUnderCI(t *testing.T) {
	for name, test := range map[string]struct {
		env  []string
		args []string
	}{
		"CI":         {env: []string{"CI=true"}},
		"--no-input": {args: []string{"--no-input"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := openTerminal(t, 80, test.env, append([]string{"run", writeProfile(t, questions), "--role", "till"}, test.args...)...)
			x.expect("4 parameters have no value")
			if got := x.exit(); got != exitUsage {
				t.Errorf("exit status %d, not 2", got)
			}
		})
	}
}

// What is said on a terminal breaks between words.
func TestMessagesFitTheWindow(t *testing.T) {
	x := openTerminal(t, 40, nil, "run", writeProfile(t, questions), "--role", "till", "--set", "number=many-of-them-and-more-than-one-line")
	if got := x.exit(); got != exitUsage {
		t.Errorf("exit status %d, not %d:\n%s", got, exitUsage, x.all())
	}
	for line := range strings.Lines(x.all()) {
		if words := strings.Fields(line); len(words) > 1 && len(strings.TrimRight(line, "\r\n")) > 40 {
			t.Errorf("wider than the window: %q", line)
		}
	}
}

// A question can be left by Ctrl-C, and by Ctrl-D where what is typed shows; the
// terminal echoes again.
func TestLeavingAQuestion(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		at   string
		key  string
		want int
	}{
		"Ctrl-C":             {nil, "number: ", "\x03", exitInterrupted},
		"Ctrl-D":             {nil, "number: ", "\x04", exitUsage},
		"Ctrl-C at a secret": {[]string{"--set", "number=7"}, "password: ", "\x03", exitInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"run", writeProfile(t, questions), "--role", "till", "--set", "colour=red", "--set", "parts=sales"}, test.args...)
			x := openTerminal(t, 80, lineByLine, args...)
			x.expect(test.at)
			x.send(test.key)
			if got := x.exit(); got != test.want {
				t.Errorf("exit status %d, not %d:\n%s", got, test.want, x.all())
			}
			if strings.Contains(x.all(), " netcheck: interrupted") {
				t.Errorf("the message does not begin its line:\n%s", x.all())
			}
			if !x.echoes() {
				t.Error("the terminal was left without echo")
			}
		})
	}
}

const waiting = `
netcheck: 1
id: waiting
title: Waiting
params:
  open: {type: port, required: true}
  silent: {type: port, required: true}
checks:
  - {id: quick, tcp: {host: 127.0.0.1, port: "${open}"}}
  - {id: a-check-with-a-long-name-that-waits, udp: {host: 127.0.0.1, port: "${silent}", payload: hello}}
`

// waitingShop opens what the profile above needs, and returns the arguments.
func waitingShop(t *testing.T) []string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return []string{"--set", "open=" + portText(l.Addr()), "--set", "silent=" + portText(c.LocalAddr()), "--timeout", "60s"}
}

// While a run goes on, a few lines say how far it is; Ctrl-C erases them and
// writes what was measured.
func TestProgressAndInterruptOnATerminal(t *testing.T) {
	for name, columns := range map[string]int{"80 columns": 80, "20 columns": 20} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"run", writeProfile(t, waiting)}, waitingShop(t)...)
			x := openTerminal(t, columns, nil, args...)
			x.expect("1 of 2 checks")
			x.expect("a-check-with")
			x.send("\x03")
			x.expect("\x1b[J")
			if got := x.exit(); got != exitInterrupted {
				t.Errorf("exit status %d, not %d:\n%s", got, exitInterrupted, x.all())
			}
			for line := range strings.SplitSeq(x.all(), "\n") {
				if strings.Contains(line, "that-waits") && columns < 40 && strings.Contains(line, "  a-check") {
					t.Errorf("a line is wider than the window: %q", line)
				}
			}
		})
	}
}

// After the checks it is said that what failed is looked at more closely; who
// does not care to wait for it has the report at once.
func TestLookingCloserOnATerminal(t *testing.T) {
	resolver := noNames(t)
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	profile := writeProfile(t, `
netcheck: 1
id: name
title: A name
checks:
  - {id: name, dns: {name: shop.example, type: A}}
`)
	x := openTerminal(t, 80, nil, "run", profile, "--resolver", resolver, "--reference-dns", silent.LocalAddr().String())
	x.expect("1 of 1 check done")
	x.expect("looking closer at what failed")
	x.send("\x03")
	x.expect("\x1b[J")
	x.expect("dns.nxdomain")
	if got := x.exit(); got != exitInterrupted {
		t.Errorf("exit status %d, not %d:\n%s", got, exitInterrupted, x.all())
	}
}

// noNames is a DNS server for which no name exists.
func noNames(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		for b := make([]byte, 512); ; {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			b[2], b[3] = b[2]|0x80, b[3]&0x70|3 // an answer: NXDOMAIN
			_, _ = c.WriteTo(b[:n], from)
		}
	}()
	return c.LocalAddr().String()
}

// A terminal that can't draw, and a quiet run, show no progress.
func TestNoProgress(t *testing.T) {
	for name, test := range map[string]struct {
		env  []string
		args []string
	}{
		"TERM=dumb": {env: []string{"TERM=dumb"}},
		"quiet":     {args: []string{"-q"}},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"run", writeProfile(t, waiting)}, waitingShop(t)...)
			args = append(args, "--timeout", "700ms")
			x := openTerminal(t, 80, test.env, append(args, test.args...)...)
			if got := x.exit(); got != exitInconclusive {
				t.Errorf("exit status %d, not %d:\n%s", got, exitInconclusive, x.all())
			}
			if s := x.all(); strings.Contains(s, "of 2 checks") || strings.Contains(s, "\x1b[J") {
				t.Errorf("it drew: %q", s)
			}
		})
	}
}

// SIGTERM is heeded as Ctrl-C is; whoever asks a second time leaves at once,
// even while the report waits for somebody to read it.
func TestSecondInterruptLeavesAtOnce(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "report.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"run", writeProfile(t, waiting), "--output", pipe}, waitingShop(t)...)
	x := openTerminal(t, 80, nil, args...)
	x.expect("1 of 2 checks")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.expect("\x1b[J")
	x.send("\x03")
	if got := x.exit(); got != exitInterrupted {
		t.Errorf("exit status %d, not %d:\n%s", got, exitInterrupted, x.all())
	}
}

func TestChoosingInAFolder(t *testing.T) {
	profile := writeProfile(t, `
netcheck: 1
id: shop
title: The shop's title
params: {n: {type: int, default: 1}}
checks:
  - {id: n, assert: {param: n, min: 1}}
`)
	x := openTerminal(t, 80, lineByLine, "run", filepath.Dir(profile))
	x.expect("Which profile?")
	x.expect("shop.yaml")
	x.expect("The shop's title")
	x.send("9\n")
	x.expect("a number from 1 to 1")
	x.send("1\n")
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
}

func TestNewAsksBeforeItOverwrites(t *testing.T) {
	for answer, want := range map[string]int{"y\n": exitOK, "n\n": exitUsage, "\n": exitUsage} {
		t.Run(strings.TrimSpace(answer), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "mine.yaml")
			if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			x := openTerminal(t, 80, lineByLine, "new", "--output", path)
			x.expect("exists.")
			x.expect(": ")
			x.send(answer)
			if got := x.exit(); got != want {
				t.Errorf("exit status %d, not %d:\n%s", got, want, x.all())
			}
			data, err := os.ReadFile(path)
			if kept := string(data) == "mine"; err != nil || kept != (want != exitOK) {
				t.Errorf("kept: %t, %v", kept, err)
			}
		})
	}
}

// In a narrow window a long title gives way to how far its check is.
func TestProgressInANarrowWindow(t *testing.T) {
	check := profiles.Check{ID: "range", Item: "till-1", Title: value.Text{"": "All ports of the main server"}}
	p := &progress{
		s:    &streams{},
		plan: &engine.Plan{Checks: []engine.Planned{{Check: check}}}, start: time.Now(),
		finished: make([]bool, 1), left: 1, done: map[int][2]int{0: {120, 65535}},
	}
	for width, want := range map[int]string{
		78: "  All ports of the main server (till-1)  120 of 65,535",
		42: "  All ports of ... (till-1)  120 of 65,535",
		10: "  All p... (till-1)  120 of 65,535", // to be cut at the window's edge
	} {
		if got := p.lines(width)[1]; got != want {
			t.Errorf("%d columns: %q, not %q", width, got, want)
		}
	}
	p.counts = true // of a redacted run no check is named
	if got := p.lines(78); len(got) != 1 || !strings.HasPrefix(got[0], "0 of 1 check done") {
		t.Errorf("of a redacted run: %q", got)
	}
}
