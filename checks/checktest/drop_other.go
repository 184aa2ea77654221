//go:build !linux

package checktest

func drop(*World, []string) error { return unavailable("drop") }
