package main

import (
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// formScreen is the terminal as the form's library has it, without what the
// library tries on any: to ask what it can do, and to switch on what the form
// has no use for. The text console of an older Linux, which does not know such
// sequences, would show their ends.
type formScreen struct{ *os.File }

// screenFor is where a form is drawn.
func screenFor(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok {
		return formScreen{f}
	}
	return w
}

var superfluous = strings.NewReplacer(
	ansi.RequestModeSynchronizedOutput, "",
	ansi.RequestModeUnicodeCore, "",
	ansi.SetModifyOtherKeys2, "",
	ansi.ResetModifyOtherKeys, "",
	ansi.PushKittyKeyboard(1), "",
	ansi.PopKittyKeyboard(1), "",
	ansi.RequestKittyKeyboard, "",
	ansi.SetTabEvery8Columns, "",
)

// Write writes what is left. The library writes whole sequences.
func (f formScreen) Write(p []byte) (int, error) {
	if _, err := f.WriteString(superfluous.Replace(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
