//go:build linux

package lab

import (
	"fmt"
	"slices"
	"strings"
)

// verb is what a line of a case's world may say.
type verb struct {
	name  string // its first word, or words
	usage string // what follows, and what it means
	stage stage
	do    func(w *World, args []string) error
}

// stage is when a verb is done: all of one before any of the next.
type stage int

const (
	shape stage = iota // before the world stands
	know               // names and authorities, which servers bear
	serve              // servers, and what healthy networks have
	harm               // faults
)

// verbs lists them. A new one is a line in the list of its file.
func verbs() []verb {
	return slices.Concat(
		shapeVerbs(), serviceVerbs(), nameVerbs(), tlsVerbs(), webVerbs(), ftpVerbs(),
		filterVerbs(), routeVerbs(), talkVerbs(), upgradeVerbs(), sshVerbs(), middleVerbs(), daemonVerbs(), inboundVerbs(), outsideVerbs(), strangerVerbs(),
	)
}

// usage is what each verb takes and means, one a line.
func usage(verbs []verb) string {
	var b strings.Builder
	for _, v := range verbs {
		fmt.Fprintf(&b, "\t%s %s\n", v.name, v.usage)
	}
	return b.String()
}

type call struct {
	verb verb
	args []string
	line string
}

// parse reads a world, one verb a line. # begins a remark.
func parse(lines string) ([]call, error) {
	known := verbs()
	var calls []call
	for line := range strings.Lines(lines) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		i := slices.IndexFunc(known, func(v verb) bool {
			name := strings.Fields(v.name)
			return len(words) >= len(name) && slices.Equal(words[:len(name)], name)
		})
		if i < 0 {
			return nil, fmt.Errorf("no verb for %q; there are:\n%s", strings.TrimSpace(line), usage(known))
		}
		calls = append(calls, call{known[i], words[len(strings.Fields(known[i].name)):], strings.TrimSpace(line)})
	}
	return calls, nil
}

func (w *World) run(calls []call, at stage) error {
	for _, c := range calls {
		if c.verb.stage != at {
			continue
		}
		if err := c.verb.do(w, c.args); err != nil {
			return fmt.Errorf("%s: %w (usage: %s %s)", c.line, err, c.verb.name, c.verb.usage)
		}
	}
	return nil
}
