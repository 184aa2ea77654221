package machine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

func connections() ([]Connection, error) { return connectionsIn(os.DirFS("/proc")) }

// connectionsIn reads /proc/net/tcp and tcp6, which show every user's
// connections to every user.
func connectionsIn(proc fs.FS) ([]Connection, error) {
	var found []Connection
	for i, file := range []string{"net/tcp", "net/tcp6"} {
		b, err := readSome(proc, file)
		if i > 0 && errors.Is(err, fs.ErrNotExist) { // IPv6 is switched off
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list connections: %w", err)
		}
		for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
			if c, ok := parseConnection(sc.Text()); ok {
				found = append(found, c)
			}
		}
	}
	return found, nil
}

// parseConnection reads a line of /proc/net/tcp: number, local, remote, state.
func parseConnection(line string) (Connection, bool) {
	f := strings.Fields(line)
	const synReceived, listening = "03", "0A" // TCP_SYN_RECV, TCP_LISTEN
	if len(f) < 4 || f[3] == listening {
		return Connection{}, false
	}
	local, ok := parseProcAddr(f[1])
	if !ok {
		return Connection{}, false
	}
	remote, ok := parseProcAddr(f[2])
	return Connection{Local: local, Remote: remote, Half: f[3] == synReceived}, ok && remote.Port() != 0
}
