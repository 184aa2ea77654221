//go:build !linux

package servers

// available says that there are no daemons here: they need Linux's namespaces.
func available(program string) error { return Missing{program + " is run on Linux alone"} }

// Start says the same.
func (d *Daemon) Start(Ground) (stop func(), err error) { return nil, available(d.Program) }
