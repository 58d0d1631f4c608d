package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

const maxManagementLine = 64 * 1024

// followManagement asks the daemon to tell what happens, and keeps the connection's status by what it tells, until the
// daemon ends. The daemon connects only after that (--management-hold): what it told before would be missed, and the state
// CONNECTED comes once.
func followManagement(management io.ReadWriter, status *connectionFile) {
	if _, err := io.WriteString(management, "state on all\nbytecount "+heartbeatSeconds+"\nlog on all\nhold off\nhold release\n"); err != nil {
		return
	}
	reader := managementReader{status: status}
	lines := bufio.NewScanner(management)
	lines.Buffer(nil, maxManagementLine)
	for lines.Scan() {
		reader.line(strings.TrimRight(lines.Text(), "\r"))
	}
}

// managementReader understands those of the daemon's real-time messages that it asked for (management-notes.txt).
type managementReader struct {
	status      *connectionFile
	environment map[string]string // of an UPDOWN message under way
}

func (m *managementReader) line(line string) {
	kind, rest, found := strings.Cut(strings.TrimPrefix(line, ">"), ":")
	if !found || !strings.HasPrefix(line, ">") {
		return
	}
	switch kind {
	case "STATE":
		m.state(strings.Split(rest, ","))
	case "BYTECOUNT":
		m.bytes(rest)
	case "LOG":
		m.log(rest)
	case "FATAL":
		m.status.failed(rest)
	case "UPDOWN":
		m.upDown(rest)
	}
}

// state: time, name, description, local IPv4 address, remote address, remote port, local address and port of the
// transport, local IPv6 address
func (m *managementReader) state(fields []string) {
	if len(fields) < 2 {
		return
	}
	endpoint := ""
	if len(fields) > 5 && fields[4] != "" {
		endpoint = net.JoinHostPort(fields[4], fields[5])
	}
	m.status.state(fields[1], endpoint)
}

func (m *managementReader) bytes(counts string) {
	in, out, _ := strings.Cut(counts, ",")
	received, err := strconv.ParseInt(in, 10, 64)
	sent, alsoErr := strconv.ParseInt(out, 10, 64)
	if err == nil && alsoErr == nil {
		m.status.bytes(received, sent)
	}
}

// log: time, flags, text. F is fatal and N an error.
func (m *managementReader) log(entry string) {
	_, rest, _ := strings.Cut(entry, ",")
	flags, text, _ := strings.Cut(rest, ",")
	if endpoint := remote(text); endpoint != "" {
		m.status.remote(endpoint)
	}
	switch {
	case strings.HasPrefix(text, "Control Channel: "):
		m.status.handshake()
	case strings.ContainsAny(flags, "FN") || strings.Contains(text, "AUTH_FAILED"):
		m.status.failed(text)
	}
}

// What openvpn 2.6 says of the peer that it is about to try (socket.c), over UDP and TCP.
var trying = regexp.MustCompile(`(?:recently used remote address: |link remote: |TCP connection with )\[AF_INET6?\]([0-9A-Fa-f.:]+):([0-9]+)$`)

// remote: address and port of the peer that is tried now, which the state tells only once it is connected. A kill switch must let it
// through before that.
func remote(text string) string {
	found := trying.FindStringSubmatch(strings.TrimSuffix(strings.TrimSpace(text), " [nonblock]"))
	if found == nil {
		return ""
	}
	if _, err := netip.ParseAddr(found[1]); err != nil {
		return ""
	}
	return net.JoinHostPort(found[1], found[2])
}

func (m *managementReader) upDown(rest string) {
	switch {
	case rest == "UP":
		m.environment = map[string]string{}
	case rest == "ENV,END" && m.environment != nil:
		m.status.negotiated(negotiatedBy(m.environment))
		m.environment = nil
	case strings.HasPrefix(rest, "ENV,") && m.environment != nil:
		name, value, _ := strings.Cut(strings.TrimPrefix(rest, "ENV,"), "=")
		m.environment[name] = value
	}
}

// negotiatedBy reads the environment that OpenVPN has for its scripts (openvpn(8), "Environmental Variables"). What the
// peer made up and is no address is left out.
func negotiatedBy(environment map[string]string) negotiated {
	var result negotiated
	if address, err := netip.ParseAddr(environment["ifconfig_local"]); err == nil && address.Is4() {
		bits := 32 // with a peer's address instead of a mask (topology net30 or p2p)
		if mask, known := maskBits(environment["ifconfig_netmask"]); known {
			bits = mask
		}
		result.Addresses = append(result.Addresses, netip.PrefixFrom(address, bits).String())
	}
	if address, err := netip.ParseAddr(environment["ifconfig_ipv6_local"]); err == nil && address.Is6() {
		if bits, err := strconv.Atoi(environment["ifconfig_ipv6_netbits"]); err == nil && bits >= 0 && bits <= 128 {
			result.Addresses = append(result.Addresses, netip.PrefixFrom(address, bits).String())
		}
	}
	if mtu, err := strconv.Atoi(environment["tun_mtu"]); err == nil && mtu >= 576 && mtu <= 65535 {
		result.Mtu = mtu
	}
	result.PushedRoutes = pushedRoutes(environment)
	return result
}

func pushedRoutes(environment map[string]string) []string {
	var routes []netip.Prefix
	for i := 1; ; i++ {
		network, found := environment[fmt.Sprintf("route_network_%d", i)]
		if !found {
			break
		}
		address, err := netip.ParseAddr(network)
		bits, known := maskBits(environment[fmt.Sprintf("route_netmask_%d", i)])
		if err == nil && known && address.Is4() {
			routes = append(routes, netip.PrefixFrom(address, bits).Masked())
		}
	}
	for i := 1; ; i++ {
		network, found := environment[fmt.Sprintf("route_ipv6_network_%d", i)]
		if !found {
			break
		}
		if prefix, err := netip.ParsePrefix(network); err == nil && prefix.Addr().Is6() {
			routes = append(routes, prefix.Masked())
		}
	}
	sort.Slice(routes, func(i, j int) bool { return routes[i].Addr().Less(routes[j].Addr()) })
	var texts []string
	for _, route := range routes[:min(len(routes), mostPushedRoutes)] {
		texts = append(texts, route.String())
	}
	return texts
}

// maskBits: the length of a network mask such as 255.255.255.0; false where it is none
func maskBits(mask string) (int, bool) {
	address, err := netip.ParseAddr(mask)
	if err != nil || !address.Is4() {
		return 0, false
	}
	four := address.As4()
	ones, bits := net.IPMask(four[:]).Size()
	return ones, bits == 32
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
