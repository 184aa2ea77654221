package servers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Daemon is a real server, such as OpenSSH's, from this machine's packages: no
// server of ours misbehaves as these do. It has an /etc of its own, and so
// accounts, passwords and host names of its own, and it takes whoever started
// it with it: nothing of it is left when its test has ended.
//
// In Args, and in what Files and Etc say, {dir} stands for a folder that is its
// own. What it has to show is at /srv.
type Daemon struct {
	Program string            // the name of its file
	Args    []string          // how it stays in the foreground
	Files   map[string]string // in its folder: what it is to do
	Etc     map[string]string // in its /etc, beside accounts and host names
	Tree    []File            // what it has to show, at /srv
	User    Account           // whom it lets in
	Hosts   []string          // lines of its hosts file, beside localhost's
	At      []netip.AddrPort  // it is ready when these accept
	Says    string            // and it has said this; "": they are all
	AsRoot  bool              // it insists on being root
}

// Account is a user and a password.
type Account struct{ Name, Password string }

// File is a file that was written so long ago. A path that ends in a slash is a
// folder.
type File struct {
	Path string
	Age  time.Duration
	Text string
}

// Ground is where a daemon is started: on this machine, or in a namespace.
type Ground struct {
	Thread func(f func() error) error // runs f on a thread that ends with it
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

// Loopback is this machine as it is.
var Loopback = Ground{
	Thread: func(f func() error) error {
		err := make(chan error)
		go func() {
			runtime.LockOSThread() // never unlocked: what f made of the thread is for nobody else
			err <- f()
		}()
		return <-err
	},
	Dial: new(net.Dialer).DialContext,
}

// Missing says why a daemon can't run here; its test is skipped.
type Missing struct{ Why string }

// ErrTaken is that another server has the daemon's port.
var ErrTaken = errors.New("somebody listens there already")

func (m Missing) Error() string { return m.Why }

// Signer gives a server a certificate, spoilt as the variant says, and whom it is
// to believe about its clients.
type Signer func(variant string) (tls.Certificate, *Authority, error)

// pem is a certificate with its key, and the authority's, as files have them.
func (by Signer) pem(variant string) (cert, ca string, err error) {
	c, a, err := by(variant)
	if err != nil {
		return "", "", err
	}
	cert, err = PEM(c)
	return cert, string(a.PEM()), err
}

// sbin is where systems keep servers; it is in few users' PATH.
var sbin = []string{"/usr/sbin", "/usr/local/sbin", "/sbin"}

// find is the program's file.
func find(program string) (string, error) {
	if file, err := exec.LookPath(program); err == nil {
		return file, nil
	}
	for _, dir := range sbin {
		if file, err := exec.LookPath(dir + "/" + program); err == nil {
			return file, nil
		}
	}
	return "", Missing{program + " is not installed"}
}

// anyWords are what every daemon may be told.
const anyWords = "[user=NAME:PASSWORD] [file=PATH[@AGE]]... [host=NAME:ADDRESS]..."

// shop is the account of a daemon that is told of no other.
var shop = Account{"shop", "sesame"}

// word takes one of the words that every daemon knows, and tells whether it did.
func (d *Daemon) word(w string) (bool, error) {
	key, value, _ := strings.Cut(w, "=")
	switch key {
	case "user":
		var ok bool
		if d.User.Name, d.User.Password, ok = strings.Cut(value, ":"); !ok {
			return true, errors.New("a user and a password")
		}
	case "file":
		path, age, _ := strings.Cut(value, "@")
		f := File{Path: path, Text: path + "\n"}
		if age != "" {
			var err error
			if f.Age, err = time.ParseDuration(age); err != nil {
				return true, err
			}
		}
		d.Tree = append(d.Tree, f)
	case "host":
		name, address, _ := strings.Cut(value, ":")
		if _, err := netip.ParseAddr(address); err != nil {
			return true, err
		}
		d.Hosts = append(d.Hosts, address+" "+name)
	default:
		return false, nil
	}
	return true, nil
}

// words reads a daemon's words: its own by these, and those that all have.
func (d *Daemon) words(words []string, own func(key, value string) (bool, error)) error {
	for _, w := range words {
		ok, err := d.word(w)
		if !ok && err == nil {
			key, value, _ := strings.Cut(w, "=")
			ok, err = own(key, value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", w, err)
		}
		if !ok {
			return fmt.Errorf("%s knows no %q", d.Program, w)
		}
	}
	return nil
}

// tree is where a daemon finds what it has to show: there is such a folder on
// every Linux, and its own is put in its place.
const tree = "/srv"

// account is the user that a daemon which is not root runs as, and lets in.
const account = 1000

// etc is what the daemon has as /etc.
func (d *Daemon) etc() (map[string]string, error) {
	hash, err := d.User.hash()
	if err != nil {
		return nil, err
	}
	const anyone = "auth required pam_unix.so nodelay\naccount required pam_permit.so\nsession required pam_permit.so\n"
	u := d.User.Name
	files := map[string]string{
		"passwd":        fmt.Sprintf("root:x:0:0::/:/bin/sh\n%s:x:%d:%[2]d::%[3]s:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n", u, account, tree),
		"group":         fmt.Sprintf("root:x:0:\n%s:x:%d:\nnogroup:x:65534:\n", u, account),
		"shadow":        fmt.Sprintf("root:*:1::::::\n%s:%s:1::::::\n", u, hash),
		"hosts":         strings.Join(slices.Concat([]string{"127.0.0.1 localhost", "::1 localhost"}, d.Hosts), "\n") + "\n",
		"nsswitch.conf": "hosts: files\n",
		"resolv.conf":   "",
		"pam.d/other":   anyone,
	}
	for name, text := range d.Etc {
		files[name] = text
	}
	return files, nil
}

// hash is the password as shadow and .htpasswd have it.
func (a Account) hash() (string, error) {
	openssl, err := find("openssl")
	if err != nil {
		return "", err
	}
	cmd := exec.Command(openssl, "passwd", "-6", "-stdin")
	cmd.Stdin = strings.NewReader(a.Password + "\n")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("openssl passwd: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
