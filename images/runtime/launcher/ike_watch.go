package main

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// charon is asked so often, and whenever it tells of a change; by that it shows that it lives.
	ikeInterval = 5 * time.Second
	// Between two calls of a peer that has refused, doubled up to the last.
	firstRecall = 5 * time.Second
	lastRecall  = 40 * time.Second

	// Events of charon. Its others here, ike-updown and child-updown, say "up" where it is so.
	ikeRekey   = "ike-rekey"
	childRekey = "child-rekey"
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
	broken atomic.Bool // since the last look something was down, maybe for a moment only
}

func newIkeWatch(socket string, wanted []plannedChild, status *connectionFile, log *slog.Logger) *ikeWatch {
	return &ikeWatch{socket: socket, wanted: wanted, status: status, log: log, recall: firstRecall, called: time.Now()}
}

// follow watches until charon has ended.
func (w *ikeWatch) follow(ended <-chan struct{}) {
	changed := make(chan struct{}, 1)
	go w.hear(changed, ended)
	for {
		if err := w.look(); err != nil {
			w.log.Warn("charon does not say how the tunnel is", "error", err.Error())
		}
		select {
		case <-ended:
			return
		case <-changed:
		case <-time.After(ikeInterval):
		}
	}
}

// hear tells of changes; several before the next look are one. What is down and up again between two looks has been down.
func (w *ikeWatch) hear(changed chan<- struct{}, ended <-chan struct{}) {
	charon, err := dialVici(w.socket)
	if err != nil {
		return // every few seconds is enough
	}
	go func() {
		<-ended
		charon.close()
	}()
	_ = charon.listen(func(told *viciSection) {
		if told.name != ikeRekey && told.name != childRekey && told.values["up"] != "yes" {
			w.broken.Store(true)
		}
		select {
		case changed <- struct{}{}:
		default:
		}
	}, "ike-updown", "child-updown", ikeRekey, childRekey)
}

func (w *ikeWatch) look() error {
	charon, err := dialVici(w.socket)
	if err != nil {
		return err
	}
	defer charon.close()
	var all []ikeSA
	_, err = charon.stream("list-sas", nil, "list-sa", func(told *viciSection) {
		for _, sa := range told.sections {
			all = append(all, readIkeSA(sa, now()))
		}
	})
	if err != nil {
		return err
	}
	missing := w.missing(all)
	w.tell(all, len(missing) == 0)
	return w.call(charon, all, missing)
}

// missing: the children that are not installed
func (w *ikeWatch) missing(all []ikeSA) []plannedChild {
	var missing []plannedChild
	for _, child := range w.wanted {
		if !slices.ContainsFunc(all, func(sa ikeSA) bool { return sa.connection == child.connection && sa.has(child.child) }) {
			missing = append(missing, child)
		}
	}
	return missing
}

func (w *ikeWatch) tell(all []ikeSA, up bool) {
	state, endpoint, addresses, newest := "CONNECTING", "", []string(nil), time.Time{}
	for _, sa := range all {
		if sa.newest().After(newest) {
			newest = sa.newest()
		}
		if sa.state == "ESTABLISHED" {
			state = sa.state
			addresses = append(addresses, prefixes(sa.vips)...)
		}
		if _, err := netip.ParseAddr(sa.remoteHost); err == nil {
			endpoint = net.JoinHostPort(sa.remoteHost, sa.remotePort)
		}
	}
	if !up && state == "ESTABLISHED" {
		state = "CHILD_MISSING"
	}
	broken := w.broken.Swap(false)
	w.status.change(func(c *connection) {
		if broken {
			c.become(state, false, endpoint)
		}
		c.become(state, up, endpoint)
		// known to the second only, so that one and the same moment is read as two
		if !newest.IsZero() && (c.LastHandshake == nil || newest.Sub(*c.LastHandshake) > 2*time.Second) {
			c.LastHandshake = &newest
		}
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
func (w *ikeWatch) call(charon *vici, all []ikeSA, missing []plannedChild) error {
	if len(missing) == 0 || time.Since(w.called) < w.recall {
		return nil
	}
	for _, child := range missing {
		if slices.ContainsFunc(all, func(sa ikeSA) bool { return sa.connection == child.connection && sa.working() }) {
			continue
		}
		// -1: it answers at once, and not when the peer does
		_, err := charon.request("initiate", map[string]string{"ike": child.connection, "child": child.child, "timeout": "-1"})
		if err != nil {
			return err
		}
		w.called, w.recall = time.Now(), min(2*w.recall, lastRecall)
	}
	return nil
}
