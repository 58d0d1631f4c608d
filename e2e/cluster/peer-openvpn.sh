# The peer's OpenVPN server, by deploy/samples/openvpn-server.conf. Behind the tunnel it has 10.210.0.1 and fd00:210::1, where
# the nodes are 10.210.0.11, fd00:210::11 (n1) and so on, and the host 10.211.0.1, whose network it pushes a route to.
# Sourced by `cluster`; $d is the peer's directory.

OVPN_LINK=ovpn0
OVPN_PORT=1194

openvpn_start() {
  [ ! -e "$W/pid/openvpn-peer" ] || { log "the peer's OpenVPN runs already"; return; }
  [ -s "$d/openvpn/server.crt" ] || openvpn_pki
  # What differs from the sample stands after it: a short keepalive, so that nobody waits long for what a client notices.
  # This kernel may have no data channel offload, and OpenVPN would look for it.
  start peer openvpn-peer openvpn --cd "$d/openvpn" --config "$HERE/../../deploy/samples/openvpn-server.conf" \
    --local "$SUB.200" --port "$OVPN_PORT" --dev "$OVPN_LINK" --dev-type tun --keepalive 5 20 \
    --status status 1 --status-version 3 --disable-dco
  until_true 10 openvpn_listens || die "the peer has no OpenVPN: see $W/log/openvpn-peer.log"
  in_node peer ip addr replace 10.211.0.1/32 dev lo
  log "the peer's OpenVPN listens at $SUB.200:$OVPN_PORT"
}

# It binds its port before it sets addresses.
openvpn_listens() { in_node peer ip -o addr show dev "$OVPN_LINK" | grep -q fd00:210::1/; }

# openvpn_stop [KILL]: it tells its clients that it goes; killed, it does not
openvpn_stop() {
  if [ "${1:-}" = KILL ] && [ -e "$W/pid/openvpn-peer" ]; then in_node peer kill -9 "$(cat "$W/pid/openvpn-peer")"; fi
  stop peer openvpn-peer
  until_true 5 eval "! in_node peer ip link show $OVPN_LINK" || die "the peer's OpenVPN did not end"
  rm -f "$d/openvpn/status"
}

openvpn_pki() {
  (
    umask 077
    mkdir -p "$d/openvpn/clients"
    cd "$d/openvpn"
    openvpn --genkey tls-crypt tls-crypt.key &
    local key=$! # a process substitution, as for the certificate, is a new $!
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN=e2e -days 365 2>/dev/null
    openvpn_certificate server serverAuth
    wait "$key"
  )
}

# openvpn_certificate NAME USAGE
openvpn_certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -out "$1.crt" -days 365 \
    -extfile <(printf 'keyUsage=digitalSignature\nextendedKeyUsage=%s' "$2") 2>/dev/null
}

# openvpn_config NODE LAST, the last number of its addresses
openvpn_config() {
  (
    umask 077
    cd "$d/openvpn"
    [ -s "$1.crt" ] || openvpn_certificate "$1" clientAuth
    printf 'ifconfig-push 10.210.0.%s 255.255.255.0\nifconfig-ipv6-push fd00:210::%s/64 fd00:210::1\n' "$2" "$2" >"clients/$1"
    cat <<X
client
dev tun
proto udp
remote $SUB.200 $OVPN_PORT
nobind
remote-cert-tls server
<ca>
$(cat ca.crt)
</ca>
<cert>
$(cat "$1.crt")
</cert>
<key>
$(cat "$1.key")
</key>
<tls-crypt>
$(grep -v '^#' tls-crypt.key)
</tls-crypt>
X
  )
}

# from the server's status, which it writes each second
openvpn_show() {
  local now name endpoint v4 v6 received sent since
  now=$(date +%s)
  { grep -s $'^CLIENT_LIST\t' "$d/openvpn/status" || true; } | tr '\t' '|' | while IFS='|' read -r _ name endpoint v4 v6 received sent _ since _; do
    printf '%s  from %s  for %s,%s  connected %s s ago  received %s B  sent %s B\n' \
      "$name" "$endpoint" "$v4" "$v6" "$((now - since))" "$received" "$sent"
  done
}
