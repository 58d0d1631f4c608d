package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// linkKind is a kind of interface that a kernel has or not.
type linkKind struct {
	deviceType string   // as the kernel tells it in DEVTYPE; empty where it tells none
	arguments  []string // of `ip link add NAME`
	missing    error    // where the kernel has none
}

// kernelLink is an interface of the kernel's own VPN: no process keeps it, so it is watched by its name and index,
// and known again, also by the next container, by its alias.
type kernelLink struct {
	instance settings
	index    string
	done     chan struct{}
	stopped  chan struct{}
}

// makeKernelLink makes the interface, or takes up the one that an earlier container of this instance has left.
func makeKernelLink(ctx context.Context, instance settings, kind linkKind) (session, error) {
	if linkExists(instance.link) {
		if readAlias(instance.link) != alias(instance) {
			return nil, fmt.Errorf("an interface named %s is there already and not ours: it is left alone", instance.link)
		}
	} else if err := addKernelLink(ctx, instance, kind); err != nil {
		return nil, err
	}
	link := &kernelLink{instance: instance, index: linkIndex(instance.link), done: make(chan struct{}), stopped: make(chan struct{})}
	go link.watch()
	return link, nil
}

// addKernelLink: the kernel ignores an alias given at creation. So the interface comes under a name that tells whose it is,
// gets its alias, and only then the name that it is used by: at whatever moment the launcher is killed, a mark of the
// instance is on it. The kernel refuses a name that somebody else has taken meanwhile.
func addKernelLink(ctx context.Context, instance settings, kind linkKind) error {
	making := makingName(instance)
	if !linkExists(making) {
		if err := run(ctx, "ip", append([]string{"link", "add", making}, kind.arguments...)...); err != nil {
			if strings.Contains(err.Error(), "not supported") || strings.Contains(err.Error(), "Unknown device type") {
				return kind.missing
			}
			return err
		}
	} else if !halfMade(instance, kind) {
		return fmt.Errorf("an interface named %s is there already and not ours: it is left alone", making)
	}
	err := run(ctx, "ip", "link", "set", making, "alias", alias(instance))
	if err == nil {
		err = run(ctx, "ip", "link", "set", making, "name", instance.link)
	}
	if err != nil && linkExists(making) {
		removeLink(making)
	}
	return err
}

// halfMade: an earlier container of this instance was killed between making its interface and giving it its name.
func halfMade(instance settings, kind linkKind) bool {
	found := readAlias(makingName(instance))
	uevent, _ := os.ReadFile(filepath.Join(linkDirectory(makingName(instance)), "uevent"))
	_, told, _ := strings.Cut(string(uevent), "DEVTYPE=")
	told, _, _ = strings.Cut(told, "\n")
	return found == alias(instance) || found == "" && told == kind.deviceType
}

func (k *kernelLink) watch() {
	defer close(k.done)
	for linkIndex(k.instance.link) == k.index {
		select {
		case <-k.stopped:
			return
		case <-time.After(pollInterval):
		}
	}
}

func (k *kernelLink) ended() <-chan struct{} { return k.done }

// stop removes the interface only while it carries our alias.
func (k *kernelLink) stop() {
	close(k.stopped)
	if readAlias(k.instance.link) == alias(k.instance) && linkIndex(k.instance.link) == k.index {
		removeLink(k.instance.link)
	}
}

// removeLink also removes where the launcher is being ended.
func removeLink(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	_ = run(ctx, "ip", "link", "del", name)
}

func alias(instance settings) string { return "urvpn:" + instance.instanceUID }

// makingName has 48 random bits of the instance's uid, so nobody else's interface has it; the agent knows it too.
func makingName(instance settings) string {
	uid := strings.ReplaceAll(instance.instanceUID, "-", "")
	return "ur-" + uid[max(0, len(uid)-12):]
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
