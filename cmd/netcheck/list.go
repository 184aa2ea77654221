package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"netcheck/profiles"
	"netcheck/report"
	"netcheck/report/i18n"
)

func newList(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in profiles",
		Args:  arguments(0, 0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			lang, width := s.languageOf(c), min(s.width(s.out), 100)
			ids := profiles.Builtin()
			column := 0
			for _, id := range ids {
				column = max(column, len(id)+2)
			}
			for _, id := range ids {
				p, err := profiles.OpenBuiltin(id, kinds())
				if err != nil {
					return err
				}
				var roles []string
				for _, r := range p.Roles {
					roles = append(roles, r.ID)
				}
				margin := strings.Repeat(" ", column)
				s.line(wrap(product(p, lang), fmt.Sprintf("%-*s", column, id), margin, width))
				s.line(wrap(s.say("cli.roles", i18n.Data{"Roles": strings.Join(roles, ", ")}), margin, margin, width))
			}
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
