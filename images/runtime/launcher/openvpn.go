package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

const (
	// The daemon tells its byte counts so often, and by that that it lives.
	heartbeatSeconds = "5"
	// How long the interface may be missing while the daemon says that it is connected.
	missingLink = 2 * time.Second
)

// Given before the configuration, which may say otherwise: a peer that is away is noticed, and found again soon after
// it is back.
var openVpnDefaults = []string{
	"--ping", "10", "--ping-restart", "60",
	"--connect-retry", "1", "4", "--connect-timeout", "8",
	"--verb", "3",
}

// Without any of these the daemon would bind the port of its peer, 1194, which one of several tunnels on a node can have.
// It bears none of them together with --nobind, so this is a default only where the configuration has none (options.c).
var ownPort = regexp.MustCompile(`(?m)^[ \t]*(setenv[ \t]+opt[ \t]+)?["']?(--)?(bind|nobind|lport|local)["']?([ \t\r]|$)`)

// Below 3 the daemon does not say which peer it tries, which the agent's kill switch has to let through before it answers.
var quiet = regexp.MustCompile(`(?m)^[ \t]*(setenv[ \t]+opt[ \t]+)?["']?(--)?verb["']?[ \t]+["']?[0-2]["']?([ \t\r]|$)`)

// Given after the configuration, where the last word counts: the daemon sets no address and no route, runs no program,
// asks no terminal, and keeps its interface over a reconnection so that nothing leaves in the clear meanwhile.
var openVpnRules = []string{
	"--dev-type", "tun", "--ifconfig-noexec", "--route-noexec", "--persist-tun", "--persist-key",
	"--script-security", "0", "--auth-nocache", "--auth-retry", "none", "--disable-dco",
	"--suppress-timestamps", "--management-client", "--management-hold", "--management-up-down",
}

// openVpn runs openvpn in the foreground and is its management client (management-notes.txt of OpenVPN). Addresses,
// routes, rules and the link's state are the agent's, which reads of the connection what the daemon has told.
type openVpn struct {
	instance settings
	log      *slog.Logger
	status   *connectionFile
}

func newOpenVpn(instance settings, log *slog.Logger) *openVpn {
	return &openVpn{instance: instance, log: log, status: newConnectionFile(instance)}
}

func (o *openVpn) start(ctx context.Context) (session, error) {
	text, err := os.ReadFile(o.instance.config)
	if err != nil {
		return nil, fmt.Errorf("the configuration is not there: %w", err)
	}
	if linkExists(o.instance.link) {
		return nil, fmt.Errorf("an interface named %s is there already and not ours: it is left alone", o.instance.link)
	}
	socket := filepath.Join(o.instance.directory, "openvpn", "management.sock")
	listener, err := listen(socket)
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	output := newMaskedLog(o.log, o.status)
	daemon, err := startProcessWith(output, nil, "openvpn", o.arguments(socket, text)...)
	if err != nil {
		return nil, err
	}
	management, err := accept(ctx, listener, daemon)
	if err != nil {
		daemon.stop()
		o.status.ended()
		return nil, err
	}
	running := &openVpnSession{daemon: daemon, stopped: make(chan struct{})}
	go running.watchLink(o.instance.link, o.status, o.log)
	go func() {
		followManagement(management, o.status)
		management.Close()
		<-daemon.ended()
		o.status.ended()
	}()
	return running, nil
}

func (o *openVpn) arguments(socket string, configuration []byte) []string {
	arguments := append([]string{}, openVpnDefaults...)
	if !ownPort.Match(configuration) {
		arguments = append(arguments, "--nobind")
	}
	if info, err := os.Stat(o.instance.files); err == nil && info.IsDir() {
		arguments = append(arguments, "--cd", o.instance.files)
	}
	arguments = append(arguments, "--config", o.instance.config)
	arguments = append(arguments, openVpnRules...)
	if quiet.Match(configuration) {
		arguments = append(arguments, "--verb", "3")
	}
	return append(arguments, "--dev", o.instance.link, "--management", socket, "unix")
}

// listen makes the socket in a directory that nobody else enters.
func listen(socket string) (net.Listener, error) {
	if err := prepareSocket(socket); err != nil {
		return nil, err
	}
	return net.Listen("unix", socket)
}

// accept waits for the daemon's call, which comes once it has read its configuration.
func accept(ctx context.Context, listener net.Listener, daemon *process) (net.Conn, error) {
	accepted := make(chan net.Conn, 1)
	go func() {
		if connection, err := listener.Accept(); err == nil {
			accepted <- connection
		}
	}()
	select {
	case connection := <-accepted:
		return connection, nil
	case <-daemon.ended():
		return nil, errors.New("openvpn ended at once: " + daemon.command.ProcessState.String())
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(commandTimeout):
		return nil, fmt.Errorf("openvpn did not call within %s", commandTimeout)
	}
}

type openVpnSession struct {
	daemon  *process
	stopped chan struct{}
}

func (s *openVpnSession) ended() <-chan struct{} { return s.daemon.ended() }

// stop sends SIGTERM, upon which openvpn tells the peer where that is configured (explicit-exit-notify) and ends.
func (s *openVpnSession) stop() {
	close(s.stopped)
	s.daemon.stop()
}

// watchLink ends a daemon whose interface somebody removed: it would go on without one, and say that it is connected.
func (s *openVpnSession) watchLink(link string, status *connectionFile, log *slog.Logger) {
	var missing time.Duration
	for {
		select {
		case <-s.stopped:
			return
		case <-s.daemon.ended():
			return
		case <-time.After(pollInterval):
		}
		if !status.connected() || linkExists(link) {
			missing = 0
			continue
		}
		if missing += pollInterval; missing >= missingLink {
			log.Warn("the interface is gone: the daemon is started anew")
			s.daemon.stop()
			return
		}
	}
}
