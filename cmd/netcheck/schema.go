package main

import (
	"github.com/spf13/cobra"

	"netcheck/profiles"
	"netcheck/report"
)

func newSchema(s *streams) *cobra.Command {
	what := []string{"profile", "report"}
	return &cobra.Command{
		Use:   "schema profile|report",
		Short: "Print the JSON Schema of profiles or of reports",
		Long: `Print the JSON Schema (draft 2020-12) of profiles or of saved reports.

An editor that speaks YAML completes a profile with it: save it beside your
profiles and begin each with

  # yaml-language-server: $schema=netcheck.schema.json`,
		Example:   "  netcheck schema profile > netcheck.schema.json",
		Args:      arguments(1, 1, "profile or report"),
		ValidArgs: what,
		RunE: func(_ *cobra.Command, args []string) error {
			switch args[0] {
			case "profile":
				schema, err := profiles.Schema(kinds())
				if err != nil {
					return err
				}
				_, _ = s.out.Write(schema)
			case "report":
				_, _ = s.out.Write(report.Schema())
			default:
				return usagef("no schema of %q", args[0]).withHint("%s", didYouMean(args[0], what, "netcheck schema profile, or netcheck schema report"))
			}
			return nil
		},
	}
}
