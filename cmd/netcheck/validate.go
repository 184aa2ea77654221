package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newValidate(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE...",
		Short: "Tell every mistake in profiles",
		Long: `Tell every mistake in profiles, each with its line and column. Nothing is
contacted. "-" is stdin.`,
		Example:           "  netcheck validate shop.yaml",
		Args:              arguments(1, -1, "a file"),
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, files []string) error {
			var errs []error
			for _, file := range files {
				p, err := s.load(c.Context(), file, false)
				if err != nil {
					errs = append(errs, err)
					continue
				}
				fmt.Fprintf(s.out, "%s: valid: %s, %s\n", file, count(len(p.Declared), "check"), count(len(p.Params), "parameter"))
			}
			return errors.Join(errs...)
		},
	}
}

// count is a number of things, in words.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
