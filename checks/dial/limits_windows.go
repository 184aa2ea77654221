package dial

// openFiles is how many sockets this process may have: Windows sets no limit
// that a process could reach before its memory.
func openFiles() int { return mostFiles }
