package machine

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// URLGroup is what programs serve on a port that Windows' own web server
// (http.sys) holds for them: to the table of sockets it is all the kernel's.
type URLGroup struct {
	URLs      []string // as registered: HTTP://+:8080/SERVICE/
	Processes []Owner  // those known, of which a Name may be hidden
}

// ServiceState is what http.sys tells of all that it serves.
type ServiceState []byte

// HTTPServices asks http.sys once, for all ports. The state is empty where
// there is no http.sys, or where it says nothing.
func HTTPServices(ctx context.Context, environ []string) ServiceState {
	return serviceState(ctx, environ)
}

// On lists what is served on a port.
func (s ServiceState) On(port uint16) []URLGroup {
	groups := fromServiceState(s, port)
	for _, g := range groups {
		for i, p := range g.Processes {
			if o, err := ownerOf(Socket{PID: p.PID}); err == nil && p.Name == "" {
				g.Processes[i] = o
			}
		}
	}
	return groups
}

var (
	urlLine = regexp.MustCompile(`(?i)^\s+(https?://(?:\[[^\]]*\]|[^/:\s]*):(\d{1,5})(?::[^/\s]*)?(?:/\S*)?)\s*$`)
	// Older systems have the number alone, newer ones "ID: 4796, image: NAME",
	// in their own language. What has a number alone after a colon is a setting.
	processLine = regexp.MustCompile(`^( +)(?:(\d{1,10})|[^\s:,]+ ?: ?(\d{1,10}), [^:]+: ?(\S.*?))\s*$`)
)

// queueIndent is by how much the processes of a queue stand further in than
// the queue itself.
const queueIndent = 8

// fromServiceState reads what "netsh http show servicestate" prints, by queues
// or by sessions: queues with their processes, and below them the URLs. The
// words are in the system's language, so that only the form counts.
func fromServiceState(out []byte, port uint16) []URLGroup {
	var groups, orphans []URLGroup
	var owners []Owner
	at := -1 // how far in the owners' queue stands; -1: none
	served := false
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		line := strings.TrimRight(lines.Text(), " \r")
		if line == "" {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if indent <= at { // another queue, or the end of all
			owners, at, served = nil, -1, false
		}
		if m := urlLine.FindStringSubmatch(line); m != nil {
			if n, err := strconv.ParseUint(m[2], 10, 16); err != nil || uint16(n) != port {
				continue
			}
			url := printable(m[1])
			switch {
			case owners == nil:
				orphans = append(orphans, URLGroup{URLs: []string{url}})
			case served:
				last := &groups[len(groups)-1]
				last.URLs = append(last.URLs, url)
			default:
				groups = append(groups, URLGroup{URLs: []string{url}, Processes: slices.Clone(owners)})
				served = true
			}
			continue
		}
		if m := processLine.FindStringSubmatch(line); m != nil {
			pid, err := strconv.Atoi(cmp.Or(m[2], m[3]))
			if err != nil || pid == 0 {
				continue
			}
			owners = append(owners, Owner{PID: pid, Name: imageName(m[4])})
			at = len(m[1]) - queueIndent
		}
	}
	// By sessions each URL is there a second time, without its processes.
	for _, o := range orphans {
		if !slices.ContainsFunc(groups, func(g URLGroup) bool { return slices.Contains(g.URLs, o.URLs[0]) }) {
			groups = append(groups, o)
		}
	}
	return groups
}

// imageName is a program's name from its path; netsh writes <?> where it may
// not look.
func imageName(path string) string {
	if path == "" || strings.HasPrefix(path, "<") {
		return ""
	}
	return printable(path[strings.LastIndexAny(path, `\/`)+1:])
}
