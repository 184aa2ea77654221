//go:build !windows

package main

import "syscall"

// systemTroubles are those that each system has a number of its own for.
var systemTroubles = []trouble{
	{syscall.ENOSPC, "cli.disk-full"},
	{syscall.EDQUOT, "cli.disk-full"},
	{syscall.EROFS, "cli.read-only"},
	{syscall.EBUSY, "cli.in-use"},
	{syscall.ETXTBSY, "cli.in-use"},
	{syscall.ENAMETOOLONG, "cli.name-long"},
	{syscall.ENOTDIR, "cli.no-folder"},
	{syscall.EISDIR, "cli.is-folder"},
}
