package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

const pollInterval = 100 * time.Millisecond

// permit is the agent's word that this very pod may run its daemon: the file `permit` holds the pod's uid. The agent
// withdraws it before it takes the tunnel down, so that a container which the kubelet starts again does nothing.
type permit struct {
	directory string
	podUID    string
}

// request tells the agent which pod asks. The name appears with its content, never empty.
func (p *permit) request() error {
	temporary := filepath.Join(p.directory, ".request."+p.podUID)
	if err := os.WriteFile(temporary, []byte(p.podUID+"\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, filepath.Join(p.directory, "request"))
}

func (p *permit) granted() bool {
	content, err := os.ReadFile(filepath.Join(p.directory, "permit"))
	return err == nil && string(content) == p.podUID+"\n"
}

// await returns true when the permit is there, false when ctx ended first. A request that could not be written is tried
// again; one that vanished is written again, but never over that of another pod of this instance.
func (p *permit) await(ctx context.Context, log *slog.Logger) bool {
	told := ""
	for !p.granted() {
		if err := p.keepRequest(); err != nil && err.Error() != told {
			told = err.Error()
			log.Error("the request for a permit could not be written", "error", told)
		}
		if !sleep(ctx, pollInterval) {
			return false
		}
	}
	return ctx.Err() == nil
}

func (p *permit) keepRequest() error {
	if _, err := os.Stat(filepath.Join(p.directory, "request")); err == nil {
		return nil
	}
	return p.request()
}

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
