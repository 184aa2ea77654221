package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

func newExplain(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain a cause that a report names",
		Long: `Explain a cause that a report names: what it means, how netcheck knows, what it
can be confused with, what to do and who must act. Without a code: list them; with
the part before the dot: list those of it.`,
		Example: "  netcheck explain tcp.filtered",
		Args:    arguments(0, 1, "a code"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return codes(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				s.listCodes(codes())
				return nil
			}
			lang := s.languageOf(c)
			code := strings.ToLower(args[0])
			e, ok := i18n.Explain(lang, result.Code(code))
			if family := slices.DeleteFunc(codes(), func(c string) bool { return !strings.HasPrefix(c, strings.TrimSuffix(code, ".")+".") }); !ok && len(family) > 0 {
				s.listCodes(family)
				return nil
			}
			if !ok {
				return wrong("cli.no-code", i18n.Data{"Code": args[0]}).advised(closest(likelyCode(code), codes(), sentence{key: "cli.codes"}))
			}
			width := min(s.width(s.out), 100)
			s.line(code)
			for _, p := range e.Parts(lang) {
				s.line("\n" + p.Heading + "\n" + wrap(p.Text, "  ", "  ", width))
			}
			return nil
		},
	}
}

// likelyCode is the code of which only the part after the dot was typed, else
// what was typed.
func likelyCode(typed string) string {
	for _, c := range codes() {
		if _, name, _ := strings.Cut(c, "."); name == typed {
			return c
		}
	}
	return typed
}

func codes() []string {
	var all []string
	for _, c := range result.Codes() {
		all = append(all, string(c))
	}
	return all
}

// listCodes prints codes, a layer to a paragraph.
func (s *streams) listCodes(all []string) {
	layer, line := "", ""
	for _, c := range all {
		if l, _, _ := strings.Cut(c, "."); l != layer {
			if line != "" {
				fmt.Fprintln(s.out, line)
			}
			layer, line = l, ""
		}
		if line != "" && len(line)+2+len(c) > min(s.width(s.out), 100) {
			fmt.Fprintln(s.out, line)
			line = "  " + c
			continue
		}
		if line != "" {
			line += "  "
		}
		line += c
	}
	fmt.Fprintln(s.out, line)
}
