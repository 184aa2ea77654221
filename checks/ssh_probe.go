package checks

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// Probe greets, and goes on as far as the check says.
func (c *sshCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	v := c.sshAccount.visit(ctx, t)
	defer v.close()
	if v.door != nil {
		ctx = engine.Via(ctx, v.door.proxy)
	}
	err := v.err
	if err == nil && (c.SFTP || c.Path != "") && v.session != nil {
		err = c.look(ctx, t, v)
	}
	out := engine.Outcome{Results: v.results, Code: v.code}
	switch {
	case err != nil:
		if v.code != "" {
			out.Detail = err.Error()
		}
		return out, err
	case v.doubt != "":
		out.Verdict, out.Detail = result.Inconclusive, v.doubt
	default:
		if v.exposed != "" {
			out.Code = result.KeyExposed
			v.remarks = append([]string{v.exposed}, v.remarks...)
		}
		warn(&out, v.remarks, []*here{v.here})
	}
	return out, nil
}

// look starts SFTP, and looks at the path.
func (c *sshCheck) look(ctx context.Context, t *engine.Trace, v *sshVisit) error {
	files, err := v.sftp(ctx, t)
	if err != nil || c.Path == "" {
		return err
	}
	return t.Step(ctx, result.OpStat, func(ctx context.Context, s *engine.Step) error {
		v.note(s)
		s.Set("file.path", c.Path)
		info, err := files.Stat(ctx, c.Path)
		if err != nil {
			return v.fail(fmt.Errorf("%s: %w", c.Path, err))
		}
		s.Set("file.kind", kindOfFile(info.Mode()))
		if !info.ModTime().IsZero() {
			s.Set("file.modified", info.ModTime().UTC().Format(time.RFC3339))
		}
		if !info.IsDir() {
			s.Set("file.size", info.Size())
			return nil
		}
		// A directory may be there, and yet not be open to this user.
		list, err := files.List(ctx, c.Path)
		if err != nil {
			return v.fail(fmt.Errorf("%s: %w", c.Path, err))
		}
		s.Set("file.entries", len(list))
		return nil
	})
}

// kindOfFile is what a path is.
func kindOfFile(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "directory"
	case m.IsRegular():
		return "file"
	}
	return "other"
}

// sftp starts file transfer; after the login.
func (v *sshVisit) sftp(ctx context.Context, t *engine.Trace) (files *talk.SFTP, err error) {
	err = t.Step(ctx, result.OpSubsystem, func(ctx context.Context, s *engine.Step) error {
		v.note(s)
		s.Set("ssh.subsystem", "sftp")
		s.Set("user.name", talk.Clean(v.account.User, 64))
		files, err = v.session.SFTP(ctx)
		return v.fail(err)
	})
	return files, err
}
