package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// window is netcheck opened by a double click: the system's part is the test's, all
// else is as on Windows.
type window struct {
	*terminal
	status chan int
	opened chan string // what the system was asked to open
}

func openWindow(t *testing.T, o opening, dropped ...string) *window {
	t.Helper()
	x, slave := newTerminal(t, 100)
	w := &window{x, make(chan int, 1), make(chan string, 1)}
	refuses := o.open
	o.open = func(file string) error {
		w.opened <- file
		if refuses != nil {
			return refuses(file)
		}
		return nil
	}
	s := newStreams(slave, slave, slave, []string{"TERM=xterm-256color", "LANG=de_AT.UTF-8"}, true)
	go x.watch()
	go func() {
		w.status <- s.runOpened(o, dropped, func() {})
		slave.Close()
	}()
	return w
}

// ends presses Enter in the window, and waits for its end.
func (w *window) ends(t *testing.T, want int) {
	t.Helper()
	w.shows("Enter schließt dieses Fenster.")
	w.send("\r")
	select {
	case got := <-w.status:
		if got != want {
			t.Errorf("exit status %d, not %d:\n%s", got, want, w.screen())
		}
	case <-time.After(patience):
		t.Fatalf("the window stays open:\n%s", w.screen())
	}
}

const beside = `
netcheck: 1
id: roma
title: {en: The shop in Rome, de: Der Laden in Rom}
params: {n: {type: int, required: true, ask: {en: How many tills?, de: Wie viele Kassen?}}}
checks: [{id: n, when_set: [n], assert: {param: n, min: 1}}]
`

// A double click offers what lies beside the program and what is built in, asks,
// runs, keeps the report as a page, and opens it.
func TestDoubleClick(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "rom.yaml", beside)
	put(t, folder, "notes.txt", "none of ours")
	put(t, folder, siteFile, "netcheck-site: 1\nvalues: {other: 1}\n")
	w := openWindow(t, opening{folder: folder})
	w.shows("Welches Profil?", "> 1  rom.yaml", "Der Laden in Rom", "passcom", "Passepartout Mexal")
	if strings.Contains(w.screen(), siteFile) || strings.Contains(w.screen(), "notes") {
		t.Errorf("what is no profile is offered:\n%s", w.screen())
	}
	w.send(enter)
	w.shows("netcheck: rom.yaml", "Wie viele Kassen?")
	w.send("3" + enter)
	w.shows("für das nächste Mal")
	w.send("j")
	w.shows("Der Bericht, zum Aufheben und Verschicken:")
	w.ends(t, exitOK)

	want := filepath.Join(folder, "netcheck-roma-"+time.Now().Format(time.DateOnly)+".html")
	if got := <-w.opened; got != want {
		t.Errorf("opened %s, not %s", got, want)
	}
	if page := read(t, want); !strings.Contains(page, "<html") || !strings.Contains(page, `lang="de"`) {
		t.Errorf("the report is no page in German: %.200s", page)
	}
	if got := read(t, filepath.Join(folder, siteFile)); !strings.Contains(got, "roma:") {
		t.Errorf("the answers are not beside the program: %s", got)
	}
}

// A window that is closed at a question, which no program survives, leaves nothing
// behind; and what another window has written meanwhile stays.
func TestWindowThatIsClosed(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "rom.yaml", beside)
	w := openWindow(t, opening{folder: folder})
	w.shows("Welches Profil?")
	w.send(enter)
	w.shows("Wie viele Kassen?")
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("more than the profile is there: %v, %v", left, err)
	}
	name := "netcheck-roma-" + time.Now().Format(time.DateOnly)
	other := put(t, folder, name+".html", "of the other window")
	w.send("3" + enter)
	w.shows("für das nächste Mal")
	w.send("n")
	w.ends(t, exitOK)
	if got := read(t, other); got != "of the other window" {
		t.Errorf("it was written over: %.100s", got)
	}
	if page := read(t, filepath.Join(folder, name+"-2.html")); !strings.Contains(page, "<html") {
		t.Errorf("the report is no page: %.200s", page)
	}
}

// A profile that is dropped on the program is run. One with a mistake says so, and
// the window stays; no empty report does.
func TestDroppedProfile(t *testing.T) {
	folder := t.TempDir()
	profile := put(t, t.TempDir(), "mine.yaml", "netcheck: 1\nid: mine\nchecks: [{id: n, tpc: {}}]\n")
	w := openWindow(t, opening{folder: folder}, profile)
	w.shows("mine.yaml:3:")
	w.ends(t, exitUsage)
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("something is left: %v, %v", left, err)
	}
	if len(w.opened) > 0 {
		t.Errorf("%s was opened", <-w.opened)
	}
}

// A till without a browser has the report in the window, and its file's name.
func TestReportThatCannotBeOpened(t *testing.T) {
	folder := t.TempDir()
	profile := put(t, t.TempDir(), "rom.yaml", strings.ReplaceAll(beside, "required: true", "default: 3"))
	w := openWindow(t, opening{folder: folder, open: func(string) error { return errors.New("no program for .html") }}, profile)
	w.shows("Er lässt sich hier nicht öffnen: no program for .html", "netcheck-roma-")
	w.ends(t, exitOK)
	if !strings.Contains(w.all(), "Der Laden in Rom") {
		t.Errorf("the window lacks the report:\n%s", w.screen())
	}
}

// Who leaves the choice with Ctrl-C wants the window gone.
func TestLeavingTheWindow(t *testing.T) {
	w := openWindow(t, opening{folder: t.TempDir()})
	w.shows("Welches Profil?")
	w.send("\x03")
	select {
	case got := <-w.status:
		if got != exitInterrupted {
			t.Errorf("exit status %d, not %d", got, exitInterrupted)
		}
	case <-time.After(patience):
		t.Fatalf("the window stays open:\n%s", w.screen())
	}
}

// A report lies beside the program, else where its user may write; none that is
// there already is written over.
func TestReportsName(t *testing.T) {
	day := time.Date(2026, 11, 22, 8, 0, 0, 0, time.Local)
	one, other, missing := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "missing")
	put(t, one, "netcheck-shop-2026-11-22.html", "the first")
	name := openedName(filepath.Join(missing, "shop.yaml"), day)
	for _, want := range []string{"netcheck-shop-2026-11-22-2.html", "netcheck-shop-2026-11-22-3.html"} {
		if got, err := unused(filepath.Join(one, name)); err != nil || got != filepath.Join(one, want) {
			t.Errorf("%s, %v, not %s", got, err, want)
		}
	}
	if read(t, filepath.Join(one, name)) != "the first" {
		t.Error("the first was written over")
	}
	if got, err := unused(filepath.Join(missing, name)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s, %v", got, err)
	}
	for _, o := range []opening{{folder: other, documents: one}, {folder: missing, documents: other}, {folder: missing, temporary: other}} {
		if got, err := o.writable(); err != nil || got != other {
			t.Errorf("%s, %v, not %s", got, err, other)
		}
	}
	if left, err := os.ReadDir(other); err != nil || len(left) > 0 {
		t.Errorf("something is left: %v, %v", left, err)
	}
	if got, err := (opening{folder: missing}).writable(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s, %v", got, err)
	}
}

// put writes a file, and returns its path.
func put(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
