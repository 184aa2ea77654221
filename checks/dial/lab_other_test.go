//go:build !linux

package dial

// answerQuestion belongs to the lab, which needs network namespaces.
func answerQuestion() int { return 1 }
