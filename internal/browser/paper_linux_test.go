//go:build amd64 || arm64

package browser_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// onPaper is a page that is A4 and light: nothing is cut at its edge, and no
// finding is torn apart that fits on a sheet.
func onPaper(t *testing.T, w *window) {
	words := tool(t, "pdftotext")
	const a4 = 688 // what A4 leaves between the margins, in CSS pixels
	for name, page := range pages(t, "en") {
		t.Run(name, func(t *testing.T) {
			w.look(t, a4, "dark", "print")
			w.show(t, page)
			for _, fault := range ask[[]string](t, w, tooWide) {
				t.Error(fault)
			}
			for _, fault := range ask[[]string](t, w, faint) {
				t.Error(fault)
			}
			if got := ask[string](t, w, `getComputedStyle(document.body).backgroundColor`); got != "rgb(255, 255, 255)" {
				t.Errorf("its background is %s", got)
			}
			whole := ask[[][]string](t, w, ends)
			w.look(t, 1100, "dark", "")
			pdf, err := chromedp.Run(w.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
			if err != nil {
				t.Fatal(err)
			}
			keep(t, name+".pdf", pdf)
			boxes := regexp.MustCompile(`/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]`).FindAllSubmatch(pdf, -1)
			if len(boxes) == 0 {
				t.Error("no sheet has a size")
			}
			for _, b := range boxes {
				wide, _ := strconv.ParseFloat(string(b[1]), 64)
				high, _ := strconv.ParseFloat(string(b[2]), 64)
				if wide < 594 || wide > 597 || high < 841 || high > 843 {
					t.Errorf("a sheet of %g × %g points is not A4", wide, high)
				}
			}
			file := t.TempDir() + "/report.pdf"
			if err := os.WriteFile(file, pdf, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), words, file, "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			sheets := strings.Split(string(out), "\f")
			if len(whole) == 0 {
				t.Error("no finding fits on a sheet")
			}
			for _, f := range whole {
				onOne := func(sheet string) bool {
					sheet = strings.Join(strings.Fields(sheet), " ")
					return strings.Contains(sheet, f[0]) && strings.Contains(sheet, f[1])
				}
				if !slices.ContainsFunc(sheets, onOne) {
					t.Errorf("%q is not on one sheet with %q", f[0], f[1])
				}
			}
		})
	}
}

// ends are the first and the last words of each finding that a sheet has room
// for.
const ends = `(() => {
	const words = s => s.replace(/\s+/g, ' ').trim()
	return [...document.querySelectorAll('.finding')].filter(f => f.getBoundingClientRect().height < 950).map(f => {
		const last = [...f.querySelectorAll('dd, .evidence li, .evidence td')].filter(e => e.checkVisibility() && words(e.innerText)).pop()
		return [words(f.querySelector('h3, h4').lastChild.data), words(last.innerText)]
	})
})()`
