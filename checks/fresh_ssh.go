package checks

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// onSSH looks at a directory by SFTP, whose times are UTC.
func (c *freshCheck) onSSH(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	v := c.SSH.visit(ctx, t)
	defer v.close()
	if v.door != nil {
		ctx = engine.Via(ctx, v.door.proxy)
	}
	newest, err := c.newestOnSSH(ctx, t, v)
	out := engine.Outcome{Results: v.results, Code: v.code}
	switch {
	case err != nil:
		if v.code != "" {
			out.Detail = err.Error()
		}
		return out, err
	case v.doubt != "":
		out.Verdict, out.Detail = result.Inconclusive, v.doubt
		return out, nil
	}
	warn(&out, v.remarks, []*here{v.here})
	err = c.judge(ctx, t, newest, &out, v.note)
	return out, err
}

func (c *freshCheck) newestOnSSH(ctx context.Context, t *engine.Trace, v *sshVisit) (file, error) {
	var newest file
	if v.err != nil || v.doubt != "" {
		return newest, v.err
	}
	files, err := v.sftp(ctx, t)
	if err != nil {
		return newest, err
	}
	err = t.Span(ctx, result.OpList, func(ctx context.Context, st *engine.Step) error {
		ctx, cancel := withTimeout(ctx, maxListing*t.Env.Timeout)
		defer cancel()
		v.note(st)
		dir := cmp.Or(c.SSH.Directory, ".")
		st.Set("file.path", talk.Clean(dir, 300))
		all, err := files.List(ctx, dir)
		if err != nil {
			return v.fail(fmt.Errorf("%s: %w", talk.Clean(dir, 300), err))
		}
		newest.seen = len(all)
		for _, info := range all {
			if (info.Mode().IsRegular() || info.Mode()&fs.ModeSymlink != 0) && c.matches(info.Name()) {
				newest.offer(info.Name(), info.ModTime(), 0)
			}
		}
		return nil
	})
	return newest, err
}
