package checktest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"netcheck/internal/servers"
)

// ftpVerb starts an FTP server: ftp PORT [OPTION]…. Its options are
// servers.FTP's; tls=VARIANT gives it a certificate as tls has them.
func ftpVerb(w *World, args []string) error {
	if len(args) == 0 {
		return errors.New("no port")
	}
	s := &servers.FTP{User: "till", Password: "pa55word", Says: map[string]string{}}
	address := ""
	port := []string{args[0]}
	for _, a := range args[1:] {
		if v, ok := strings.CutPrefix(a, "tls="); ok {
			port = append(port, strings.Split(v, ",")...)
			continue
		}
		if v, ok := strings.CutPrefix(a, "on="); ok {
			address, port = v, append(port, a)
			continue
		}
		if known, err := s.Option(a); err != nil || !known {
			return fmt.Errorf("%s is not known (%v)", a, err)
		}
	}
	l, config, err := w.listenTLS(port)
	if err != nil {
		return err
	}
	if len(port) > 1 && port[1] != "on="+address {
		s.TLS = config
	}
	s.Listen = func() (net.Listener, error) { return listenOn(address, 0) }
	w.ftps[portOf(l.Addr())] = s
	w.Serve(l, s.Serve)
	return nil
}

// ftpAt is the server on a port.
func (w *World) ftpAt(arg string) (*servers.FTP, error) {
	number, err := port(arg)
	if s := w.ftps[number]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("no FTP server on %s (%v)", arg, err)
}

// ftpSays gives a server other words: ftp-says PORT PLACE TEXT.
func ftpSays(w *World, args []string) error {
	args, _, err := on(args, 3)
	if err != nil {
		return err
	}
	s, err := w.ftpAt(args[0])
	if err == nil {
		s.Say(args[1], args[2])
	}
	return err
}

// ftpFile gives a server a file: ftp-file PORT NAME AGE [dir].
func ftpFile(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("wanted a port, a name and an age")
	}
	s, err := w.ftpAt(args[0])
	if err != nil {
		return err
	}
	at, err := ago(args[2])
	s.Keep(servers.FTPFile{Name: args[1], Time: at, Dir: len(args) > 3})
	return err
}

// folderVerb makes a folder with files: folder $DIR NAME=AGE….
func folderVerb(w *World, args []string) error {
	if len(args) == 0 {
		return errors.New("no variable")
	}
	dir := w.T.TempDir()
	for _, a := range args[1:] {
		name, age, _ := strings.Cut(a, "=")
		path := filepath.Join(dir, name)
		at, err := ago(age)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, "/") {
			err = os.Mkdir(path, 0o755)
		} else {
			err = os.WriteFile(path, nil, 0o644)
		}
		if err == nil {
			err = os.Chtimes(path, at, at)
		}
		if err != nil {
			return err
		}
	}
	return w.Define(args[0], filepath.ToSlash(dir))
}

// ago is the time of an age; -1h is to come.
func ago(age string) (time.Time, error) {
	d, err := time.ParseDuration(age)
	return time.Now().Add(-d), err
}
