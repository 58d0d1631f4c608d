# The WireGuard peer on a cluster that is there already. Sourced by existing.sh.

PEER_PORT=51820
PEER_TOOLS=
declare -A KEYS

peer_files() { :; }

peer_config() {
  local node=$1 number
  number=$(last_number "$node")
  KEYS[$node]=$(at_peer wg genkey)
  at_peer wg set wg0 peer "$(at_peer_pubkey "${KEYS[$node]}")" allowed-ips "10.200.0.$number/32"
  cat <<X
[Interface]
PrivateKey = ${KEYS[$node]}
Address = 10.200.0.$number/24

[Peer]
PublicKey = $(at_peer wg show wg0 public-key)
Endpoint = $PEER_ADDRESS:$PEER_PORT
AllowedIPs = 10.200.0.0/24, 10.201.0.1/32
PersistentKeepalive = 5
X
}

at_peer_pubkey() { kube -n "$DEMO" exec -i peer -- wg pubkey <<<"$1"; }
peer_show() { at_peer wg show wg0 latest-handshakes; }
peer_sources() { echo "answered, and the peer takes from ${NODES[1]} only what comes from 10.200.0.12 (its allowed-ips): the tunnel's address"; }
