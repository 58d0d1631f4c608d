# The other end of the tunnels: a machine beside the nodes, at $SUB.200, which is no part of the cluster. It runs a server of
# each type; what each has behind its tunnel stands in its part. Sourced by `cluster`.

PEER_TYPES=(wireguard openvpn ipsec)
PEER_LINKS='"wg0", "ovpn0", "ipsec0"' # as nft(8) writes a set

peer() {
  local what=${1:-} d=$W/nodes/peer
  shift || true
  case $what in
    up) peer_up ;;
    down) peer_down ;;
    start | stop) peer_type "${1:-}" && "${1}_$what" "${@:2}" ;;
    config) peer_config "$@" ;;
    show) peer_show "$@" ;;
    seen) peer_seen "$@" ;;
    *) die "peer what? up, down, start TYPE, stop TYPE, config NODE, show or seen" ;;
  esac
}

peer_type() {
  [ -d "$d/keys" ] || die "the peer is not up: run 'cluster peer up' first"
  [[ $1 =~ ^[a-z]+$ && " ${PEER_TYPES[*]} " == *" $1 "* ]] || die "the peer knows the types ${PEER_TYPES[*]}, not '$1'"
}

peer_up() {
  local type
  [ -e "$W/.cluster" ] || die "the cluster is not up"
  [ ! -e "/run/netns/$NS-peer" ] || { log "the peer is up already"; return; }
  (umask 077 && mkdir -p "$d/keys")
  wire peer 200
  boot peer
  count_echo_requests
  for type in "${PEER_TYPES[@]}"; do "${type}_start"; done
}

# what arrives through the tunnels, counted by the address it comes from
count_echo_requests() {
  in_node peer nft -f - <<X
table inet seen {
  set v4 { type ipv4_addr; flags dynamic; counter; }
  set v6 { type ipv6_addr; flags dynamic; counter; }
  chain input {
    type filter hook input priority filter;
    iifname { $PEER_LINKS } icmp type echo-request update @v4 { ip saddr }
    iifname { $PEER_LINKS } icmpv6 type echo-request update @v6 { ip6 saddr }
  }
}
X
}

peer_down() {
  local type
  [ -e "/run/netns/$NS-peer" ] || return 0
  end_processes "$NS-peer"
  ip -n "$NS-cp" link del v-peer 2>/dev/null || true
  ip netns del "$NS-peer"
  until_true 5 rm -rf "$d"
  rm -f "$W"/pid/*-peer
  log "the peer is down"
}

# peer_config NODE [TYPE]
peer_config() {
  local node=${1:-} type=${2:-wireguard}
  [[ $node =~ ^n[1-9]$ ]] || die "peer config needs a node, n1 to n9"
  peer_type "$type"
  "${type}_config" "$node" $((10 + ${node#n}))
}

# peer_show [TYPE]: a line for each node that it knows, of that type or of all
peer_show() {
  local type types=("${PEER_TYPES[@]}")
  if [ $# -gt 0 ]; then
    peer_type "$1"
    types=("$1")
  fi
  for type in "${types[@]}"; do "${type}_show"; done
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
