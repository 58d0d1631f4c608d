# A remote WireGuard peer: a machine beside the nodes, at $SUB.200, which is no part of the cluster. Behind its tunnel it
# has 10.200.0.1 and fd00:200::1, where the nodes are 10.200.0.11, fd00:200::11 (n1) and so on, and the host 10.201.0.1,
# which only a route reaches. Sourced by `cluster`.

PEER_LINK=wg0
PEER_PORT=51820

peer() {
  local what=${1:-}
  shift || true
  case $what in
    up) peer_up ;;
    down) peer_down ;;
    config) peer_config "$@" ;;
    show) peer_show ;;
    seen) peer_seen "$@" ;;
    *) die "peer what? up, down, config NODE, show or seen" ;;
  esac
}

peer_up() {
  local d=$W/nodes/peer
  [ -e "$W/.cluster" ] || die "the cluster is not up"
  [ ! -e "/run/netns/$NS-peer" ] || { log "the peer is up already"; return; }
  mkdir -p "$d"
  (umask 077 && mkdir -p "$d/keys" && wg genkey >"$d/keys/peer")
  wire peer 200
  boot peer
  if ! in_node peer ip link add "$PEER_LINK" type wireguard 2>/dev/null; then
    # A node's default of a million open files makes wireguard-go reserve memory for all of them.
    # shellcheck disable=SC2016
    start peer wireguard-go-peer bash -c 'ulimit -n 4096; exec wireguard-go -f "$0"' "$PEER_LINK"
    until_true 10 in_node peer wg show "$PEER_LINK" || die "the peer has no tunnel: see $W/log/wireguard-go-peer.log"
  fi
  in_node peer wg set "$PEER_LINK" listen-port "$PEER_PORT" private-key "$d/keys/peer"
  in_node peer ip addr add 10.200.0.1/24 dev "$PEER_LINK"
  in_node peer ip addr add fd00:200::1/64 dev "$PEER_LINK" nodad
  in_node peer ip addr add 10.201.0.1/32 dev lo
  in_node peer ip link set "$PEER_LINK" up
  count_echo_requests
  log "the peer listens at $SUB.200:$PEER_PORT"
}

# what arrives through the tunnel, counted by the address it comes from
count_echo_requests() {
  in_node peer nft -f - <<X
table inet seen {
  set v4 { type ipv4_addr; flags dynamic; counter; }
  set v6 { type ipv6_addr; flags dynamic; counter; }
  chain input {
    type filter hook input priority filter;
    iifname "$PEER_LINK" icmp type echo-request update @v4 { ip saddr }
    iifname "$PEER_LINK" icmpv6 type echo-request update @v6 { ip6 saddr }
  }
}
X
}

peer_down() {
  [ -e "/run/netns/$NS-peer" ] || return 0
  end_processes "$NS-peer"
  ip -n "$NS-cp" link del v-peer 2>/dev/null || true
  ip netns del "$NS-peer"
  until_true 5 rm -rf "$W/nodes/peer"
  rm -f "$W/pid/wireguard-go-peer"
  log "the peer is down"
}

peer_config() {
  local node=${1:-} d=$W/nodes/peer i=${1#n}
  [[ $node =~ ^n[1-9]$ ]] || die "peer config needs a node, n1 to n9"
  [ -d "$d/keys" ] || die "the peer is not up: run 'cluster peer up' first"
  if [ ! -s "$d/keys/$node" ]; then
    (umask 077 && wg genkey >"$d/keys/$node")
    in_node peer wg set "$PEER_LINK" peer "$(wg pubkey <"$d/keys/$node")" allowed-ips "10.200.0.$((10 + i))/32,fd00:200::$((10 + i))/128"
  fi
  cat <<X
[Interface]
PrivateKey = $(cat "$d/keys/$node")
Address = 10.200.0.$((10 + i))/24, fd00:200::$((10 + i))/64

[Peer]
PublicKey = $(wg pubkey <"$d/keys/peer")
Endpoint = $SUB.200:$PEER_PORT
AllowedIPs = 10.200.0.0/24, 10.201.0.1/32, fd00:200::/64
PersistentKeepalive = 5
X
}

peer_show() {
  local now key endpoint allowed handshake received sent
  now=$(date +%s)
  in_node peer wg show "$PEER_LINK" dump | tail -n +2 | while read -r key _ endpoint allowed handshake received sent _; do
    [ "$handshake" = 0 ] && handshake=never || handshake="$((now - handshake)) s ago"
    printf '%s  from %s  for %s  handshake %s  received %s B  sent %s B\n' \
      "$key" "$endpoint" "$allowed" "$handshake" "$received" "$sent"
  done
}

# prints a line for each source: its address and the number of packets
peer_seen() {
  local family
  for family in v4 v6; do
    if [ "${1:-}" = --forget ]; then
      in_node peer nft flush set inet seen "$family"
    else
      in_node peer nft -j list set inet seen "$family" | python3 -c '
import json, sys
for entry in json.load(sys.stdin)["nftables"]:
    for element in entry.get("set", {}).get("elem", []):
        print(element["elem"]["val"], element["elem"]["counter"]["packets"])'
    fi
  done
}
