package checks

import (
	"errors"
	"path"
	"time"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

var freshKind = engine.Kind{
	Name: "fresh",
	Doc:  "the newest of some files is young enough, on this machine or on a server",
	Example: `- id: updates
  title: Updates for the tills
  fresh: {ftp: {host: ftp.example.com, port: 21, user: "${ftp_user}", password: "${ftp_password}", directory: /updates}, pattern: "*.zip", warn_age: 3d, max_age: 5d}`,
	New: func() engine.Prober { return &freshCheck{} },
}

// freshCheck is where files are, and how old the newest may be.
type freshCheck struct {
	Path    string         `yaml:"path" doc:"on this machine: a file, a folder, or a pattern such as C:/export/*.csv"`
	FTP     *ftpServer     `yaml:"ftp" doc:"on an FTP server: the files of its directory"`
	SSH     *sftpFolder    `yaml:"ssh" doc:"on an SSH server, by SFTP: the files of a directory"`
	Pattern string         `yaml:"pattern" default:"*" doc:"which files of the folder count, such as *.csv"`
	WarnAge value.Duration `yaml:"warn_age" doc:"the age from which on the newest file is worth a warning, such as 3d"`
	MaxAge  value.Duration `yaml:"max_age" doc:"the age from which on the newest file is too old, such as 5d; left out, it is enough that there is one"`
}

// sftpFolder is a directory of an SSH server.
type sftpFolder struct {
	sshAccount `yaml:",inline"`
	Directory  string `yaml:"directory" doc:"the directory; left out, the one that the login leads to"`
}

func (c *freshCheck) String() string {
	switch {
	case c.FTP != nil:
		return c.FTP.String() + path.Join("/", c.FTP.Directory, c.Pattern)
	case c.SSH != nil:
		return c.SSH.String() + path.Join("/", c.SSH.Directory, c.Pattern)
	case c.Pattern != "":
		return path.Join(c.Path, c.Pattern)
	}
	return c.Path
}

// Endpoints are what it connects to; of files here there are none.
func (c *freshCheck) Endpoints() []engine.Endpoint {
	switch {
	case c.FTP != nil:
		return c.FTP.Endpoints()
	case c.SSH != nil:
		return c.SSH.Endpoints()
	}
	return nil
}

// Targets counts the server; files are no targets.
func (c *freshCheck) Targets() int { return 1 }

func (c *freshCheck) Validate() error {
	var errs []error
	wrong := func(field, message, hint string) {
		errs = append(errs, &engine.FieldError{Field: field, Message: message, Hint: hint})
	}
	given := 0
	for _, there := range []bool{c.Path != "", c.FTP != nil, c.SSH != nil} {
		if there {
			given++
		}
	}
	switch {
	case given == 0:
		wrong("path", "missing: which files?", "path: on this machine; ftp or ssh: on a server")
	case given > 1:
		wrong("path", "one of path, ftp and ssh: a check looks at one place", "")
	}
	if c.SSH != nil {
		errs = append(errs, c.SSH.validate())
		if c.SSH.Host != "" && c.SSH.User == "" {
			wrong("ssh", "no file is seen without a user to log in as", "")
		}
	}
	if c.FTP != nil {
		errs = append(errs, c.FTP.validate())
		if c.FTP.Host != "" && c.FTP.User == "" {
			wrong("ftp", "no file is seen without a user to log in as", "")
		}
	}
	if _, err := path.Match(c.Pattern, ""); err != nil {
		wrong("pattern", "is no pattern of file names", "such as *.csv")
	}
	if w, m := time.Duration(c.WarnAge), time.Duration(c.MaxAge); w > 0 && m > 0 && w >= m {
		wrong("warn_age", "is not below max_age: nothing would ever be a warning", "")
	}
	return errors.Join(errs...)
}
