package talk

import (
	"errors"
	"io"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// failureOf names an error of a connection: by its own word, then by type and
// errno.
func failureOf(err error) result.Failure {
	var own interface{ Failure() result.Failure }
	switch {
	case errors.As(err, &own):
		return own.Failure()
	case isTimeout(err):
		return result.FailTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return result.FailEOF
	}
	f, _ := dial.Classify(err)
	return f
}
