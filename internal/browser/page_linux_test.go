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

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"netcheck/report/i18n"
)

// onScreen looks at pages in each language, on a desk and on a phone, by day
// and by night.
func onScreen(t *testing.T, w *window) {
	for _, lang := range i18n.Languages() {
		for name, page := range pages(t, lang) {
			if lang != "en" && name != "mixed" && name != "swept" {
				continue // the longest say enough of a language's longer words
			}
			t.Run(name+"."+lang, func(t *testing.T) {
				w.look(t, 1100, "light", "")
				at := w.show(t, page)
				ask[bool](t, w, unfold)
				backgrounds := map[string]string{}
				for _, width := range []int64{1100, 360} {
					for _, scheme := range []string{"light", "dark"} {
						w.look(t, width, scheme, "")
						where := name + "." + lang + "-" + strconv.FormatInt(width, 10) + "-" + scheme
						for _, fault := range ask[[]string](t, w, faint) {
							t.Errorf("%s: %s", where, fault)
						}
						for _, fault := range ask[[]string](t, w, tooWide) {
							t.Errorf("%s: %s", where, fault)
						}
						backgrounds[scheme] = ask[string](t, w, `getComputedStyle(document.body).backgroundColor`)
						w.picture(t, where)
					}
				}
				if backgrounds["light"] == backgrounds["dark"] {
					t.Error("light and dark are the same")
				}
				w.quiet(t, at)
			})
		}
	}
}

// quiet fails if the page has asked for anything but itself, or the browser has
// complained of it.
func (w *window) quiet(t *testing.T, at string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.requests, []string{at}) {
		t.Errorf("it asked for %q", w.requests)
	}
	if len(w.complaints) > 0 {
		t.Errorf("the browser says %q", w.complaints)
	}
}

const unfold = `(() => { document.querySelectorAll('details').forEach(d => d.open = true); return true })()`

// faint lists the texts that stand out too little from what is behind them, by
// the ratios that WCAG 2.2 asks for at its level AA.
const faint = `(() => {
	const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b }
	const parse = s => { const n = s.match(/[\d.]+/g).map(Number); return { rgb: n.slice(0, 3), opaque: n.length < 4 || n[3] === 1, clear: n.length > 3 && n[3] === 0 } }
	const faults = []
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let n; n = walk.nextNode();) {
		const e = n.parentElement, style = getComputedStyle(e)
		if (!n.data.trim() || !e.checkVisibility() || ['TITLE', 'title', 'desc'].includes(e.tagName)) continue
		const ink = parse(e instanceof SVGElement ? style.fill : style.color)
		let behind
		for (let p = e; p && !behind; p = p.parentElement) {
			const b = parse(getComputedStyle(p).backgroundColor)
			if (b.opaque) behind = b
			else if (!b.clear) faults.push('a background that is half clear: ' + p.tagName)
		}
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700
		const [a, b] = [light(ink.rgb), light(behind ? behind.rgb : [255, 255, 255])].sort((x, y) => y - x)
		const ratio = (a + .05) / (b + .05)
		if (!ink.opaque || ratio < (large ? 3 : 4.5)) faults.push(ratio.toFixed(2) + ': ' + n.data.trim().slice(0, 40))
	}
	return faults
})()`

// tooWide lists what reaches beyond the window, or out of its picture, and is
// not in a frame that scrolls by itself.
const tooWide = `(() => {
	const faults = [], wide = document.documentElement.clientWidth
	if (document.documentElement.scrollWidth > wide) faults.push('the page scrolls sideways: ' + document.documentElement.scrollWidth)
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange()
	for (let n; n = walk.nextNode();) {
		const e = n.parentElement
		if (!n.data.trim() || !e.checkVisibility() || e.closest('.scroll, .skip, thead')) continue
		range.selectNodeContents(n)
		const box = range.getBoundingClientRect()
		if (box.width && (box.right > wide + .5 || box.left < -.5)) faults.push('beyond the window: ' + n.data.trim().slice(0, 40))
		const svg = e.closest('svg')
		if (svg && !e.closest('title, desc')) {
			const own = e.getBoundingClientRect(), frame = svg.getBoundingClientRect()
			if (own.left < frame.left - .5 || own.right > frame.right + .5 || own.bottom > frame.bottom + .5) faults.push('out of the picture: ' + n.data)
			for (const other of svg.querySelectorAll('text')) {
				const o = other.getBoundingClientRect()
				if (other !== e && o.left < own.right - .5 && own.left < o.right - .5 && o.top < own.bottom - 2 && own.top < o.bottom - 2) faults.push('on each other: ' + n.data + ', ' + other.textContent)
			}
		}
	}
	return faults
})()`

