//go:build !linux

package checktest

func etcVerb(*World, []string) error { return unavailable("an /etc for this test alone") }
