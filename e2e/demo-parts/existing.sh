# The demo on a cluster that is there already. Nothing on this machine is touched: the peer is a pod, and nodes are looked
# at through pods of the demo's own namespace. Sourced by e2e/demo.
#
#   HELM_ARGS=...    more arguments for helm, such as where the images are: --set images.operator.repository=...

DEMO=ur-vpn-demo
export KUBECONFIG=$DEMO_KUBECONFIG
NAME=ur-vpn-demo
# shellcheck disable=SC2034  # scenes.sh uses it
KUBE=(kubectl)
INSTALLED=0
# shellcheck source=/dev/null
. "$PARTS/existing-$TYPE.sh"

kube() { kubectl "$@"; }

announce() {
  [ -f "$KUBECONFIG" ] || { echo "KUBECONFIG=$KUBECONFIG: there is no such file" >&2; exit 1; }
  local tool
  for tool in kubectl helm python3 $PEER_TOOLS; do
    command -v "$tool" >/dev/null || { echo "$tool must be on the PATH" >&2; exit 1; }
  done
  mapfile -t NODES < <(kubectl get nodes -o json | python3 "$PARTS/ready_nodes.py" | head -2)
  [ ${#NODES[@]} = 2 ] || { echo "two nodes that are Ready and take any pod are needed; found: ${NODES[*]:-none}" >&2; exit 1; }
  # shellcheck disable=SC2034  # scenes.sh uses it
  NODE_SELECTOR="{ur-vpn-demo: \"yes\"}"
  cat <<X
This demo uses the cluster of $KUBECONFIG ($(kubectl config current-context)) and shows a tunnel's life on its nodes ${NODES[*]}.
  It installs the chart as release 'ur-vpn' in $NAMESPACE, where it is not installed yet; the cluster must be able to pull the
  images (HELM_ARGS says where they are, see README.md).
  It makes the namespace $DEMO with the $KIND peer, a client and a pod that looks at each of the nodes, labels them
  ur-vpn-demo=yes, and routes ${ROUTES[*]} into the tunnel on them. It removes all of that at the end.
  It changes nothing on this machine.
X
}

prepare() {
  kube label node "${NODES[@]}" ur-vpn-demo=yes --overwrite >/dev/null
  if helm -n "$NAMESPACE" status ur-vpn >/dev/null 2>&1; then
    step "Using the operator that is installed"
  else
    step "Installing the operator with helm"
    INSTALLED=1
    # shellcheck disable=SC2086  # several arguments in one variable
    e2e/install-chart helm ${HELM_ARGS:-} | indent
  fi
  step "Starting the $KIND peer, a client and a pod that looks at each node"
  RUNTIME=$(kube -n "$NAMESPACE" get configmap ur-vpn-config -o jsonpath='{.data.config\.yaml}' | sed -n 's/^ *runtime-image: *"\{0,1\}\([^"]*\)"\{0,1\}$/\1/p')
  OPERATOR=$(kube -n "$NAMESPACE" get daemonset ur-vpn-agent -o jsonpath='{.spec.template.spec.containers[0].image}')
  put existing.yaml
  peer_files
  put "existing-$TYPE.yaml"
  kube -n "$DEMO" rollout status daemonset/look --timeout=90s >/dev/null
  kube -n "$DEMO" wait --for=condition=Ready pod/peer pod/client --timeout=90s | indent
  PEER_ADDRESS=$(kube -n "$DEMO" get pod peer -o jsonpath='{.status.podIP}')
  saw "the peer listens at $PEER_ADDRESS:$PEER_PORT"
}

put() { sed -e "s|RUNTIME|$RUNTIME|; s|OPERATOR|$OPERATOR|; s|SECOND|${NODES[1]}|" "$PARTS/$1" | kube apply -f - | indent; }

on() {
  local node=$1 pod
  shift
  pod=$(kube -n "$DEMO" get pods -l app=look --field-selector "spec.nodeName=$node" -o jsonpath='{.items[0].metadata.name}')
  if [ "$1" = ping ]; then kube -n "$DEMO" exec "$pod" -c runtime -- "$@"; else kube -n "$DEMO" exec "$pod" -c operator -- "$@"; fi
}

at_peer() { kube -n "$DEMO" exec peer -- "$@"; }

# The node's place among the two gives its address in the tunnel its last number: 11 or 12.
last_number() { if [ "$1" = "${NODES[0]}" ]; then echo 11; else echo 12; fi; }

peer_forget() { :; }
pod_ping() { kube -n "$DEMO" exec client -- ping "$@"; }

keep() { printf '\nEverything stays. Look at it with: kubectl get vpn,vpnatt,vpnclean\nRemove it with: kubectl delete namespace %s; helm -n %s uninstall ur-vpn\n' "$DEMO" "$NAMESPACE"; }

remove() {
  step "Removing what the demo made"
  kube delete vpninstance "$NAME" --ignore-not-found --timeout=90s | indent
  kube -n "$NAMESPACE" delete secret "$NAME" --ignore-not-found | indent
  kube delete namespace "$DEMO" --ignore-not-found | indent
  kube label node "${NODES[@]}" ur-vpn-demo- >/dev/null || true
  [ "$INSTALLED" = 0 ] || helm -n "$NAMESPACE" uninstall ur-vpn --wait | indent
}
