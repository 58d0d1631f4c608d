# The peer's IPsec, by deploy/samples/ipsec-peer.conf. Behind the tunnel it has 10.220.0.1 and fd00:220::1, where the nodes are
# 10.220.0.11, fd00:220::11 (n1) and 10.220.0.12, fd00:220::12 (n2), and the host 10.221.0.1. Its charon encrypts by itself, as
# this kernel may not. Sourced by `cluster`; $d is the peer's directory.

IPSEC_LINK=ipsec0

ipsec_start() {
  [ ! -e "$W/pid/ipsec-peer" ] || { log "the peer's IPsec runs already"; return; }
  ipsec_files
  # before charon, which takes no policy without an address of its own in it
  in_node peer ip addr replace 10.220.0.1/32 dev lo
  in_node peer ip addr replace 10.221.0.1/32 dev lo
  in_node peer ip addr replace fd00:220::1/128 dev lo
  rm -f "$d/ipsec/vici"
  start peer ipsec-peer env STRONGSWAN_CONF="$d/ipsec/strongswan.conf" charon-systemd
  until_true 10 peer_swanctl --stats || die "the peer has no IPsec: see $W/log/ipsec-peer.log"
  peer_swanctl --load-all --noprompt --file "$d/ipsec/swanctl.conf" >>"$W/log/ipsec-peer.log" 2>&1 \
    || die "the peer's IPsec takes no configuration: see $W/log/ipsec-peer.log"
  log "the peer's IPsec listens at $SUB.200:500"
}

# ipsec_stop [KILL]: it tells its nodes that it goes; killed, it does not
ipsec_stop() {
  if [ "${1:-}" = KILL ] && [ -e "$W/pid/ipsec-peer" ]; then in_node peer kill -9 "$(cat "$W/pid/ipsec-peer")"; fi
  stop peer ipsec-peer
  until_true 5 eval "! in_node peer ip link show $IPSEC_LINK" || die "the peer's IPsec did not end"
}

peer_swanctl() {
  in_node peer env SWANCTL_DIR="$d/ipsec" STRONGSWAN_CONF="$d/ipsec/strongswan.conf" \
    swanctl "$1" --uri "unix://$d/ipsec/vici" "${@:2}"
}

# A secret for each of the two nodes of the sample, and what differs from the sample: a node that is away is noticed sooner.
ipsec_files() {
  local node
  (
    umask 077
    mkdir -p "$d"/ipsec/{x509,x509ca,x509ocsp,x509aa,x509ac,x509crl,pubkey,private,rsa,ecdsa,bliss,pkcs8,pkcs12}
    cd "$d/ipsec"
    for node in n1 n2; do [ -s "$node.secret" ] || openssl rand -hex 32 >"$node.secret"; done
    sed -e "s/<SECRET OF N1>/$(cat n1.secret)/; s/<SECRET OF N2>/$(cat n2.secret)/; s/dpd_delay = 30s/dpd_delay = 5s/" \
      "$HERE/../../deploy/samples/ipsec-peer.conf" >swanctl.conf
    cat >strongswan.conf <<X
charon-systemd {
  load_modular = no
  load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey hmac kdf drbg kernel-libipsec kernel-netlink socket-default vici
  retransmit_tries = 3
  retransmit_timeout = 1.0
  plugins {
    vici {
      socket = unix://$d/ipsec/vici
    }
    kernel-netlink {
      roam_events = no
    }
  }
  filelog {
    stderr {
      default = 1
      net = 0
      enc = 0
    }
  }
  journal {
    default = -1
  }
}
swanctl {
  load = random openssl pem pkcs1 pkcs8 x509 pubkey
}
X
  )
}

# ipsec_config NODE: of the two nodes that the sample has
ipsec_config() {
  [ -s "$d/ipsec/$1.secret" ] || die "the peer's IPsec knows n1 and n2, as the sample has them, not $1"
  cat <<X
connections {
  office {
    version = 2
    remote_addrs = $SUB.200
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
    secret = "$(cat "$d/ipsec/$1.secret")"
  }
}
X
}

ipsec_show() {
  [ -e "$W/pid/ipsec-peer" ] || return 0
  peer_swanctl --list-sas | awk -F"[][' ,@]+" '
    function told() { if (name != "") printf "%s  from %s  for %s,%s  established %s ago  received %s B  sent %s B\n", name, from, v4, v6, since, received, sent }
    /^[^ ].*ESTABLISHED/ { told(); name = ""; received = sent = 0 }
    /^  remote / { name = $3; from = $4 ":" $5; v4 = $6; v6 = $7 }
    /^  established / { since = $3 }
    /^    in / { received = $4 }
    /^    out / { sent = $4 }
    END { told() }'
}
