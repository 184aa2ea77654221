package talk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"netcheck/report/result"
)

// maxListing bounds what is read of an SFTP server in all: a directory of some
// hundred thousand files.
const maxListing = 32 << 20

// SFTP is a server's files, to be looked at and never changed. It ends with its
// session.
type SFTP struct {
	session *SSHSession
	client  *sftp.Client
}

// SFTP starts the subsystem of that name; after the login.
func (s *SSHSession) SFTP(ctx context.Context) (*SFTP, error) {
	defer context.AfterFunc(ctx, s.giveUp)()
	s.wire.left.Store(maxListing)
	f := &SFTP{session: s}
	channel, err := s.client.NewSession()
	if err != nil {
		no, ok := errors.AsType[*ssh.OpenChannelError](err)
		if !ok {
			return nil, f.wrong(ctx, err)
		}
		return nil, f.wrong(ctx, &SSHError{result.FailSFTP, fmt.Errorf("the server opens no channel: %s", s.clean(no.Message))})
	}
	in, err := channel.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := channel.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := channel.RequestSubsystem("sftp"); err != nil {
		return nil, f.wrong(ctx, &SSHError{result.FailSFTP, errors.New("the server refuses SFTP")})
	}
	if f.client, err = sftp.NewClientPipe(out, in); err != nil {
		// Its file server is not there, or what the login prints, such as a
		// greeting in a shell's start-up file, is in the way.
		return nil, f.wrong(ctx, &SSHError{result.FailSFTP, fmt.Errorf("the server starts something else than SFTP, or nothing: %s", s.clean(err.Error()))})
	}
	return f, nil
}

// Stat looks at a file or directory. Not there is fs.ErrNotExist, not allowed
// fs.ErrPermission.
func (f *SFTP) Stat(ctx context.Context, path string) (fs.FileInfo, error) {
	defer context.AfterFunc(ctx, f.session.giveUp)()
	info, err := f.client.Stat(path)
	return info, f.wrong(ctx, err)
}

// List lists a directory. Its names are the server's: Clean them before they
// are shown.
func (f *SFTP) List(ctx context.Context, path string) ([]fs.FileInfo, error) {
	defer context.AfterFunc(ctx, f.session.giveUp)()
	infos, err := f.client.ReadDirContext(ctx, path)
	return infos, f.wrong(ctx, err)
}

// wrong names an error of the file server's, or of the connection where that
// has ended.
func (f *SFTP) wrong(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	broke := f.session.wire.broken()
	said, ok := errors.AsType[*sftp.StatusError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(broke, errFlood):
		return errFlood
	case broke != nil:
		return &SSHError{failureOf(broke), broke}
	case errors.Is(err, os.ErrNotExist):
		return &SSHError{result.FailMissing, os.ErrNotExist}
	case errors.Is(err, os.ErrPermission):
		return &SSHError{result.FailForbidden, os.ErrPermission}
	case ok:
		return &SSHError{result.FailSFTP, fmt.Errorf("the server says: %s", f.session.clean(said.Error()))}
	}
	if own, ok := errors.AsType[*SSHError](err); ok {
		return own
	}
	return &SSHError{result.FailSFTP, errors.New(f.session.clean(err.Error()))}
}
