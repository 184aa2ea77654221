package talk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

var errTooMuch = &ToolError{"nmap wrote more than its question can bring", howToGetNmap()}

// lettingGo is how long its pipes are waited for once it has ended: whoever
// else holds them is ended too.
const lettingGo = 20 * time.Millisecond

// run runs nmap and returns what it wrote, of which there may be no more than
// most bytes. When ctx ends it is ended, with all that it has started, at once.
//
// The library's own way to run it has no bound, hands on this program's whole
// environment, and ends nothing but its direct child; of the library we use the
// words for its options and the reading of what it says.
func (n *Nmap) run(ctx context.Context, args []string, most int, told func(percent float64)) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := &bounded{most: most, over: func() { cancel(errTooMuch) }, told: told}
	said := &bounded{most: 4 << 10, over: func() {}}
	cmd := exec.CommandContext(ctx, n.Path, args...)
	cmd.Env = environment()
	cmd.Dir = filepath.Dir(n.Path) // it reads its data from the current folder, too
	cmd.Stdout, cmd.Stderr = out, said
	cmd.WaitDelay = lettingGo
	end, err := alone(cmd)
	if err != nil {
		return nil, cannotRun(err)
	}
	defer end()
	err = cmd.Wait()
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case context.Cause(ctx) == errTooMuch:
		return out.kept.Bytes(), errTooMuch
	case ctx.Err() != nil:
		return out.kept.Bytes(), ctx.Err()
	case exited:
		line, _, _ := bytes.Cut(bytes.TrimSpace(said.kept.Bytes()), []byte("\n"))
		return out.kept.Bytes(), cannotRun(fmt.Errorf("%w: %s", exit, line))
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return out.kept.Bytes(), cannotRun(err)
	}
	return out.kept.Bytes(), nil
}

func cannotRun(err error) error {
	return &ToolError{"nmap failed: " + Clean(err.Error(), 160), howToGetNmap()}
}

// bounded keeps what is written to it, up to so many bytes. The buffer is not
// embedded: its ReadFrom would know no bound.
type bounded struct {
	kept bytes.Buffer
	most int
	over func()
	told func(percent float64)
}

var taskProgress = regexp.MustCompile(`<taskprogress [^<>]*percent="(\d{1,3}(?:\.\d{1,4})?)"`)

func (b *bounded) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > b.most {
		b.over()
		return 0, errTooMuch
	}
	if b.told != nil {
		for _, m := range taskProgress.FindAllSubmatch(p, -1) { // a line that comes in two pieces is left out
			if percent, err := strconv.ParseFloat(string(m[1]), 64); err == nil && percent <= 100 {
				b.told(percent)
			}
		}
	}
	return b.kept.Write(p)
}
