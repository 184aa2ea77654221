package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report"
)

func newCompletion(s *streams) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script by which a shell completes commands, profiles and values",
		Long: `Print a script by which a shell completes commands, profiles and values.
bash needs the bash-completion package for it, loaded before the script.`,
		Example: `  bash:        source <(netcheck completion bash)
  zsh:         netcheck completion zsh > "${fpath[1]}/_netcheck"
  fish:        netcheck completion fish > ~/.config/fish/completions/netcheck.fish
  PowerShell:  netcheck completion powershell | Out-String | Invoke-Expression`,
		Args:      arguments(1, 1, "the name of a shell"),
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(s.out, true)
			case "zsh":
				return root.GenZshCompletion(s.out)
			case "fish":
				return root.GenFishCompletion(s.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(s.out)
			}
			return usagef("no completion for %q", args[0]).withHint("%s", didYouMean(args[0], shells, "there is: "+strings.Join(shells, ", ")))
		},
	}
}

// completeProfiles offers the built-in profiles; where none fits, the shell
// offers files.
func completeProfiles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, id := range profiles.Builtin() {
		if slices.Contains(args, id) {
			continue
		}
		word := id
		if p, err := profiles.OpenBuiltin(id, kinds()); err == nil {
			word += "\t" + product(p, "en")
		}
		words = append(words, word)
	}
	return words, cobra.ShellCompDirectiveDefault
}

// note is what a shell shows beside a word that it offers.
func note(t value.Text) string { return "\t" + report.Clean(t.In("en")) }

// profileOf is the profile on a command line that is being completed, if there
// is one that loads.
func profileOf(args []string) *profiles.Profile {
	if len(args) == 0 || args[0] == "-" {
		return nil
	}
	p, err := newStreams(strings.NewReader(""), io.Discard, io.Discard, nil, false).load(context.Background(), args[0], false)
	if err != nil {
		return nil
	}
	return p
}

// completeSet offers the profile's parameters, then the values of one.
func completeSet(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	p := profileOf(args)
	if p == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var words []string
	name, _, values := strings.Cut(typed, "=")
	for _, param := range p.Params {
		switch {
		case param.Secret: // never on a command line
		case !values:
			words = append(words, param.Name+"="+note(param.Ask))
		case param.Name == name && param.Type == "bool":
			words = append(words, name+"=true", name+"=false")
		case param.Name == name:
			for _, c := range param.Choices {
				words = append(words, name+"="+c.ID+note(c.Title))
			}
			if len(param.Choices) == 0 && param.Example != "" {
				words = append(words, name+"="+param.Example)
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func completeRole(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	if p := profileOf(args); p != nil {
		for _, r := range p.Roles {
			words = append(words, r.ID+note(r.Title))
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completeSelection offers the ids of checks, and features.
func completeSelection(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	p := profileOf(args)
	if p == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, f := range p.Features {
		words = append(words, f.ID+note(f.Title))
	}
	for _, d := range p.Declared {
		words = append(words, d.ID+note(d.Title))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completeAnswer offers both answers to each check that asks a person.
func completeAnswer(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	if p := profileOf(args); p != nil {
		for _, d := range p.Declared {
			if d.Kind == "attest" {
				words = append(words, d.ID+"=yes"+note(d.Title), d.ID+"=no"+note(d.Title))
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
