# The IPsec peer on a cluster that is there already: the responder of deploy/samples, with secrets that are made here, in the
# demo's temporary directory. Sourced by existing.sh.

# shellcheck disable=SC2034  # existing.sh uses them
PEER_PORT=500
PEER_TOOLS=openssl
SERVER=$WORK/ipsec

# The files of the responder, in a Secret: the sample with the names of the two nodes and a secret for each.
peer_files() {
  local number
  (umask 077 && mkdir "$SERVER")
  for number in 1 2; do (umask 077 && openssl rand -hex 32 >"$WORK/secret-${NODES[number - 1]}"); done
  sed -e "s/\bid = n1$/id = ${NODES[0]}/; s/\bid = n2$/id = ${NODES[1]}/; s/dpd_delay = 30s/dpd_delay = 5s/" \
    -e "s/<SECRET OF N1>/$(cat "$WORK/secret-${NODES[0]}")/; s/<SECRET OF N2>/$(cat "$WORK/secret-${NODES[1]}")/" \
    deploy/samples/ipsec-peer.conf >"$SERVER/swanctl.conf"
  cp "$PARTS/existing-ipsec.conf" "$SERVER/strongswan.conf"
  kube -n "$DEMO" create secret generic server --from-file="$SERVER" | indent
}

peer_config() {
  cat <<X
connections {
  office {
    version = 2
    remote_addrs = $PEER_ADDRESS
    vips = 0.0.0.0, ::
    local {
      auth = psk
      id = $1
    }
    remote {
      auth = psk
      id = gateway
    }
    children {
      net {
        remote_ts = 10.220.0.0/24, 10.221.0.0/24, fd00:220::/64
      }
    }
  }
}
secrets {
  ike-office {
    secret = "$(cat "$WORK/secret-$1")"
  }
}
X
}

peer_show() { at_peer swanctl --list-sas --uri unix:///run/server/vici; }
peer_sources() { echo "answered, and the peer takes from ${NODES[1]} only what comes from 10.220.0.12 (the address it gave): the tunnel's address"; }
