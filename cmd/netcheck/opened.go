package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"netcheck/profiles"
	"netcheck/report/i18n"
)

// opening is netcheck opened by a double click: in a window that closes with it,
// by somebody who has typed nothing. What the system has to do for it is here,
// so that the rest can be tried on any.
type opening struct {
	folder    string                  // the program's
	documents string                  // the user's; "": there is none
	temporary string                  // for when neither can be written to
	open      func(file string) error // by the program that is there for such files
}

// runOpened offers the profiles, runs the one that is chosen, or the file that
// was dropped on the program, as netcheck run would, opens its report, and
// keeps the window until it has been read.
func (s *streams) runOpened(o opening, dropped []string, restore func()) int {
	s.lang = s.language()
	ref, err := s.chooseOpened(o, dropped, restore)
	if err != nil {
		s.failure(err)
		if !errors.Is(err, errInterrupted) {
			s.keepWindow()
		}
		return exitStatus(err)
	}
	args := []string{"run", ref}
	s.here = o.folder
	file, err := o.reserve(openedName(ref), time.Now())
	if err != nil {
		s.message("%s", sentence{"form.opened.nowhere", i18n.Data{"Reason": reason(err)}}.in(s.lang))
	} else {
		args = append(args, "--output", file)
		if _, err := os.Stat(filepath.Join(o.folder, siteFile)); err != nil {
			s.here = filepath.Dir(file) // where it can be written as well
		}
	}
	status := s.execute(args, restore)
	if file != "" {
		s.openReport(o, file)
	}
	s.keepWindow()
	return status
}

// openReport shows a report that was written, and removes the name that was
// kept for one that was not. The window has it, too, for a till without a
// browser.
func (s *streams) openReport(o opening, file string) {
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		_ = os.Remove(file)
		return
	}
	s.tell("form.opened.report", i18n.Data{"File": file})
	if err := o.open(file); err != nil {
		s.message("%s", sentence{"form.opened.unopened", i18n.Data{"Reason": reason(err)}}.in(s.lang))
	}
}

// keepWindow waits for somebody who has read what is in it.
func (s *streams) keepWindow() {
	fmt.Fprint(s.err, "\n"+s.shown(s.say("form.opened.enter", nil))+" ")
	_, _ = bufio.NewReader(s.in).ReadString('\n')
}

// chooseOpened is the profile to run: the file that was dropped on the program, else
// one of those that lie beside it or are built in.
func (s *streams) chooseOpened(o opening, dropped []string, restore func()) (string, error) {
	if len(dropped) == 1 {
		return dropped[0], nil
	}
	ctx, stop := interruptible(context.Background(), restore)
	defer stop()
	options, err := s.profilesIn(o.folder)
	if err != nil {
		options = nil // the built-in ones can be had all the same
	}
	files := map[string]string{}
	for i := range options {
		path := options[i].id
		options[i].id = filepath.Base(path)
		files[options[i].id] = path
	}
	for _, id := range profiles.Builtin() {
		p, err := profiles.OpenBuiltin(id, kinds())
		if err != nil {
			return "", err
		}
		options = append(options, option{id, product(p, s.lang)})
	}
	who := s.person(s.lang)
	defer who.close()
	answer, err := who.ask(ctx, question{name: "netcheck", ask: s.say("form.profile", nil), kind: anOption, options: options})
	if err != nil {
		return "", err
	}
	if path, ok := files[answer]; ok {
		return path, nil
	}
	return answer, nil
}

// openedName is what a report's file is called after: the profile's id, and of
// one that can't be loaded its file's name.
func openedName(ref string) string {
	if data, err := readBounded(ref); err == nil {
		if p, err := profiles.Load(ref, data, kinds(), codes()...); err == nil {
			return p.ID
		}
	}
	return strings.TrimSuffix(filepath.Base(ref), filepath.Ext(ref))
}

// reserve creates an empty file for the report of a day, beside the program if
// possible. One that exists is never written over: a second report of the day
// has a number.
func (o opening) reserve(profile string, now time.Time) (file string, err error) {
	const most = 999 // reports of a profile in a day
	err = fs.ErrNotExist
	for _, folder := range []string{o.folder, o.documents, o.temporary} {
		if folder == "" {
			continue
		}
		for n := 1; n <= most; n++ {
			name := "netcheck-" + profile + "-" + now.Format(time.DateOnly)
			if n > 1 {
				name += fmt.Sprintf("-%d", n)
			}
			file = filepath.Join(folder, name+".html")
			var f *os.File
			if f, err = os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err == nil {
				return file, f.Close()
			}
			if !errors.Is(err, fs.ErrExist) {
				break // nor would another name do
			}
		}
	}
	return "", err
}
