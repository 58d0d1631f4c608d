# What the demo shows, on whatever cluster. Sourced by e2e/demo. Uses, from own.sh or existing.sh:
#   kube ARG...          kubectl                        NODES               two nodes, the second with the pod
#   on NODE CMD...       runs CMD on a node             pod_ping ARG...     ping from the pod on the second node
#   peer_config NODE     prints that node's file        peer_show           what the peer sees of the nodes
#   peer_sources         which addresses sent echo requests since the last call of peer_forget

# What there is on a node that could be left behind: links, rules, routes, tables of nftables, processes, files.
# IPv6 lifetimes and counters are left out, since they change by themselves.
# shellcheck disable=SC2016
LOOK='echo "links:"; ip -o link show | cut -d" " -f2 | cut -d: -f1 | sort
echo "rules:"; ip -4 rule show; ip -6 rule show
echo "routes:"; { ip -4 route show table all; ip -6 route show table all; } | sed "s/ expires [0-9]*sec//" | sort
echo "nftables:"; nft list tables 2>/dev/null | sort
echo "files of instances:"; find /run/ur-vpn /var/lib/ur-vpn -regextype egrep -regex ".*/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[^/]*" 2>/dev/null | sort
echo "VPN processes:"
for process in /proc/[0-9]*; do tr "\0" " " <$process/cmdline; echo; done 2>/dev/null | grep -E "^(/usr/sbin/)?(wireguard-go|openvpn|charon-systemd|/usr/local/bin/urvpn-launcher)" | sort; true'

snapshot() {
  local node
  for node in "${NODES[@]}"; do on "$node" sh -c "$LOOK" >"$WORK/$node.$1"; done
}

# The first snapshot is taken when nothing changes by itself any more: IPv6 addresses of new links come a second later.
snapshot_settled() {
  local node tries
  for tries in 1 2 3 4 5; do
    snapshot "$1"
    sleep 1.5
    snapshot again
    for node in "${NODES[@]}"; do cmp -s "$WORK/$node.$1" "$WORK/$node.again" || continue 2; done
    return
  done
  fail "the nodes do not come to rest (tried $tries times)"
}

bring_up() {
  step "Making a Secret with one $KIND identity for each node, and the VpnInstance '$NAME'"
  local node
  mkdir -p "$WORK/secret"
  for node in "${NODES[@]}"; do (umask 077 && peer_config "$node" >"$WORK/secret/$node.conf"); done
  kube -n "$NAMESPACE" create secret generic "$NAME" --from-file="$WORK/secret" | indent
  rm -r "$WORK/secret"
  sample | tee "$WORK/sample.yaml" | indent
  local began=$SECONDS
  kube apply -f - <"$WORK/sample.yaml" | indent
  kube wait --for=condition=Ready "vpninstance/$NAME" --timeout=60s | indent || not_ready
  saw "Ready after $((SECONDS - began)) s"
  kube get vpn "$NAME" | indent
  snapshot during
  for node in "${NODES[@]}"; do
    saw "what came to $node:"
    difference "$node" before during | indent
  done
}

not_ready() {
  kube describe vpninstance "$NAME" | sed -n '/^Status:/,$p' | indent
  kube get vpnattachments -o jsonpath='{range .items[*]}{.spec.nodeName}{": "}{.status.connection}{"\n"}{end}' | indent
  fail "the tunnel is not Ready"
}

# The committed sample, bound to this demo's Secret and two nodes.
sample() {
  cat <<X
apiVersion: urvpn.io/v1alpha1
kind: VpnInstance
metadata:
  name: $NAME
spec:
  type: $KIND
  configSecretRef:
    name: $NAME
  nodeSelector: $NODE_SELECTOR
  routes:
$(printf '    - destination: %s\n' "${ROUTES[@]}")
  masquerade: true
X
}

# difference NODE FROM TO: the lines that one snapshot has and the other has not
difference() { diff "$WORK/$1.$2" "$WORK/$1.$3" | grep '^[<>]' | sed 's/^</-/; s/^>/+/' || true; }

ping_from_nodes() {
  step "Sending 100 pings through the tunnel from both nodes at once"
  local node jobs=() job failed=0
  for node in "${NODES[@]}"; do
    on "$node" ping -q -c 100 -i 0.05 -W 2 "$PEER_INSIDE" >"$WORK/$node.ping" 2>&1 &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  for node in "${NODES[@]}"; do saw "$node: $(grep 'packets transmitted' "$WORK/$node.ping" || cat "$WORK/$node.ping")"; done
  [ "$failed" = 0 ] || fail "the tunnel does not carry traffic"
  saw "the peer sees:"
  peer_show | indent
}

ping_from_pod() {
  step "Sending pings from a pod on ${NODES[1]} to a host behind the peer; 'masquerade: true' gives them the tunnel's address"
  peer_forget
  pod_ping -q -c 10 -i 0.1 -W 2 "$BEHIND_PEER" >"$WORK/pod.ping" 2>&1 || { indent <"$WORK/pod.ping"; fail "the pod does not reach it"; }
  saw "the pod: $(grep 'packets transmitted' "$WORK/pod.ping")"
  saw "$(peer_sources)"
}

take_down() {
  step "Deleting the VpnInstance; it goes when every node has been read again and found clean"
  local began=$SECONDS follower
  python3 "$PARTS/follow.py" "$NAME" "${KUBE[@]}" > >(indent) &
  follower=$!
  kube delete vpninstance "$NAME" --wait=false | indent
  describe_until_gone "$began"
  sleep 0.5 # the last lines of the follower
  kill "$follower" 2>/dev/null || true
  wait "$follower" || true
  saw "gone after $((SECONDS - began)) s"
  saw "what 'kubectl describe vpninstance $NAME' said meanwhile:"
  sed -n '/^Status:/,$p' "$WORK/describe" | indent
}

# describe_until_gone BEGAN: keeps the last description that has a component done
describe_until_gone() {
  while kube get vpninstance "$NAME" -o name >/dev/null 2>&1; do
    if kube describe vpninstance "$NAME" >"$WORK/now" 2>/dev/null && grep -q COMPLETED "$WORK/now"; then cp "$WORK/now" "$WORK/describe"; fi
    [ $((SECONDS - $1)) -lt 60 ] || { indent <"$WORK/now"; fail "the deletion is not done after 60 s"; }
    sleep 0.3
  done
  [ -f "$WORK/describe" ] || fail "no component was seen to be COMPLETED before the instance was gone"
}

show_report() {
  step "Reading the evidence, which outlives the instance"
  local operation
  operation=$(kube get vpncleanups -o name --sort-by=.metadata.creationTimestamp | grep -- "-$NAME-" | tail -1) || fail "there is no VpnCleanup of $NAME"
  kube get "$operation" | indent
  kube get "$operation" -o json | python3 "$PARTS/report.py" | indent
}

compare() {
  step "Reading links, rules, routes, nftables, files and processes of each node with plain tools, and comparing with before"
  local node left clean=1
  snapshot after
  for node in "${NODES[@]}"; do
    left=$(difference "$node" before after)
    if [ -z "$left" ]; then
      saw "$node: as before ($(wc -l <"$WORK/$node.after") lines read, no difference)"
    else
      clean=0
      indent <<<"$left"
    fi
  done
  [ "$clean" = 1 ] || fail "something is left, or was taken"
}
