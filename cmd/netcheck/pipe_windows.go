package main

import "os"

// openPipe opens a named pipe, which on Windows is there only while somebody
// serves it: nothing is waited for.
func openPipe(path string) (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }
