package talk

import (
	"os"
	"os/exec"
	"path/filepath"
	"unsafe"

	"github.com/Ullaakut/nmap/v3"
	"golang.org/x/sys/windows"
)

// alone starts a program in a job object, which ends as one: some package
// managers put a small program in nmap's place that starts the real one.
func alone(cmd *exec.Cmd) (end func(), err error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		windows.CloseHandle(job)
		return nil, err
	}
	cmd.SysProcAttr = &windows.SysProcAttr{HideWindow: true}
	cmd.Cancel = func() error {
		_ = windows.TerminateJobObject(job, 1)
		return cmd.Process.Kill() // should it not have come into the job yet
	}
	if err := cmd.Start(); err != nil {
		windows.CloseHandle(job)
		return nil, err
	}
	if p, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid)); err == nil {
		_ = windows.AssignProcessToJobObject(job, p)
		windows.CloseHandle(p)
	}
	return func() { windows.CloseHandle(job) }, nil
}

// keysAside keeps nmap from taking the console's keys, though it then does not
// tell how far it is.
func keysAside() []nmap.Option { return []nmap.Option{nmap.WithNonInteractive()} }

// installed is where the installer puts the program, which asks whether the
// path is to lead there.
func installed() string {
	for _, name := range []string{"PROGRAMFILES(X86)", "PROGRAMFILES"} {
		if dir := os.Getenv(name); filepath.IsAbs(dir) {
			if path := filepath.Join(dir, "Nmap", "nmap.exe"); isFile(path) {
				return path
			}
		}
	}
	return ""
}

func isFile(path string) bool {
	i, err := os.Stat(path)
	return err == nil && i.Mode().IsRegular()
}
