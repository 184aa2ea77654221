//go:build amd64 || arm64

// Package browser looks at the pages that netcheck writes as their readers do:
// in a real browser, on a screen, on a phone and on paper, by eye and by ear. It
// is made of tests alone, of which none leaves the machine.
//
// They need Debian's chromium, tidy and poppler-utils, and skip where one is
// missing; NETCHECK_LAB=require makes that a failure. PAGE_PICTURES=FOLDER keeps
// what they saw as pictures.
package browser_test

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"netcheck/report"
	"netcheck/report/diagnosis"
)

// tool is a program of the path.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

// window is a browser that shows one page after the other, and keeps what these
// asked for and complained of.
type window struct {
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

// TestPage looks at the pages in one browser, which takes longer to start than
// to look.
func TestPage(t *testing.T) {
	path := tool(t, "chromium")
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute) // it takes seconds; a busy machine takes its time
	t.Cleanup(stop)
	// It finds no host by name and looks for nothing by itself.
	ctx, stop = chromedp.NewExecAllocator(ctx, append(
		chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
	)...)
	t.Cleanup(stop)
	browser, stop := chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(browser); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, *window){
		"screen": onScreen, "ear": byEar, "keyboard": byKeyboard, "mail": inMail, "paper": onPaper, "hostile": hostile,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t, browser)) })
	}
}

// open opens a window of the browser, which is closed with the test.
func open(t *testing.T, browser context.Context) *window {
	t.Helper()
	w := &window{}
	var stop context.CancelFunc
	w.ctx, stop = chromedp.NewContext(browser)
	t.Cleanup(stop)
	if err := chromedp.Listen(w.ctx, w.heed); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// heed keeps what the page asks for and complains of.
func (w *window) heed(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.requests = append(w.requests, e.Request.URL)
	case *log.EventEntryAdded:
		w.complaints = append(w.complaints, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		w.complaints = append(w.complaints, "it wrote to the console, so it has a script")
	case *runtime.EventExceptionThrown:
		w.complaints = append(w.complaints, e.ExceptionDetails.Text)
	}
}

// show opens a page from a file, as a double click does, and returns its
// address.
func (w *window) show(t *testing.T, page []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	w.requests, w.complaints = nil, nil
	w.mu.Unlock()
	at := (&url.URL{Scheme: "file", Path: file}).String()
	if err := chromedp.Do(w.ctx, chromedp.Navigate(at)); err != nil {
		t.Fatal(err)
	}
	return at
}

// look sets how wide the window is and what its user prefers; "" as a medium is
// the screen.
func (w *window) look(t *testing.T, width int64, scheme, medium string) {
	t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.EmulateViewport(width, 900)); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ask has the page answer a question in its own language. The page's policy
// forbids scripts of its own, and not these.
func ask[T any](t *testing.T, w *window, question string) T {
	t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](question))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// picture keeps what is to be seen, if anybody wants it.
func (w *window) picture(t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("PAGE_PICTURES")
	if folder == "" {
		return
	}
	b, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	keep(t, name+".png", b)
}

func keep(t *testing.T, name string, b []byte) {
	t.Helper()
	if folder := os.Getenv("PAGE_PICTURES"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// pages are the sample reports of package report, by name.
func pages(t *testing.T, lang string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../report/testdata/json/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no reports", err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(f), ".json")] = page(t, b, lang)
	}
	return all
}

// page is a saved report as a page in a language.
func page(t *testing.T, saved []byte, lang string) []byte {
	t.Helper()
	r, err := report.Read(bytes.NewReader(saved))
	if err != nil {
		t.Fatal(err)
	}
	diagnosis.Diagnose(r, lang)
	var b bytes.Buffer
	if err := report.HTML(&b, r, report.Options{Lang: lang}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
