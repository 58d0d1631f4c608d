package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a daemon in the foreground, a child of the launcher.
type process struct {
	command *exec.Cmd
	done    chan struct{}
}

// startProcess gives the daemon the launcher's environment, by which the agent knows it, and that in addition.
func startProcess(environment []string, name string, arguments ...string) (*process, error) {
	return startProcessWith(os.Stderr, environment, name, arguments...)
}

// startProcessWith is startProcess with another place for the daemon's output.
func startProcessWith(output io.Writer, environment []string, name string, arguments ...string) (*process, error) {
	command := exec.Command(name, arguments...)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, done: make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) ended() <-chan struct{} { return p.done }

// await waits until the daemon has made what it is known by.
func (p *process) await(ctx context.Context, within time.Duration, what string, there func() bool) error {
	name := filepath.Base(p.command.Path)
	deadline := time.Now().Add(within)
	for time.Now().Before(deadline) {
		if there() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.done:
			return fmt.Errorf("%s ended at once: %s", name, p.command.ProcessState)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s has not made %s within %s", name, what, within)
}

func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(killAfter):
		_ = p.command.Process.Kill()
		<-p.done
	}
}

// prepareSocket makes room for a daemon's socket, in a directory that nobody else enters.
func prepareSocket(socket string) error {
	if err := os.MkdirAll(filepath.Dir(socket), 0o700); err != nil {
		return err
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
