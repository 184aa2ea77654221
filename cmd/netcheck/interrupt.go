package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible is a context that the first SIGINT or SIGTERM ends with
// errInterrupted, so that what was measured is still reported. Whoever asks a
// second time wants to leave at once.
//
// It also takes SIGPIPE away from the runtime, which would kill the process
// when stdout is a closed pipe: files are still written, and the exit status tells.
func interruptible(parent context.Context, restore func()) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)

	over := make(chan struct{})
	go func() {
		select {
		case <-stop:
			cancel(errInterrupted)
		case <-over:
			return
		}
		select {
		case <-stop:
			restore()
			os.Exit(exitInterrupted)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(stop)
		signal.Stop(pipe)
		close(over)
		cancel(nil)
	}
}

// interrupted tells whether the user or the system stopped the command, rather
// than a deadline.
func interrupted(ctx context.Context) bool {
	return context.Cause(ctx) == errInterrupted
}
