package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	connectionVersion = 1
	mostPushedRoutes  = 64
	maxError          = 256
)

// connection is what the daemon tells of its tunnel. The agent reads it (its io.urvpn.agent.DaemonReport).
type connection struct {
	Version        int        `json:"version"`
	PodUID         string     `json:"podUid"`
	At             time.Time  `json:"at"` // when the daemon last said anything
	State          string     `json:"state"`
	Up             bool       `json:"up"`
	ConnectedSince *time.Time `json:"connectedSince,omitempty"`
	LastHandshake  *time.Time `json:"lastHandshakeAt,omitempty"`
	Endpoint       string     `json:"endpoint,omitempty"`
	ReceivedBytes  int64      `json:"receivedBytes"`
	SentBytes      int64      `json:"sentBytes"`
	negotiated
	LastError   string     `json:"lastError,omitempty"`
	LastErrorAt *time.Time `json:"lastErrorAt,omitempty"`
}

// negotiated is what the peer gave for the time of a connection.
type negotiated struct {
	Addresses    []string `json:"addresses,omitempty"`
	Mtu          int      `json:"mtu,omitempty"`
	PushedRoutes []string `json:"pushedRoutes,omitempty"`
}

// connectionFile holds the connection in the directory that the pod shares with the agent.
type connectionFile struct {
	path string
	lock sync.Mutex
	now  connection
}

func newConnectionFile(instance settings) *connectionFile {
	return &connectionFile{
		path: filepath.Join(instance.directory, "connection.json"),
		now:  connection{Version: connectionVersion, PodUID: instance.podUID},
	}
}

func (f *connectionFile) connected() bool {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.now.Up
}

// state: CONNECTED and the others of OpenVPN's state machine
func (f *connectionFile) state(name, endpoint string) {
	f.change(func(c *connection) { c.become(name, name == "CONNECTED", endpoint) })
}

func (c *connection) become(state string, up bool, endpoint string) {
	if endpoint != "" {
		c.Endpoint = endpoint
	}
	c.State = state
	if up && !c.Up {
		c.ConnectedSince = new(now())
	} else if !up {
		c.ConnectedSince = nil
	}
	c.Up = up
}

func (f *connectionFile) remote(endpoint string) {
	f.change(func(c *connection) { c.Endpoint = endpoint })
}

func (f *connectionFile) bytes(received, sent int64) {
	f.change(func(c *connection) { c.ReceivedBytes, c.SentBytes = received, sent })
}

func (f *connectionFile) handshake() {
	f.change(func(c *connection) { c.LastHandshake = new(now()) })
}

func (f *connectionFile) negotiated(given negotiated) {
	f.change(func(c *connection) { c.negotiated = given })
}

func (f *connectionFile) failed(text string) {
	f.change(func(c *connection) {
		text = masked(text)
		c.LastError, c.LastErrorAt = text[:min(len(text), maxError)], new(now())
	})
}

// ended: with the daemon goes all but its last error
func (f *connectionFile) ended() {
	f.change(func(c *connection) {
		*c = connection{Version: c.Version, PodUID: c.PodUID, State: "ENDED", LastError: c.LastError, LastErrorAt: c.LastErrorAt}
	})
}

// change writes the file anew; it appears whole. A file that cannot be written is as one that has not come yet.
func (f *connectionFile) change(change func(*connection)) {
	f.lock.Lock()
	defer f.lock.Unlock()
	change(&f.now)
	f.now.At = now()
	content, err := json.Marshal(f.now)
	if err != nil {
		return
	}
	temporary := f.path + ".new"
	if os.WriteFile(temporary, append(content, '\n'), 0o600) == nil {
		_ = os.Rename(temporary, f.path)
	}
}

// What looks like a key or a certificate is not shown: a broken configuration may put one where a daemon quotes it.
var keyLike = regexp.MustCompile(`[A-Za-z0-9+/=]{32,}`)

func masked(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	return keyLike.ReplaceAllString(text, "(not shown)")
}
