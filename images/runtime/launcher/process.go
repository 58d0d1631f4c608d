package main

import (
	"io"
	"os"
	"os/exec"
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

func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(killAfter):
		_ = p.command.Process.Kill()
		<-p.done
	}
}
