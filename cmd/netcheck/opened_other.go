//go:build !windows

package main

// doubleClicked is never so where a double click opens no window for what a
// program prints.
func doubleClicked() (opening, bool) { return opening{}, false }