// byEar is how who hears a page instead of seeing it finds its way: by landmarks
// and headings, by the heads of tables, and with the picture in words; also on a
// phone, where tables are laid out otherwise.
func byEar(t *testing.T, w *window) {
	for _, width := range []int64{1100, 360} {
		for name, page := range pages(t, "en") {
			t.Run(name+"-"+strconv.FormatInt(width, 10), func(t *testing.T) {
				w.look(t, width, "light", "")
				w.show(t, page)
				tree, err := chromedp.Call(w.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
				if err != nil {
					t.Fatal(err)
				}
				roles := map[string]int{}
				for _, n := range tree.Nodes {
					if n.Ignored {
						continue
					}
					role, label := said(n.Role), said(n.Name)
					roles[role]++
					switch role {
					case "image", "img":
						if said(n.Description) == "" {
							t.Errorf("a picture without words: %q", label)
						}
					}
					if named := []string{"heading", "link", "image", "img", "region", "navigation", "article"}; slices.Contains(named, role) && strings.TrimSpace(label) == "" {
						t.Errorf("a %s without a name", role)
					}
				}
				for _, fault := range ask[[]string](t, w, steps) {
					t.Error(fault)
				}
				want := map[string]int{"banner": 1, "main": 1, "navigation": 1, "contentinfo": 1, "heading": 5, "table": 2, "columnheader": 4, "rowheader": 2, "link": 4, "region": 3, "article": 1}
				if name == "swept" {
					want["image"] = 3
				}
				for role, least := range want {
					if roles[role] < least {
						t.Errorf("%d of %s, want %d at least; there are %v", roles[role], role, least, roles)
					}
				}
				for _, landmark := range []string{"banner", "main", "navigation", "contentinfo"} {
					if roles[landmark] > 1 {
						t.Errorf("%d of %s", roles[landmark], landmark)
					}
				}
			})
		}
	}
}

// steps lists the headings that leave out a level.
const steps = `(() => {
	const all = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(h => h.checkVisibility())
	return all.filter((h, i) => +h.tagName[1] > (i ? +all[i - 1].tagName[1] : 0) + 1).map(h => h.tagName + ' ' + h.innerText)
})()`

func said(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// byKeyboard is for who uses no mouse: the first key brings them past the head
// of the page, and it is to be seen where they are.
func byKeyboard(t *testing.T, w *window) {
	w.look(t, 1100, "dark", "")
	w.show(t, pages(t, "en")["swept"])
	if err := chromedp.Do(w.ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
		t.Fatal(err)
	}
	const focus = `(() => { const e = document.activeElement, b = e.getBoundingClientRect(), s = getComputedStyle(e);
		return [e.className, b.left >= 0 && b.top >= 0 && b.width > 20 && b.height > 10, s.outlineStyle, parseFloat(s.outlineWidth) >= 2].join() })()`
	if got := ask[string](t, w, focus); got != "skip,true,solid,true" {
		t.Errorf("after the first Tab: %s", got)
	}
	if err := chromedp.Do(w.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	if got := ask[string](t, w, `document.activeElement.id`); got != "main" {
		t.Errorf("the first link leads to %q", got)
	}
	reached := map[string]bool{}
	for range 60 {
		if err := chromedp.Do(w.ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatal(err)
		}
		reached[ask[string](t, w, `document.activeElement.tagName + ' ' + (getComputedStyle(document.activeElement).outlineStyle !== 'none')`)] = true
	}
	for _, want := range []string{"A true", "SUMMARY true", "DIV true"} {
		if !reached[want] {
			t.Errorf("no key reaches %s: %v", want, reached)
		}
	}
}

// inMail is a table of rules that was copied into a mail, and stays a table: as
// text it has a tab between cells and a line for each rule, and it is paper also
// by night.
func inMail(t *testing.T, w *window) {
	w.look(t, 1100, "dark", "")
	w.show(t, pages(t, "en")["swept"])
	const copied = `(() => { const s = getSelection(); s.selectAllChildren(document.querySelector('.rules table')); return s.toString() })()`
	lines := strings.Split(strings.TrimSpace(ask[string](t, w, copied)), "\n")
	var rules []string
	for _, l := range lines {
		if strings.Count(l, "\t") >= 2 {
			rules = append(rules, l)
		}
	}
	if len(rules) < 4 || !strings.HasPrefix(rules[0], "No.\tFrom\tTo\tProtocol\tPorts\tDirection\tWhy") {
		t.Errorf("copied it is %q", lines)
	}
	for _, want := range []string{"*.live.example", "\tTCP\t9500-9999\toutgoing: allow\t", "seen at 198.51.100.40"} {
		if !strings.Contains(strings.Join(lines, "\n"), want) {
			t.Errorf("no %q in %q", want, lines)
		}
	}
	const paper = `[...document.querySelectorAll('.rules th, .rules td')].every(c => getComputedStyle(c).color === 'rgb(26, 31, 38)')`
	if !ask[bool](t, w, paper) {
		t.Error("by night a copy would have bright letters on a mail's white")
	}
}

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

// hostile is a report that somebody has written to attack its reader: it asks
// for nothing and runs nothing.
func hostile(t *testing.T, w *window) {
	saved, err := os.ReadFile("../../report/testdata/json/mixed.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, evil := range []string{
		`<img src=x onerror=console.log(1)>`, `</title><script>console.log(1)</script>`, `\"><svg onload=console.log(1)>`, `<iframe src=https://evil.example/>`, `<link rel=stylesheet href=https://evil.example/>`, `<meta http-equiv=refresh content=0;url=https://evil.example/>`,
	} {
		text := string(saved)
		for _, s := range []string{"Shop service", "Licence server", "Kitchen printer", "Order transfer", "Example till", "The till locks itself after 30 days.", "netcheck\"", "till-1"} {
			text = strings.ReplaceAll(text, s, strings.TrimSuffix(s, "\"")+evil+map[bool]string{true: "\""}[strings.HasSuffix(s, "\"")])
		}
		w.look(t, 1100, "light", "")
		at := w.show(t, page(t, []byte(text), "en"))
		w.quiet(t, at)
		if got := ask[int](t, w, `document.querySelectorAll('script, img, iframe, link, object').length`); got > 0 {
			t.Errorf("%s: %d elements of its own", evil, got)
		}
	}
}

// A validator finds nothing to object to.
func TestPageIsValid(t *testing.T) {
	tidy := tool(t, "tidy")
	for _, lang := range i18n.Languages() {
		for name, page := range pages(t, lang) {
			c := exec.CommandContext(t.Context(), tidy, "-quiet", "-errors", "-utf8")
			c.Stdin = strings.NewReader(string(page))
			if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s.%s: %v\n%s", name, lang, err, out)
			}
		}
	}
}
