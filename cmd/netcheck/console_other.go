//go:build !windows

package main

// prepareConsole has nothing to do: a terminal that can't draw says so in TERM.
func prepareConsole(...any) (draw bool, restore func()) { return true, func() {} }

// systemLanguage is unknown beyond the environment.
func systemLanguage() string { return "" }
