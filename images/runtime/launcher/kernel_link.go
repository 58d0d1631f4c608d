package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// kernelLink is an interface of the kernel's own WireGuard: no process keeps it, so it is watched by its name and index,
// and known again, also by the next container, by its alias.
type kernelLink struct {
	instance settings
	index    string
	done     chan struct{}
	stopped  chan struct{}
}

// makeKernelLink makes the interface, or takes up the one that an earlier container of this instance has left.
func makeKernelLink(ctx context.Context, instance settings) (session, error) {
	if linkExists(instance.link) {
		if !ownKernelLink(instance) {
			return nil, fmt.Errorf("an interface named %s is there already and not ours: it is left alone", instance.link)
		}
	} else if err := addKernelLink(ctx, instance); err != nil {
		return nil, err
	}
	// The kernel ignores an alias given at creation; until it is set the marker says whose the interface is.
	if err := run(ctx, "ip", "link", "set", instance.link, "alias", alias(instance)); err != nil {
		return nil, err
	}
	if err := os.Remove(marker(instance)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	link := &kernelLink{instance: instance, index: linkIndex(instance.link), done: make(chan struct{}), stopped: make(chan struct{})}
	go link.watch()
	return link, nil
}

func addKernelLink(ctx context.Context, instance settings) error {
	if err := os.WriteFile(marker(instance), nil, 0o600); err != nil {
		return err
	}
	err := run(ctx, "ip", "link", "add", instance.link, "type", "wireguard")
	if err == nil {
		return nil
	}
	if removeError := os.Remove(marker(instance)); removeError != nil {
		return errors.Join(err, removeError)
	}
	if strings.Contains(err.Error(), "not supported") || strings.Contains(err.Error(), "Unknown device type") {
		return errNoKernelWireGuard
	}
	return err
}

// ownKernelLink: it carries our alias, or it is a WireGuard interface without one, made while our marker stood.
func ownKernelLink(instance settings) bool {
	found := readAlias(instance.link)
	if found != "" {
		return found == alias(instance)
	}
	_, err := os.Stat(marker(instance))
	kind, _ := os.ReadFile(filepath.Join(linkDirectory(instance.link), "uevent"))
	return err == nil && strings.Contains(string(kind), "DEVTYPE=wireguard\n")
}

func (k *kernelLink) watch() {
	for linkIndex(k.instance.link) == k.index {
		select {
		case <-k.stopped:
			return
		case <-time.After(pollInterval):
		}
	}
	close(k.done)
}

func (k *kernelLink) ended() <-chan struct{} { return k.done }

// stop removes the interface only while it carries our alias.
func (k *kernelLink) stop() {
	close(k.stopped)
	if readAlias(k.instance.link) == alias(k.instance) && linkIndex(k.instance.link) == k.index {
		ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
		defer cancel()
		_ = run(ctx, "ip", "link", "del", k.instance.link)
	}
}

func alias(instance settings) string { return "urvpn:" + instance.instanceUID }
func marker(instance settings) string {
	return filepath.Join(instance.directory, "making-"+instance.link)
}

func linkDirectory(name string) string { return filepath.Join("/sys/class/net", name) }

func linkExists(name string) bool {
	_, err := os.Stat(linkDirectory(name))
	return err == nil
}

func linkIndex(name string) string { return readTrimmed(filepath.Join(linkDirectory(name), "ifindex")) }
func readAlias(name string) string { return readTrimmed(filepath.Join(linkDirectory(name), "ifalias")) }

func readTrimmed(path string) string {
	content, _ := os.ReadFile(path)
	return strings.TrimSpace(string(content))
}
