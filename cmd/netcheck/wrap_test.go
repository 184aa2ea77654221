package main

import "testing"

func TestWrapKeepsNoBreakSpaces(t *testing.T) {
	want := "    ce poste\n    sort\u00a0; puis"
	if got := wrap("ce poste sort\u00a0; puis", "    ", "    ", 17); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
