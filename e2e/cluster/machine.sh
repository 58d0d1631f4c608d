# What the machine must have, and how processes are started in its namespaces. Sourced by `cluster`.

packages() {
  echo runc containernetworking-plugins nftables conntrack iproute2 procps openssl python3 wireguard-tools wireguard-go openvpn
  echo charon-systemd strongswan-swanctl libcharon-extra-plugins libstrongswan-standard-plugins
}

check_machine() {
  [ "$EUID" = 0 ] || die "needs root: it makes network namespaces and mounts"
  local missing=() entry
  for entry in runc:runc nft:nftables conntrack:conntrack ip:iproute2 pgrep:procps openssl:openssl python3:python3 \
    wg:wireguard-tools wireguard-go:wireguard-go openvpn:openvpn charon-systemd:charon-systemd swanctl:strongswan-swanctl; do
    PATH=$PATH:/usr/sbin command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
  done
  [ -f /usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so ] || missing+=(libcharon-extra-plugins)
  [ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
  [ ${#missing[@]} = 0 ] || die "missing Debian packages: run 'apt-get install ${missing[*]}'"
  [ -c /dev/net/tun ] || die "/dev/net/tun is missing: run 'modprobe tun'"
}

# until_true SECONDS CMD...: tries CMD until it succeeds, for at most about SECONDS
until_true() {
  local seconds=$1 end
  shift
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

in_cp() { ip netns exec "$NS-cp" "$@"; }

# not `ip netns exec`: that hides the cgroup mounts under /sys
in_node() {
  local node=$1
  shift
  [ -s "$W/nodes/$node/init.pid" ] || die "$node is not running"
  nsenter -t "$(cat "$W/nodes/$node/init.pid")" --net --pid --mount -- "$@"
}

# start WHERE NAME CMD...: WHERE is cp or a node; the process writes its own PID, as its PID namespace numbers it.
# A session of its own keeps the terminal's Ctrl-C from it.
start() {
  local where=$1 name=$2
  shift 2
  # shellcheck disable=SC2016
  local inner=(setsid bash -c 'echo $$ >"$0"; exec "$@"' "$W/pid/$name" "$@")
  if [ "$where" = cp ]; then
    in_cp "${inner[@]}" >>"$W/log/$name.log" 2>&1 </dev/null &
  else
    in_node "$where" "${inner[@]}" >>"$W/log/$name.log" 2>&1 </dev/null &
  fi
}

# stop WHERE NAME: TERM, and KILL after 5 s
stop() {
  local where=$1 name=$2 pid run=()
  pid=$(cat "$W/pid/$name" 2>/dev/null) || return 0
  [ "$where" = cp ] || run=(in_node "$where")
  # shellcheck disable=SC2016
  "${run[@]}" bash -c 'kill "$0"; for _ in $(seq 50); do kill -0 "$0" || exit 0; sleep .1; done; kill -9 "$0"' "$pid" 2>/dev/null || true
  rm -f "$W/pid/$name"
}

# Boots a machine: its init is the first process of its own PID and mount namespaces and reaps what is orphaned there;
# killing it ends everything on the machine, as pulling its power would. /run is empty at every boot; what the machine
# writes under /etc and /var stays its own and outlives a boot; the boot id is a new one.
boot() {
  local name=$1 d=$W/nodes/$1 outer
  mkdir -p "$d"/disk/{etc,var}{,.work}
  cat /proc/sys/kernel/random/uuid >"$d/boot_id"
  cat >"$d/init" <<X
mount --make-rshared /
mount -t tmpfs tmpfs /run
for p in etc var; do mount -t overlay overlay -o lowerdir=/\$p,upperdir=$d/disk/\$p,workdir=$d/disk/\$p.work /\$p; done
mount --bind $d/boot_id /proc/sys/kernel/random/boot_id
echo $name >/proc/sys/kernel/hostname
touch /run/booted
while :; do sleep 3600 & wait \$!; done
X
  setsid nsenter --net="/run/netns/$NS-$name" unshare --uts --pid --fork --kill-child --mount --propagation private --mount-proc \
    bash "$d/init" >"$W/log/init-$name.log" 2>&1 </dev/null &
  outer=$! # nsenter executes unshare, whose only child is the init
  until_true 10 eval "pgrep -P $outer >'$d/init.pid' && in_node $name test -e /run/booted" ||
    die "$name did not boot: see $W/log/init-$name.log"
}

# wire NAME HOST: a network namespace for the machine, joined to the control plane's bridge as $SUB.HOST
wire() {
  local name=$1 host=$2
  ip netns add "$NS-$name"
  ip -n "$NS-$name" link set lo up
  ip link add "v-$name" netns "$NS-cp" type veth peer name eth0 netns "$NS-$name"
  ip -n "$NS-cp" link set "v-$name" master br0 up
  ip -n "$NS-$name" addr add "$SUB.$host/24" dev eth0
  ip -n "$NS-$name" link set eth0 up
  ip -n "$NS-$name" route add default via "$CP"
}
