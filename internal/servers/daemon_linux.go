package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// inside is the first process of a daemon's own namespaces. It puts an /etc, a
// tree and shared memory of its own in place of the machine's, starts the daemon,
// and ends with it, or when its input ends: so at the latest when the test does,
// however that comes about. All else in its PID namespace ends with it. The daemon
// is a user like any other, as some refuse to be root, unless it insists: then it
// has a folder that it can't write to, which some ask for.
const inside = `mount --bind etc /etc && mount --bind tree /srv && mount -t tmpfs none /dev/shm || exit 99
uid=$1
shift
exec 3<&0
if [ "$uid" = 0 ]; then
	mount -t tmpfs -o ro none empty || exit 99
	"$@" </dev/null 3<&- &
else
	unshare --user --map-user="$uid" --map-group="$uid" -- "$@" </dev/null 3<&- &
fi
daemon=$!
(read -r _ <&3; kill -KILL $daemon) &
wait $daemon`

// available tells why a program can't be a daemon here: it or what it needs is
// not installed, or there are no namespaces for users.
func available(program string) error {
	for _, program := range []string{program, "openssl", "unshare", "mount"} {
		if _, err := find(program); err != nil {
			return err
		}
	}
	cmd := exec.Command("true")
	confine(cmd)
	if err := cmd.Run(); err != nil {
		return Missing{"no namespaces here: " + err.Error()}
	}
	return nil
}

func confine(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Setpgid:     true, // an interrupt at the keyboard is for the test alone
	}
}

// Start starts the daemon and returns when it is ready. What it has said is part
// of the error if it never is.
func (d *Daemon) Start(g Ground) (stop func(), err error) {
	if err := available(d.Program); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", d.Program+"-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	if err := d.furnish(dir); err != nil {
		return nil, err
	}
	for _, at := range d.At {
		if c, err := g.Dial(context.Background(), "tcp", at.String()); err == nil {
			c.Close()
			return nil, fmt.Errorf("%s: %w", at, ErrTaken)
		}
	}
	file, err := find(d.Program)
	if err != nil {
		return nil, err
	}
	uid := account
	if d.AsRoot {
		uid = 0
	}
	args := []string{"-c", inside, "sh", fmt.Sprint(uid), file}
	for _, a := range d.Args {
		args = append(args, strings.ReplaceAll(a, "{dir}", dir))
	}
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		return nil, err
	}
	defer said.Close()
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=" + dir, "LANG=C"}
	cmd.Stdout, cmd.Stderr = said, said
	confine(cmd)
	held, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	err = g.Thread(func() error {
		if d.AsRoot {
			if err := pretendRoot(); err != nil {
				return err
			}
		}
		return cmd.Start()
	})
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	end := func() {
		held.Close()
		<-ended
	}
	if err = d.await(g, ended, said.Name()); err != nil {
		end()
		return nil, fmt.Errorf("%s: %w\n%s", d.Program, err, tail(said.Name()))
	}
	return func() {
		end()
		os.RemoveAll(dir)
	}, nil
}

// await waits until the daemon accepts connections, and has said in a file what
// else it must say.
func (d *Daemon) await(g Ground, ended <-chan struct{}, said string) error {
	const (
		patience = 20 * time.Second      // squid on a machine that has much else to do
		pause    = 10 * time.Millisecond // between two tries
	)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(pause)
	defer again.Stop()
	for _, at := range d.At {
		for {
			c, err := g.Dial(ctx, "tcp", at.String())
			if err == nil {
				c.Close()
				break
			}
			select {
			case <-ended:
				return errors.New("it has ended")
			case <-ctx.Done():
				return fmt.Errorf("not ready: %w", err)
			case <-again.C:
			}
		}
	}
	for d.Says != "" {
		text, err := os.ReadFile(said)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), d.Says) {
			break
		}
		select {
		case <-ended:
			return errors.New("it has ended")
		case <-ctx.Done():
			return fmt.Errorf("it has not said %q", d.Says)
		case <-again.C:
		}
	}
	select {
	case <-ended: // it was somebody else who accepted
		return errors.New("it has ended")
	default:
		return nil
	}
}

// furnish writes what the daemon has: its /etc, its configuration, its tree.
func (d *Daemon) furnish(dir string) error {
	etc, err := d.etc()
	if err != nil {
		return err
	}
	for _, sub := range []string{"tree", "empty"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	for base, files := range map[string]map[string]string{"etc": etc, ".": d.Files} {
		for name, text := range files {
			if err := write(filepath.Join(dir, base, name), strings.ReplaceAll(text, "{dir}", dir)); err != nil {
				return err
			}
		}
	}
	for _, f := range d.Tree {
		path := filepath.Join(dir, "tree", f.Path)
		if strings.HasSuffix(f.Path, "/") {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = write(path, f.Text)
		}
		at := time.Now().Add(-f.Age)
		if err = errors.Join(err, os.Chtimes(path, at, at)); err != nil {
			return err
		}
	}
	return nil
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600) // as keys must be
}

// tail is the last that a daemon has said.
func tail(file string) string {
	const most = 4 << 10
	f, err := os.Open(file)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		_, _ = f.Seek(max(0, info.Size()-most), io.SeekStart)
	}
	b, _ := io.ReadAll(io.LimitReader(f, most))
	return string(bytes.TrimSpace(b))
}
