package main

import (
	"context"
	"log/slog"
	"time"
)

const (
	firstBackoff = 500 * time.Millisecond
	lastBackoff  = 30 * time.Second
	healthyAfter = 10 * time.Second
	killAfter    = 5 * time.Second
)

// tunnel is a kind of VPN that can be brought up.
type tunnel interface {
	// start returns once the interface is there and configured, or the daemon that makes it when its peer answers runs; on
	// an error nothing of this attempt is left.
	start(ctx context.Context) (session, error)
}

// session is a tunnel that is up.
type session interface {
	// ended is closed when the tunnel has ended without being told to.
	ended() <-chan struct{}
	// stop takes it down, and returns when it is.
	stop()
}

// supervise keeps the tunnel up while the permit stands, until ctx ends. A permit that is withdrawn ends no tunnel:
// that is the agent's part, which reads the node afterwards; it only ends the starting.
func supervise(ctx context.Context, log *slog.Logger, permit *permit, tunnel tunnel) {
	if err := permit.request(); err != nil {
		log.Error("the request for a permit could not be written", "error", err.Error())
	}
	wait := backoff{}
	for {
		if !permit.granted() {
			log.Info("waiting for the agent's permit")
			if !permit.await(ctx, log) {
				return
			}
			wait = backoff{}
		}
		started := time.Now()
		if !runOnce(ctx, log, permit, tunnel) {
			return
		}
		if time.Since(started) >= healthyAfter {
			wait = backoff{}
		}
		if !sleep(ctx, wait.next()) {
			return
		}
	}
}

// runOnce returns false when ctx ended.
func runOnce(ctx context.Context, log *slog.Logger, permit *permit, tunnel tunnel) bool {
	session, err := tunnel.start(ctx)
	if err != nil {
		log.Error("the tunnel did not start", "error", err.Error())
		return ctx.Err() == nil
	}
	// The agent may have withdrawn the permit, and looked for daemons, between our look and the start.
	if !permit.granted() {
		log.Info("the permit was withdrawn during the start")
		session.stop()
		return ctx.Err() == nil
	}
	log.Info("the tunnel is up")
	select {
	case <-ctx.Done():
		session.stop()
		return false
	case <-session.ended():
		log.Warn("the tunnel ended")
		return true
	}
}

// backoff doubles from half a second to thirty.
type backoff struct{ last time.Duration }

func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, firstBackoff), lastBackoff)
	return b.last
}
