package main

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const (
	tendInterval = 5 * time.Second
	// A session is renewed after 120 s (REKEY_AFTER_TIME of the WireGuard protocol) and a try takes 5 s: after this its
	// peer is not where it was.
	staleHandshake = 135 * time.Second
	// Between two looks at the same name.
	resolveInterval = 10 * time.Second
	// Until the first handshake, so that a tunnel which nobody uses yet comes up too.
	contactKeepalive = "5"
)

// peers does for WireGuard what its configuration alone does not: it looks a peer's name up again when the peer does not
// answer any more, and makes a first contact with a peer that nothing has been sent to.
type peers struct {
	link      string
	log       *slog.Logger
	status    *connectionFile
	names     map[string]string // public key to endpoint, of those that are configured by name
	contacted map[string]bool   // peers whose keepalive is ours for the moment
	sent      map[string]int64
	resolved  map[string]time.Time
}

// peerState is one line of `wg show IF dump`, without its secrets.
type peerState struct {
	key       string
	endpoint  string
	handshake time.Time
	sent      int64
	keepalive bool
}

func newPeers(link string, configuration []byte, log *slog.Logger, status *connectionFile) *peers {
	return &peers{
		link: link, log: log, status: status, names: namedEndpoints(configuration),
		contacted: map[string]bool{}, sent: map[string]int64{}, resolved: map[string]time.Time{},
	}
}

// tend looks after the peers until done is closed.
func (p *peers) tend(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(tendInterval):
		}
		for _, peer := range p.read() {
			p.contact(peer)
			p.resolve(peer, time.Now())
		}
	}
}

func (p *peers) contact(peer peerState) {
	switch {
	case peer.handshake.IsZero() && !peer.keepalive && peer.endpoint != "":
		p.contacted[peer.key] = p.set(peer.key, "persistent-keepalive", contactKeepalive)
	case !peer.handshake.IsZero() && p.contacted[peer.key]:
		p.contacted[peer.key] = !p.set(peer.key, "persistent-keepalive", "off")
	}
}

func (p *peers) resolve(peer peerState, now time.Time) {
	name := p.names[peer.key]
	expected := peer.keepalive || peer.sent != p.sent[peer.key]
	p.sent[peer.key] = peer.sent
	if name == "" || !expected || now.Sub(peer.handshake) < staleHandshake || now.Sub(p.resolved[peer.key]) < resolveInterval {
		return
	}
	p.resolved[peer.key] = now
	p.set(peer.key, "endpoint", name)
}

func (p *peers) set(key, what, value string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "wg", "set", p.link, "peer", key, what, value)
	// wg asks for a name up to 15 times by itself
	command.Env = append(os.Environ(), "WG_ENDPOINT_RESOLUTION_RETRIES=0")
	output, err := command.CombinedOutput()
	if err != nil {
		said := withoutQuoted(string(output))
		p.log.Warn("a peer could not be changed", "what", what, "error", err.Error(), "said", said)
		p.status.failed("a peer's " + what + " could not be set: " + said)
	}
	return err == nil
}

func (p *peers) read() []peerState {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	output, err := exec.CommandContext(ctx, "wg", "show", p.link, "dump").Output()
	if err != nil {
		return nil // the interface is going
	}
	var all []peerState
	for line := range strings.Lines(string(output)) {
		// public key, preshared key, endpoint, allowed IPs, handshake, received, sent, keepalive (wg(8))
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 8 {
			continue
		}
		peer := peerState{key: fields[0], keepalive: fields[7] != "off"}
		if fields[2] != "(none)" {
			peer.endpoint = fields[2]
		}
		if seconds, err := strconv.ParseInt(fields[4], 10, 64); err == nil && seconds > 0 {
			peer.handshake = time.Unix(seconds, 0)
		}
		peer.sent, _ = strconv.ParseInt(fields[6], 10, 64)
		all = append(all, peer)
	}
	return all
}

// namedEndpoints: what stands behind Endpoint of each [Peer] that names no address
func namedEndpoints(configuration []byte) map[string]string {
	names := map[string]string{}
	key, endpoint := "", ""
	finish := func() {
		if _, err := netip.ParseAddrPort(endpoint); key != "" && endpoint != "" && err != nil {
			names[key] = endpoint
		}
		key, endpoint = "", ""
	}
	for line := range strings.Lines(string(configuration)) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			finish()
		}
		name, value, _ := strings.Cut(line, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "publickey":
			key = strings.TrimSpace(value)
		case "endpoint":
			endpoint = strings.TrimSpace(value)
		}
	}
	finish()
	return names
}
