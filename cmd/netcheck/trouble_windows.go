package main

import "golang.org/x/sys/windows"

// systemTroubles are those that each system has a number of its own for. That a
// file is open elsewhere is not only that permission is lacking.
var systemTroubles = []trouble{
	{windows.ERROR_DISK_FULL, "cli.disk-full"},
	{windows.ERROR_HANDLE_DISK_FULL, "cli.disk-full"},
	{windows.ERROR_WRITE_PROTECT, "cli.read-only"},
	{windows.ERROR_SHARING_VIOLATION, "cli.in-use"},
	{windows.ERROR_LOCK_VIOLATION, "cli.in-use"},
	{windows.ERROR_FILENAME_EXCED_RANGE, "cli.name-long"},
	{windows.ERROR_DIRECTORY, "cli.no-folder"},
}
