package checks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// maxPEM is far more than any chain and key need.
const maxPEM = 1 << 20

// own reads this machine's certificate and its key, as a step; nil where the
// check names none. What is wrong with the files is a finding about this
// machine, since the product would fail by it too: with the error comes the
// outcome that says so.
func (f *trust) own(ctx context.Context, t *engine.Trace) (cert *tls.Certificate, out engine.Outcome, err error) {
	if f.ClientCert == "" {
		return nil, out, nil
	}
	err = t.Step(ctx, result.OpInspect, func(_ context.Context, s *engine.Step) error {
		s.Set("file.path", talk.Clean(f.ClientCert, 300))
		c, err := loadPair(f.ClientCert, f.ClientKey)
		if denied, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(err, fs.ErrPermission) {
			// As it should be, if it is another's: only its owner can tell.
			out.Verdict, out.Detail = result.Inconclusive, "whoever runs netcheck may not read "+talk.Clean(denied.Path, 300)
			return nil
		}
		if err != nil {
			out.Code, out.Detail = result.KeyUnreadable, talk.Clean(err.Error(), 300)
			if errors.Is(err, fs.ErrNotExist) {
				out.Code = result.KeyMissing
			}
			return engine.Failed(result.FailTLSClientFile, errors.New(out.Detail))
		}
		s.Set("tls.client.subject", talk.Clean(c.Leaf.Subject.String(), 200))
		s.Set("tls.client.issuer", talk.Clean(c.Leaf.Issuer.String(), 200))
		s.Set("tls.client.not_after", c.Leaf.NotAfter.UTC().Format(time.RFC3339))
		cert = c
		return nil
	})
	return cert, out, err
}

// ownRemarks is what is odd about the certificate that goes to a server: it
// ends, or nobody wants to see it, as where a device on the way has taken out
// the server's wish.
func ownRemarks(cert *tls.Certificate, h *talk.Hello, now time.Time) (remarks []string) {
	if cert == nil {
		return nil
	}
	if till := cert.Leaf.NotAfter; now.After(till) {
		remarks = append(remarks, "the client certificate expired on "+till.UTC().Format(time.DateOnly))
	} else if till.Sub(now) < soon(cert.Leaf) {
		remarks = append(remarks, "the client certificate expires on "+till.UTC().Format(time.DateOnly))
	}
	if h != nil && !h.Wanted {
		remarks = append(remarks, "the server does not ask for the client certificate")
	}
	return remarks
}

// loadPair reads a certificate and its key; keyFile may be the same file, or
// left out. Its errors show nothing of what is in them.
func loadPair(certFile, keyFile string) (*tls.Certificate, error) {
	chain, err := readPEM(certFile)
	if err != nil {
		return nil, fmt.Errorf("the client certificate %w", err)
	}
	key := chain
	if keyFile != "" {
		if key, err = readPEM(keyFile); err != nil {
			return nil, fmt.Errorf("the key of the client certificate %w", err)
		}
	}
	if locked(key) {
		return nil, errors.New("the key of the client certificate is encrypted with a password: netcheck needs it without one")
	}
	c, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("the client certificate and its key: %s", strings.TrimPrefix(err.Error(), "tls: "))
	}
	if c.Leaf == nil {
		if c.Leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return nil, errors.New("the client certificate is none")
		}
	}
	return &c, nil
}

// readPEM reads a file. Its errors go on after "the file".
func readPEM(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() { // a pipe or a device would be waited for
		return nil, fmt.Errorf("is no file: %s", name)
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, absent("is not there: " + name)
	case err != nil:
		return nil, fmt.Errorf("can't be read: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxPEM+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("can't be read: %s", name)
	case len(b) > maxPEM:
		return nil, fmt.Errorf("is longer than a certificate can be: %s", name)
	}
	return b, nil
}

// absent says that a file is not there, and no more of what the system says.
type absent string

func (a absent) Error() string { return string(a) }
func (absent) Unwrap() error   { return fs.ErrNotExist }

// locked tells whether a key is encrypted: PKCS #8 says so by its type, older
// files by a header.
func locked(b []byte) bool {
	for {
		block, rest := pem.Decode(b)
		if block == nil {
			return false
		}
		if strings.HasPrefix(block.Type, "ENCRYPTED") || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return true
		}
		b = rest
	}
}
