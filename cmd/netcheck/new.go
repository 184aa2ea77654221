package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"netcheck/profiles"
	"netcheck/report/i18n"
)

func newNew(s *streams) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "new",
		Short: "Write a commented profile to start from",
		Example: `  netcheck new > shop.yaml
  netcheck new --output shop.yaml`,
		Args: arguments(0, 0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			skeleton := []byte(profiles.Skeleton())
			if output == "" || output == "-" {
				_, _ = s.out.Write(skeleton)
				return nil
			}
			if _, err := os.Lstat(output); !errors.Is(err, fs.ErrNotExist) {
				if err := s.mayOverwrite(c, output); err != nil {
					return err
				}
			}
			err := writeFile(output, func(w io.Writer) error {
				_, err := w.Write(skeleton)
				return err
			})
			if err != nil {
				return err
			}
			s.message("wrote %s; when you have changed it: netcheck validate %s", output, output)
			return nil
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "`file` to write instead of stdout; an existing one is kept")
	return c
}

// mayOverwrite asks before a file is replaced; where nobody can be asked, it
// is kept.
func (s *streams) mayOverwrite(c *cobra.Command, file string) error {
	if !s.mayAsk() {
		return usagef("%s exists and is kept", file).withHint("choose another name, or remove it first")
	}
	who := s.person(s.lang)
	defer who.close()
	answer, err := who.ask(c.Context(), question{name: filepath.Base(file), ask: s.say("form.replace", i18n.Data{"File": file}), kind: yesNo, was: "no"})
	if err != nil {
		return err
	}
	if answer != "yes" {
		return usagef("%s is kept", file)
	}
	return nil
}
