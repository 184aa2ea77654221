package report

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"netcheck/report/result"
)

// RedactLevels lists what can be taken out of a report before it is handed on.
// What is secret is never in one.
func RedactLevels() []string { return []string{RedactSite} }

// RedactSite replaces what tells whose network it is: addresses inside it and its
// own public ones, names of machines and such as mean something there alone, what
// was given as parameters, paths and users. What else the profile itself names stays.
const RedactSite = "site"

// MinRedactKey is how long a key must be: a shorter one could be found by trying,
// and with it, since a network has not many addresses, what was replaced.
const MinRedactKey = 16

// Redactor replaces by pseudonyms. They are made from what they stand for and a
// key, so that with one key the same stands for the same in every report, and
// without the key nobody can tell what for. A pseudonym is of the same sort as what it
// stands for: an address is an address of the same range, in the same networks
// with the same neighbours, and a name is a name, so that a report that was
// redacted can still be diagnosed, compared and merged.
type Redactor struct {
	key   []byte
	level string
	hosts *hosts // of all reports that it knows
}

// NewRedactor makes a redactor. Without a key it takes one that nobody knows: what
// this one redacts is comparable with nothing that another redacts.
func NewRedactor(level string, key []byte) (*Redactor, error) {
	switch {
	case level != RedactSite:
		return nil, fmt.Errorf("there is no level %q; the levels are: %s", level, strings.Join(RedactLevels(), ", "))
	case key == nil:
		key = make([]byte, 32)
		rand.Read(key)
	case len(key) < MinRedactKey:
		return nil, fmt.Errorf("the key is too short: it must have %d bytes or more", MinRedactKey)
	}
	return &Redactor{key: key, level: level, hosts: newHosts()}, nil
}

// Know takes into account what a report says of names, for others that are to be
// read beside it: a name that was found inside the network in one of them is the
// site's in all of them, also where it was not found any more.
func (x *Redactor) Know(r *result.Report) {
	if r.Redacted == nil {
		x.hosts.read(r)
	}
}

// Redact takes out of a report what its level says. A report that was redacted
// already stays as it is. What a diagnosis said is to be said again afterwards: of
// lists that are in the order of addresses the order changes.
func (x *Redactor) Redact(r *result.Report) error {
	if r.Redacted != nil {
		return nil
	}
	// Checks of one declaration share what they were declared with: as they would
	// be read from a file, each has its own.
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	own := new(result.Report)
	if err := json.Unmarshal(b, own); err != nil {
		return err
	}
	*r = *own
	x.Know(r)
	of := newRedaction(x.key, r, x.hosts)
	of.report(r)
	r.Redacted = &result.Redacted{Level: x.level, Key: hex.EncodeToString(of.mac("key")[:4])}
	return nil
}
