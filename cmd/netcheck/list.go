package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"netcheck/profiles"
	"netcheck/report"
)

func newList(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in profiles",
		Args:  arguments(0, 0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			lang := s.languageOf(c)
			w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "PROFILE\tPRODUCT\tROLES")
			for _, id := range profiles.Builtin() {
				p, err := profiles.OpenBuiltin(id, kinds())
				if err != nil {
					return err
				}
				var roles []string
				for _, r := range p.Roles {
					roles = append(roles, r.ID)
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", p.ID, product(p, lang), strings.Join(roles, ", "))
			}
			_ = w.Flush() // stdout remembers its error
			return nil
		},
	}
}

// product is a profile's title with the vendor before it, unless it is in it.
func product(p *profiles.Profile, lang string) string {
	title := report.Clean(p.Title.In(lang))
	if p.Vendor == "" || strings.Contains(title, p.Vendor) {
		return title
	}
	return report.Clean(p.Vendor) + " " + title
}
