//go:build !linux

package servers

// Start says that there are no daemons here: they need Linux's namespaces.
func (d *Daemon) Start(Ground) (stop func(), err error) {
	return nil, Missing{d.Program + " is run on Linux alone"}
}

// Available tells why a daemon can't run here.
func (d *Daemon) Available() error { return Missing{d.Program + " is run on Linux alone"} }
