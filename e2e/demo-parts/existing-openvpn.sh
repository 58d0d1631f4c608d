# The OpenVPN peer on a cluster that is there already: the server of deploy/samples, with certificates that are made here, in
# the demo's temporary directory. Sourced by existing.sh.

PEER_PORT=1194
PEER_TOOLS=openssl
PKI=$WORK/pki

# The files of the server, in a Secret: its own, and one for each client, which gives that its addresses.
peer_files() {
  local node number
  (umask 077 && mkdir "$PKI" "$PKI/server")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$PKI/ca.key" -out "$PKI/server/ca.crt" \
    -subj /CN=ur-vpn-demo -days 2 2>/dev/null
  certificate "$PKI/server/server" server serverAuth
  { echo '-----BEGIN OpenVPN Static key V1-----'; openssl rand -hex 256 | fold -w 32; echo '-----END OpenVPN Static key V1-----'; } >"$PKI/server/tls-crypt.key"
  for node in "${NODES[@]}"; do
    number=$(last_number "$node")
    printf 'ifconfig-push 10.210.0.%s 255.255.255.0\nifconfig-ipv6-push fd00:210::%s/64 fd00:210::1\n' "$number" "$number" >"$PKI/server/client-$node"
  done
  cp deploy/samples/openvpn-server.conf "$PKI/server/server.conf"
  kube -n "$DEMO" create secret generic server --from-file="$PKI/server" | indent
}

# certificate FILE NAME USAGE
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$PKI/csr" -subj "/CN=$2" 2>/dev/null
  openssl x509 -req -in "$PKI/csr" -CA "$PKI/server/ca.crt" -CAkey "$PKI/ca.key" -CAserial "$PKI/serial" -CAcreateserial -out "$1.crt" -days 2 \
    -extfile <(printf 'keyUsage=digitalSignature\nextendedKeyUsage=%s' "$3") 2>/dev/null
}

peer_config() {
  certificate "$PKI/$1" "$1" clientAuth
  cat <<X
client
dev tun
proto udp
remote $PEER_ADDRESS $PEER_PORT
nobind
remote-cert-tls server
<ca>
$(cat "$PKI/server/ca.crt")
</ca>
<cert>
$(cat "$PKI/$1.crt")
</cert>
<key>
$(cat "$PKI/$1.key")
</key>
<tls-crypt>
$(cat "$PKI/server/tls-crypt.key")
</tls-crypt>
X
}

peer_show() { at_peer grep '^CLIENT_LIST' /run/server/status | cut -f2-5; }
peer_sources() { echo "answered, and the peer takes from ${NODES[1]} only what comes from 10.210.0.12 (the address it gave): the tunnel's address"; }
