package main

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/strongswan/govici/vici"
)

const (
	// charon is asked so often, and whenever it tells of a change; by that it shows that it lives.
	ikeInterval = 5 * time.Second
	// Between two calls of a peer that has refused, doubled up to the last.
	firstRecall = 5 * time.Second
	lastRecall  = 40 * time.Second
)

// ikeWatch keeps the connection's status by what charon says of its security associations, and calls the peer again for
// those that charon has given up: it does not try again where a peer refused.
type ikeWatch struct {
	socket string
	wanted []plannedChild
	status *connectionFile
	log    *slog.Logger
	bytes  byteCounts
	recall time.Duration
	called time.Time
}

func newIkeWatch(socket string, wanted []plannedChild, status *connectionFile, log *slog.Logger) *ikeWatch {
	return &ikeWatch{socket: socket, wanted: wanted, status: status, log: log, recall: firstRecall, called: time.Now()}
}

func dialCharon(socket string) (*vici.Session, error) {
	return vici.NewSession(vici.WithSocketPath(socket))
}

// follow watches until charon has ended.
func (w *ikeWatch) follow(ended <-chan struct{}) {
	for {
		w.watch(ended)
		select {
		case <-ended:
			return
		case <-time.After(time.Second):
		}
	}
}

// watch returns when charon has ended or does not answer any more.
func (w *ikeWatch) watch(ended <-chan struct{}) {
	session, err := dialCharon(w.socket)
	if err != nil {
		return
	}
	defer session.Close()
	events := make(chan vici.Event, 64)
	session.NotifyEvents(events)
	if err := session.Subscribe("ike-updown", "child-updown", "ike-rekey", "child-rekey"); err != nil {
		return
	}
	for {
		if err := w.look(session); err != nil {
			return
		}
		select {
		case <-ended:
			return
		case <-time.After(ikeInterval):
		case _, open := <-events:
			if !open {
				return
			}
			drain(events)
		}
	}
}

// drain: what came with it is seen by the same look
func drain(events <-chan vici.Event) {
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		default:
			return
		}
	}
}

func (w *ikeWatch) look(session *vici.Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	var all []ikeSA
	for message, err := range session.CallStreaming(ctx, "list-sas", "list-sa", nil) {
		if err != nil {
			return err
		}
		for _, name := range message.Keys() {
			sa, err := readIkeSA(name, message.Get(name))
			if err != nil {
				return err
			}
			all = append(all, sa)
		}
	}
	missing := w.missing(all)
	w.tell(all, len(missing) == 0)
	return w.call(ctx, session, all, missing)
}

// missing: the children that are not installed
func (w *ikeWatch) missing(all []ikeSA) []plannedChild {
	var missing []plannedChild
	for _, child := range w.wanted {
		installed := false
		for _, sa := range all {
			installed = installed || sa.name == child.connection && sa.has(child.child)
		}
		if !installed {
			missing = append(missing, child)
		}
	}
	return missing
}

func (w *ikeWatch) tell(all []ikeSA, up bool) {
	w.status.change(func(c *connection) {
		state, endpoint, addresses := "CONNECTING", "", []string(nil)
		for _, sa := range all {
			// known to the second only, so that one and the same moment is read as two
			if at := sa.newest(); !at.IsZero() && (c.LastHandshake == nil || at.Sub(*c.LastHandshake) > 2*time.Second) {
				c.LastHandshake = &at
			}
			if sa.State == "ESTABLISHED" {
				state = sa.State
				addresses = append(addresses, prefixes(sa.Vips)...)
			}
			if _, err := netip.ParseAddr(sa.RemoteHost); err == nil && sa.RemoteHost != "%any" {
				endpoint = net.JoinHostPort(sa.RemoteHost, sa.RemotePort)
			}
		}
		if state == "ESTABLISHED" && !up {
			state = "CHILD_MISSING"
		}
		c.become(state, up, endpoint)
		if up {
			w.recall = firstRecall
			c.negotiated = negotiated{Addresses: addresses, Mtu: ipsecMtu}
		}
		c.ReceivedBytes, c.SentBytes = w.bytes.count(all)
	})
}

// prefixes: a virtual address is for this node alone
func prefixes(addresses []string) []string {
	var all []string
	for _, one := range addresses {
		if address, err := netip.ParseAddr(one); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()).String())
		}
	}
	return all
}

// call has charon call the peer again for what is missing, unless it is at it.
func (w *ikeWatch) call(ctx context.Context, session *vici.Session, all []ikeSA, missing []plannedChild) error {
	if len(missing) == 0 || time.Since(w.called) < w.recall {
		return nil
	}
	for _, child := range missing {
		if slices.ContainsFunc(all, func(sa ikeSA) bool { return sa.name == child.connection && sa.working() }) {
			continue
		}
		message := vici.NewMessage()
		for key, value := range map[string]string{"ike": child.connection, "child": child.child, "timeout": "-1"} {
			if err := message.Set(key, value); err != nil {
				return err
			}
		}
		if _, err := session.Call(ctx, "initiate", message); err != nil {
			w.log.Warn("the peer could not be called again", "connection", child.connection, "error", masked(err.Error()))
		}
		w.called, w.recall = time.Now(), min(2*w.recall, lastRecall)
	}
	return nil
}
