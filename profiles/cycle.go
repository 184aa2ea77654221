package profiles

import (
	"slices"
	"strings"
)

// arrows writes a way, of a long one both ends.
func arrows(way []string) string {
	if len(way) > 10 {
		way = slices.Concat(way[:5], []string{"…"}, way[len(way)-4:])
	}
	return strings.Join(way, " → ")
}

// cycle is a way from a name back to itself, or nil.
func cycle(names []string, edges map[string][]string) []string {
	done := make(map[string]bool) // no way from here leads back
	at := make(map[string]int)    // where on the way, from 1
	var way []string
	var walk func(name string) []string
	walk = func(name string) []string {
		switch {
		case done[name], len(edges[name]) == 0:
			return nil
		case at[name] > 0:
			return append(way[at[name]-1:], name)
		}
		way = append(way, name)
		at[name] = len(way)
		for _, next := range edges[name] {
			if found := walk(next); found != nil {
				return found
			}
		}
		way, at[name], done[name] = way[:len(way)-1], 0, true
		return nil
	}
	for _, name := range names {
		if found := walk(name); found != nil {
			return found
		}
	}
	return nil
}
