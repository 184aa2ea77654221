//go:build amd64 || arm64

package browser_test

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

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
