package machine

import (
	"io"
	"io/fs"
)

// maxFile bounds what is read of a file: the largest, the socket table of a
// busy server, has 150 bytes a line.
const maxFile = 16 << 20

func readSome(root fs.FS, file string) ([]byte, error) {
	f, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}
