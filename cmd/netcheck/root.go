package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"netcheck/profiles/value"
	"netcheck/report/i18n"
)

// run is the whole command: everything but the process around it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	draw, restore := prepareConsole(stdout, stderr)
	defer restore()
	s := newStreams(stdin, stdout, stderr, os.Environ(), draw)
	if len(args) == 0 || len(args) == 1 && isYAML(args[0]) { // what a double click, or a file dropped on the program, gives
		if o, ok := doubleClicked(); ok && s.mayAsk() && isTerminal(stdout) {
			return s.runOpened(o, args, restore)
		}
	}
	return s.execute(args, restore)
}

// execute runs one command; restore is called when it is interrupted.
func (s *streams) execute(args []string, restore func()) int {
	ctx, stop := interruptible(context.Background(), restore)
	defer stop()

	root := newRoot(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if lost := s.out.lost(); lost != nil {
		err = errors.Join(lost, err)
	}
	if err != nil {
		s.failure(err)
	}
	return exitStatus(err)
}

const about = `netcheck tests, where you stand, whether a product's network needs are met:
ports, names, certificates, services. A profile says what the product needs; the
report says what fails, where on the path, and what to do about it.

  netcheck demo            see it at work: no internet needed, nothing to set up
  netcheck list            the products it knows
  netcheck run PROFILE     check one of them, or a profile of your own`

// newRoot is the command tree.
func newRoot(s *streams) *cobra.Command {
	languages := i18n.Languages()
	cobra.EnableCommandSorting = false // the first that one needs comes first
	cobra.MousetrapHelpText = ""       // a double click is no mistake: see opened.go
	root := &cobra.Command{
		Use:               "netcheck",
		Short:             "tests whether a product's network needs are met",
		Long:              about,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              cobra.ArbitraryArgs, // so that RunE words the error
	}
	root.RunE = helpOrUnknown
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetVersionTemplate("netcheck {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", min(s.width(s.out), 100))))
	root.PersistentFlags().String("lang", "", "`language` of reports and questions: "+strings.Join(languages, ", ")+" (default the system's)")
	must(root.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions(languages, cobra.ShellCompDirectiveNoFileComp)))
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if l, _ := c.Flags().GetString("lang"); l != "" && !slices.Contains(languages, languageTag(l)) {
			return usagef("--lang: no texts in %q", l).withHint("there are: %s", strings.Join(languages, ", "))
		}
		s.lang = s.languageOf(c)
		return nil
	}

	root.AddGroup(
		&cobra.Group{ID: "check", Title: "Check:"},
		&cobra.Group{ID: "profile", Title: "Profiles:"},
		&cobra.Group{ID: "more", Title: "More:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("check", newRun(s), newStandin(s), newDemo(s), newReport(s), newFirewall(s), newExplain(s))
	add("profile", newList(s), newShow(s), newValidate(s), newNew(s), newSchema(s))
	add("more", newVantage(s), newCompletion(s), newVersion(s))
	root.SetHelpCommand(&cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about any command",
		GroupID: "more",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 && c.HasSubCommands() {
				return unknownCommand(c, rest[0])
			}
			return c.Help()
		},
	})
	return root
}

// must stops a programmer's mistake in the command tree; the tests build it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// helpOrUnknown is what a command does that only holds others.
func helpOrUnknown(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	return unknownCommand(c, args[0])
}

// unknownCommand says what may have been meant: a command, or a profile to run.
func unknownCommand(c *cobra.Command, word string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	err := usagef("unknown command %q", word)
	if !c.HasParent() && isProfile(word) {
		return err.withHint("to run the profile: netcheck run %s", word)
	}
	if n := value.Closest(word, names); n != "" {
		return err.withHint("did you mean %s %s?", c.CommandPath(), n)
	}
	return err.withHint("the commands are: %s", strings.Join(names, ", "))
}

// flagError words what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	help := "the flags: " + c.CommandPath() + " --help"
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		word := e.GetSpecifiedName()
		if len(word) == 1 {
			return usagef("unknown flag -%s", word).withHint("%s", help)
		}
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return usagef("unknown flag --%s", word).withHint("%s", didYouMean("--"+word, names, help))
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		kind := e.GetFlag().Value.Type()
		wrong := usagef("--%s: %q is not %s", e.GetFlag().Name, e.GetValue(), article(kind))
		if kind == "duration" {
			return wrong.withHint("a duration is such as 500ms, 5s or 2m")
		}
		return wrong
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef("--%s needs a value", e.GetSpecifiedName()).withHint("%s", help)
	}
	return usagef("%v", err)
}

// article names a flag's type in a sentence.
func article(kind string) string {
	switch kind {
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	}
	return "a " + kind
}

// arguments checks how many arguments a command was given; what names them.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		name := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
		switch {
		case len(args) < least:
			return usagef("%s needs %s", name, what).withHint("usage: %s", c.UseLine())
		case most >= 0 && len(args) > most:
			return usagef("%s: unexpected argument %q", name, args[most]).withHint("usage: %s", c.UseLine())
		}
		return nil
	}
}

// languageOf is the language of a command's texts.
func (s *streams) languageOf(c *cobra.Command) string {
	if l, _ := c.Flags().GetString("lang"); l != "" {
		return languageTag(l) // it_CH is meant as it
	}
	return s.language()
}
