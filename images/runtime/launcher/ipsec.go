package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	charonProgram = "charon-systemd" // strongSwan's daemon that stays in the foreground and has no stroke
	// charon is slow to start on a busy node: it tests its algorithms.
	charonTimeout = 15 * time.Second
	// What is encapsulated and encrypted fits into a packet of 1500 bytes by this, see TunnelType.IPSEC of the operator.
	ipsecMtu = 1390
)

// Where charon encrypts by itself it is kept from changing the node by this, see images/runtime/netguard.
const netguard = "/usr/local/lib/urvpn-netguard.so"

// ipsec runs charon in the foreground, gives it its configuration and watches over it by vici, its control protocol.
// Addresses, routes, rules and the link's state are the agent's, which reads of the connection what charon has told.
type ipsec struct {
	instance settings
	log      *slog.Logger
	status   *connectionFile
	noKernel bool // known since the first attempt
}

func newIpsec(instance settings, log *slog.Logger) *ipsec {
	return &ipsec{instance: instance, log: log, status: newConnectionFile(instance)}
}

func (i *ipsec) start(ctx context.Context) (session, error) {
	running, err := i.attempt(ctx)
	if err != nil {
		i.status.ended()
		return nil, err
	}
	return running, nil
}

func (i *ipsec) attempt(ctx context.Context) (session, error) {
	plan, err := i.readPlan()
	if err != nil {
		return nil, err
	}
	directory, err := newIpsecDirectory(i.instance.files)
	if err != nil {
		return nil, err
	}
	defer directory.remove()
	link, err := i.makeLink(ctx, plan)
	if err != nil {
		return nil, err
	}
	running, err := i.run(ctx, plan, directory, link)
	if err != nil && link != nil {
		link.stop()
	}
	return running, err
}

// readPlan: what is wrong with the configuration is told in the connection too.
func (i *ipsec) readPlan() (*ipsecPlan, error) {
	text, err := os.ReadFile(i.instance.config)
	if err != nil {
		return nil, fmt.Errorf("the configuration is not there: %w", err)
	}
	table, err := strconv.Atoi(readTrimmed(filepath.Join(i.instance.directory, "table")))
	if err != nil || table <= 0 {
		return nil, errors.New("the agent has given no routing table, which IPsec's marks are made of")
	}
	plan, err := readPlan(text, table)
	if err != nil {
		i.status.failed("the configuration is refused: " + err.Error())
		return nil, fmt.Errorf("the configuration is refused: %w", err)
	}
	return plan, nil
}

// makeLink makes the interface where the kernel encrypts; otherwise charon makes it, and there is none yet.
func (i *ipsec) makeLink(ctx context.Context, plan *ipsecPlan) (session, error) {
	if !i.noKernel {
		link, err := makeXfrmLink(ctx, i.instance, plan.table)
		if err == nil {
			plan.kernel = true
			return link, nil
		}
		if !errors.Is(err, errNoKernelIpsec) {
			return nil, err
		}
		i.noKernel = true
		i.log.Info("this kernel has no ESP or no XFRM interfaces: charon encrypts by itself")
	}
	if linkExists(i.instance.link) {
		return nil, fmt.Errorf("an interface named %s is there already and not ours: it is left alone", i.instance.link)
	}
	return nil, nil
}

func (i *ipsec) run(ctx context.Context, plan *ipsecPlan, directory *ipsecDirectory, link session) (session, error) {
	socket := filepath.Join(i.instance.directory, "ipsec", "charon.vici")
	if err := prepareSocket(socket); err != nil {
		return nil, err
	}
	if err := directory.write("strongswan.conf", strongswanConf(plan, i.instance.link, socket)); err != nil {
		return nil, err
	}
	if err := directory.fill(plan); err != nil {
		i.status.failed(err.Error())
		return nil, err
	}
	environment := []string{"STRONGSWAN_CONF=" + directory.in("strongswan.conf")}
	if !plan.kernel {
		environment = append(environment, "LD_PRELOAD="+orDefault(os.Getenv("URVPN_NETGUARD"), netguard))
	}
	output := newDaemonLog(i.log, i.status, charonLine)
	daemon, err := startProcessWith(output, environment, charonProgram)
	if err != nil {
		return nil, err
	}
	if err := i.bringUp(ctx, daemon, directory, socket, plan.kernel); err != nil {
		daemon.stop()
		return nil, err
	}
	running := &ipsecSession{daemon: daemon, link: link, stopped: make(chan struct{})}
	go running.watchLink(i.instance.link, linkIndex(i.instance.link), i.log)
	go func() {
		newIkeWatch(socket, plan.children(), i.status, i.log).follow(daemon.ended())
		i.status.ended()
	}()
	return running, nil
}

func (i *ipsec) bringUp(ctx context.Context, daemon *process, directory *ipsecDirectory, socket string, kernel bool) error {
	listens := func() bool {
		charon, err := dialVici(socket)
		if err != nil {
			return false
		}
		charon.close()
		return true
	}
	if err := daemon.await(ctx, charonTimeout, "a socket that listens", listens); err != nil {
		return err
	}
	if !kernel {
		if err := run(ctx, "ip", "link", "set", i.instance.link, "alias", alias(i.instance)); err != nil {
			return fmt.Errorf("charon made no interface %s: %w", i.instance.link, err)
		}
	}
	if err := load(ctx, directory, socket); err != nil {
		i.status.failed(err.Error())
		return err
	}
	return nil
}

// load gives charon the configuration. What swanctl says has names, but nothing of a secret.
func load(ctx context.Context, directory *ipsecDirectory, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, charonTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "swanctl", "--load-all", "--noprompt", "--uri", "unix://"+socket,
		"--file", directory.in("swanctl.conf"))
	command.Env = append(os.Environ(), "SWANCTL_DIR="+directory.path, "STRONGSWAN_CONF="+directory.in("strongswan.conf"))
	output, err := command.CombinedOutput()
	var failures []string
	for line := range strings.Lines(string(output)) {
		if strings.Contains(line, "failed") {
			failures = append(failures, masked(strings.TrimSpace(strings.ReplaceAll(line, directory.path+"/", ""))))
		}
	}
	if err != nil || len(failures) > 0 {
		return fmt.Errorf("the configuration was not accepted: %s", strings.Join(failures, "; "))
	}
	return nil
}

// ipsecSession is charon, and its interface where that is the kernel's.
type ipsecSession struct {
	daemon  *process
	link    session
	stopped chan struct{}
}

func (s *ipsecSession) ended() <-chan struct{} { return s.daemon.ended() }

// stop sends SIGTERM, upon which charon tells the peer that it goes and ends.
func (s *ipsecSession) stop() {
	close(s.stopped)
	s.daemon.stop()
	if s.link != nil {
		s.link.stop()
	}
}

// watchLink ends a daemon whose interface somebody removed: it would go on without one, and say that it is connected.
func (s *ipsecSession) watchLink(link, index string, log *slog.Logger) {
	for {
		select {
		case <-s.stopped:
			return
		case <-s.daemon.ended():
			return
		case <-time.After(pollInterval):
		}
		if linkIndex(link) != index {
			log.Warn("the interface is gone: the daemon is started anew")
			s.daemon.stop()
			return
		}
	}
}
