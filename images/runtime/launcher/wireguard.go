package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	commandTimeout = 5 * time.Second
	// wireguard-go reserves memory in proportion to the files that it may open; a node's default is a million.
	openFiles = 4096
	// URVPN_IDENTITY of a pod whose private key its node's agent makes
	generatedIdentity = "GeneratePerNode"
)

var (
	errNoKernelWireGuard = errors.New("this kernel has no WireGuard")
	wireGuardLink        = linkKind{deviceType: "wireguard", arguments: []string{"type", "wireguard"}, missing: errNoKernelWireGuard}
)

// wireGuard makes the interface, with the kernel's WireGuard or else with wireguard-go, and gives it the configuration.
// Addresses, routes, rules and the link's state are the agent's.
type wireGuard struct {
	instance settings
	log      *slog.Logger
	status   *connectionFile // of which WireGuard has errors only
	noKernel bool            // known since the first attempt
}

func newWireGuard(instance settings, log *slog.Logger) *wireGuard {
	return &wireGuard{instance: instance, log: log, status: newConnectionFile(instance)}
}

func (w *wireGuard) start(ctx context.Context) (session, error) {
	running, err := w.attempt(ctx)
	if err != nil {
		w.status.failed(err.Error())
		return nil, err
	}
	return running, nil
}

func (w *wireGuard) attempt(ctx context.Context) (session, error) {
	text, err := w.configuration()
	if err != nil {
		return nil, err
	}
	complete, err := w.withOwnKey(withoutAgentsSettings(text))
	if err != nil {
		return nil, err
	}
	session, err := w.makeInterface(ctx)
	if err != nil {
		return nil, err
	}
	// through a pipe: the configuration never stands in a second file
	if err := runWithInput(ctx, complete, "wg", "setconf", w.instance.link, "/dev/stdin"); err != nil {
		session.stop()
		return nil, fmt.Errorf("the configuration was not accepted: %w", err)
	}
	go newPeers(w.instance.link, text, w.log, w.status).tend(session.ended())
	return session, nil
}

// configuration: where nodes make their keys themselves, one that has no configuration of its own takes that of all. In
// the place of a file that is not there the kubelet makes a directory.
func (w *wireGuard) configuration() ([]byte, error) {
	text, err := os.ReadFile(w.instance.config)
	if err != nil && w.instance.ownKey && (errors.Is(err, syscall.EISDIR) || errors.Is(err, os.ErrNotExist)) {
		text, err = os.ReadFile(w.instance.plainConfig)
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration is not there: %w", err)
	}
	return text, nil
}

// withOwnKey adds the key that the node's agent has made. It goes last, where it holds whatever stands before it: wg takes
// the last key of a configuration.
func (w *wireGuard) withOwnKey(text []byte) ([]byte, error) {
	if !w.instance.ownKey {
		return text, nil
	}
	key, err := os.ReadFile(filepath.Join(w.instance.directory, "private.key"))
	if err != nil {
		return nil, fmt.Errorf("the node's own key is not there, and there is no other: %w", err)
	}
	if len(bytes.TrimSpace(key)) == 0 {
		return nil, errors.New("the node's own key is empty, and there is no other")
	}
	return fmt.Appendf(bytes.Clone(text), "\n[Interface]\nPrivateKey = %s\n", bytes.TrimSpace(key)), nil
}

func (w *wireGuard) makeInterface(ctx context.Context) (session, error) {
	if !w.noKernel {
		link, err := makeKernelLink(ctx, w.instance, wireGuardLink)
		if !errors.Is(err, errNoKernelWireGuard) {
			return link, err
		}
		w.noKernel = true
		w.log.Info("this kernel has no WireGuard: using wireguard-go")
	}
	if linkExists(w.instance.link) {
		return nil, fmt.Errorf("an interface named %s is there already and not ours: it is left alone", w.instance.link)
	}
	return w.startDaemon(ctx)
}

func (w *wireGuard) startDaemon(ctx context.Context) (session, error) {
	socket := filepath.Join(w.instance.directory, "wireguard", w.instance.link+".sock")
	if err := prepareSocket(socket); err != nil {
		return nil, err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: openFiles, Max: openFiles}); err != nil {
		w.log.Warn("the limit of open files stays as it is", "error", err.Error())
	}
	daemon, err := startProcess([]string{"WG_PROCESS_FOREGROUND=1"}, "wireguard-go", "-f", w.instance.link)
	if err != nil {
		return nil, err
	}
	made := func() bool {
		_, err := os.Stat(socket)
		return err == nil
	}
	if err := daemon.await(ctx, commandTimeout, "a socket", made); err != nil {
		daemon.stop()
		return nil, err
	}
	return daemon, nil
}

// Address and MTU are wg-quick's, which the agent sets; wg does not know them.
var agentsSetting = regexp.MustCompile(`(?im)^[ \t]*(address|mtu)[ \t]*=.*$`)

func withoutAgentsSettings(configuration []byte) []byte {
	return agentsSetting.ReplaceAll(configuration, nil)
}

// run executes a command. What it says on failure is passed on without what stands in quotes: wg quotes the very line or
// key that it refuses.
func run(ctx context.Context, name string, arguments ...string) error {
	return runWithInput(ctx, nil, name, arguments...)
}

func runWithInput(ctx context.Context, input []byte, name string, arguments ...string) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Stdin = bytes.NewReader(input)
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, withoutQuoted(string(output)))
	}
	return nil
}

func withoutQuoted(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		said, _, quoted := strings.Cut(strings.TrimSpace(line), "`")
		if quoted {
			said += "(not shown)"
		}
		lines = append(lines, said)
	}
	return strings.Join(lines, "; ")
}
