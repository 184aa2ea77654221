package main

import "netcheck/profiles/value"

// didYouMean is the hint for a misspelt word, or otherwise.
func didYouMean(word string, known []string, otherwise string) string {
	if k := value.Closest(word, known); k != "" {
		return "did you mean " + k + "?"
	}
	return otherwise
}
