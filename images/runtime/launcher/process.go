package main

import (
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

func startProcess(name string, arguments ...string) (*process, error) {
	command := exec.Command(name, arguments...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
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
