# The peer's WireGuard. Behind the tunnel it has 10.200.0.1 and fd00:200::1, where the nodes are 10.200.0.11, fd00:200::11 (n1)
# and so on, and the host 10.201.0.1, which only a route reaches. Sourced by `cluster`; $d is the peer's directory.

WG_LINK=wg0
WG_PORT=51820

wireguard_start() {
  local node
  ! in_node peer ip link show "$WG_LINK" >/dev/null 2>&1 || { log "the peer's WireGuard runs already"; return; }
  [ -s "$d/keys/peer" ] || (umask 077 && wg genkey >"$d/keys/peer")
  if ! in_node peer ip link add "$WG_LINK" type wireguard 2>/dev/null; then
    # A node's default of a million open files makes wireguard-go reserve memory for all of them.
    # shellcheck disable=SC2016
    start peer wireguard-go-peer bash -c 'ulimit -n 4096; exec wireguard-go -f "$0"' "$WG_LINK"
    until_true 10 in_node peer wg show "$WG_LINK" || die "the peer has no tunnel: see $W/log/wireguard-go-peer.log"
  fi
  in_node peer wg set "$WG_LINK" listen-port "$WG_PORT" private-key "$d/keys/peer"
  for node in $(find "$d/keys" -name 'n[1-9]' -printf '%f\n'); do wireguard_take "$node"; done
  in_node peer ip addr add 10.200.0.1/24 dev "$WG_LINK"
  in_node peer ip addr add fd00:200::1/64 dev "$WG_LINK" nodad
  in_node peer ip addr replace 10.201.0.1/32 dev lo
  in_node peer ip link set "$WG_LINK" up
  log "the peer's WireGuard listens at $SUB.200:$WG_PORT"
}

wireguard_stop() {
  stop peer wireguard-go-peer
  in_node peer ip link del "$WG_LINK" 2>/dev/null || true
}

# wireguard_take NODE: the peer talks to it from now on
wireguard_take() {
  local last=$((10 + ${1#n}))
  in_node peer wg set "$WG_LINK" peer "$(wg pubkey <"$d/keys/$1")" allowed-ips "10.200.0.$last/32,fd00:200::$last/128"
}

# wireguard_config NODE LAST, the last number of its addresses
wireguard_config() {
  if [ ! -s "$d/keys/$1" ]; then
    (umask 077 && wg genkey >"$d/keys/$1")
    wireguard_take "$1"
  fi
  cat <<X
[Interface]
PrivateKey = $(cat "$d/keys/$1")
Address = 10.200.0.$2/24, fd00:200::$2/64

[Peer]
PublicKey = $(wg pubkey <"$d/keys/peer")
Endpoint = $SUB.200:$WG_PORT
AllowedIPs = 10.200.0.0/24, 10.201.0.1/32, fd00:200::/64
PersistentKeepalive = 5
X
}

wireguard_show() {
  local now key endpoint allowed handshake received sent
  now=$(date +%s)
  in_node peer wg show "$WG_LINK" dump 2>/dev/null | tail -n +2 | while read -r key _ endpoint allowed handshake received sent _; do
    [ "$handshake" = 0 ] && handshake=never || handshake="$((now - handshake)) s ago"
    printf '%s  from %s  for %s  handshake %s  received %s B  sent %s B\n' \
      "$key" "$endpoint" "$allowed" "$handshake" "$received" "$sent"
  done
}
