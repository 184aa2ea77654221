package server

// openFiles is how many sockets this process may have: Windows knows no limit.
func openFiles() int64 { return mostFiles }
