// The launcher is what runs a VPN's daemon in the pod of a VpnInstance. It asks the node's agent for a permit and starts
// the daemon only while it has one; it never changes the node without. It stays the daemon's parent, starts it again
// when it ends, and itself ends on SIGTERM only.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// settings are what the pod says about its instance, all of it from the environment.
type settings struct {
	instanceUID string
	podUID      string
	vpnType     string
	link        string // the name of the interface to make
	directory   string // shared with the node's agent
	config      string // the tunnel's configuration, of this node only
	plainConfig string // the one of all nodes that have none of their own, where they make their keys themselves
	ownKey      bool   // the node's agent makes the private key, and puts it into directory
	files       string // what the configuration names, of this node only
}

// The types of VPN that this image runs, by their name in spec.type.
var tunnels = map[string]func(settings, *slog.Logger) tunnel{
	"WireGuard": func(instance settings, log *slog.Logger) tunnel { return newWireGuard(instance, log) },
	"OpenVPN":   func(instance settings, log *slog.Logger) tunnel { return newOpenVpn(instance, log) },
	"IPsec":     func(instance settings, log *slog.Logger) tunnel { return newIpsec(instance, log) },
}

// A daemon is killed with the thread that started it, so that it never outlives the launcher: the main thread, which
// lives as long as the process, starts them all.
func init() { runtime.LockOSThread() }

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	instance, err := readSettings(os.Getenv)
	if err != nil {
		log.Error("the pod is not set up as the operator does it", "error", err.Error())
		os.Exit(2)
	}
	log = log.With("instance", os.Getenv("URVPN_INSTANCE_NAME"), "interface", instance.link)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	permit := permit{directory: instance.directory, podUID: instance.podUID}
	supervise(ctx, log, &permit, tunnels[instance.vpnType](instance, log))
	log.Info("ended by signal")
}

func readSettings(env func(string) string) (settings, error) {
	instance := settings{
		instanceUID: env("URVPN_INSTANCE_UID"),
		podUID:      env("URVPN_POD_UID"),
		vpnType:     env("URVPN_TYPE"),
		link:        env("URVPN_INTERFACE"),
		directory:   orDefault(env("URVPN_DIRECTORY"), "/run/ur-vpn"),
		config:      orDefault(env("URVPN_CONFIG"), "/etc/ur-vpn/tunnel.conf"),
		plainConfig: orDefault(env("URVPN_PLAIN_CONFIG"), "/etc/ur-vpn/plain.conf"),
		ownKey:      env("URVPN_IDENTITY") == generatedIdentity,
		files:       orDefault(env("URVPN_FILES"), "/etc/ur-vpn/files"),
	}
	for name, value := range map[string]string{
		"URVPN_INSTANCE_UID": instance.instanceUID,
		"URVPN_POD_UID":      instance.podUID,
		"URVPN_INTERFACE":    instance.link,
	} {
		if value == "" {
			return instance, fmt.Errorf("%s is not set", name)
		}
	}
	if len(instance.link) > 15 || filepath.Base(instance.link) != instance.link {
		return instance, fmt.Errorf("URVPN_INTERFACE is %q: a name of at most 15 characters without a slash is needed", instance.link)
	}
	if identity := env("URVPN_IDENTITY"); identity != "" && (!instance.ownKey || instance.vpnType != "WireGuard") {
		return instance, fmt.Errorf("URVPN_IDENTITY is %q with type %q: this image knows %s with WireGuard", identity, instance.vpnType, generatedIdentity)
	}
	if tunnels[instance.vpnType] == nil {
		return instance, fmt.Errorf("URVPN_TYPE is %q: this image runs WireGuard, OpenVPN and IPsec", instance.vpnType)
	}
	return instance, nil
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
