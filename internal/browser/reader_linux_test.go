//go:build amd64 || arm64

package browser_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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
