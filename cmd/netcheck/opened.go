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
	file := "" // the report's, once it is being written
	folder, err := o.writable()
	if err != nil {
		s.message("%s", sentence{"form.opened.nowhere", i18n.Data{"Reason": reason(err)}}.in(s.lang))
	} else {
		args = append(args, "--output", filepath.Join(folder, openedName(ref, time.Now())))
		s.claim = func(name string) (_ string, err error) {
			file, err = unused(name)
			return file, err
		}
		if _, err := os.Stat(filepath.Join(o.folder, siteFile)); err != nil {
			s.here = folder // where it can be written as well
		}
	}
	status := s.execute(args, restore)
	if file != "" {
		s.openReport(o, file)
	}
	s.keepWindow()
	return status
}

// openReport shows a report that was written. The window has it, too, for a till
// without a browser.
func (s *streams) openReport(o opening, file string) {
	if _, err := os.Stat(file); err != nil {
		return // it could not be written, as was said
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

// openedName is what a report's file is called: after the profile's id, of one
// that can't be loaded after its file, and after the day.
func openedName(ref string, now time.Time) string {
	profile := strings.TrimSuffix(filepath.Base(ref), filepath.Ext(ref))
	if data, err := readBounded(ref); err == nil {
		if p, err := profiles.Load(ref, data, kinds(), codes()...); err == nil {
			profile = p.ID
		}
	}
	return "netcheck-" + profile + "-" + now.Format(time.DateOnly) + ".html"
}

// writable is the folder for the report: beside the program if possible. What
// tries it does not stay: a window may be closed at any question, and an empty
// report would be taken for one.
func (o opening) writable() (folder string, err error) {
	err = fs.ErrNotExist
	for _, folder := range []string{o.folder, o.documents, o.temporary} {
		if folder == "" {
			continue
		}
		var f *os.File
		if f, err = os.CreateTemp(folder, ".netcheck-*"); err == nil {
			return folder, errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}
	return "", err
}

// unused creates a file that is about to be written, under a name that no other
// has: a second report of the day has a number, and so has that of a second
// window.
func unused(file string) (string, error) {
	const most = 999 // reports of a profile in a day
	ext := filepath.Ext(file)
	name, err := file, error(nil)
	for n := 2; n <= most+1; n++ {
		var f *os.File
		if f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err == nil {
			return name, f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			break // nor would another name do
		}
		name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(file, ext), n, ext)
	}
	return "", &unwrittenError{file, reason(err)}
}
