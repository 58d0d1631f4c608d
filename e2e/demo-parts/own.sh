# The demo on a cluster of its own. Sourced by e2e/demo.

export KUBE_DIR=${KUBE_DIR:-/tmp/ur-vpn-demo} KUBE_NS=${KUBE_NS:-urvpn-demo} KUBE_SUBNET=${KUBE_SUBNET:-10.97.0}
CLUSTER=$PWD/e2e/cluster/cluster
NODES=(n1 n2)
# shellcheck disable=SC2034  # scenes.sh uses it
NODE_SELECTOR='{}'
KUBE=("$CLUSTER" kubectl)

announce() {
  local missing
  missing=$(e2e/packages --missing)
  cat <<X
This demo starts a two-node Kubernetes cluster on this machine, with a remote peer ($KIND), and shows a tunnel's life on it.
  It needs: root, Go, JDK 25, Maven, and these Debian packages: ${missing:-all of them are installed}${missing:+ (they are installed now)}
  It makes: network namespaces $KUBE_NS-*, control groups $KUBE_NS-*, processes in those, the directory $KUBE_DIR, and caches in ~/.cache
  It changes nothing else on the machine, and removes all but the packages and the caches at the end. The first run takes up to 35 minutes.
X
}

kube() { "${KUBE[@]}" "$@"; }
on() { "$CLUSTER" on "$@"; }
peer_config() { "$CLUSTER" peer config "$1" "$TYPE"; }
peer_show() { "$CLUSTER" peer show "$TYPE"; }
peer_forget() { "$CLUSTER" peer seen --forget; }

peer_sources() {
  local seen
  seen=$("$CLUSTER" peer seen)
  [ -n "$seen" ] || fail "the peer saw no echo request"
  echo "the peer counted, by source address: $(awk '{printf "%s%s packets from %s", (NR > 1 ? ", " : ""), $2, $1}' <<<"$seen")"
}

pod_ping() { kube exec client -- ping "$@"; }

prepare() {
  [ "$EUID" = 0 ] || fail "this needs root: run 'sudo make demo'"
  JAVA_HOME=$(e2e/find-jdk)
  export JAVA_HOME
  e2e/packages
  step "Building the operator and starting the cluster: two nodes, each in namespaces of its own, and the peer"
  "$CLUSTER" build
  build_images >"$WORK/build.log" 2>&1 &
  local building=$!
  "$CLUSTER" up 2 2>&1 | indent
  "$CLUSTER" peer up 2>&1 | indent
  kube get nodes | indent
  wait "$building" || { tail -30 "$WORK/build.log"; fail "the build failed"; }
  step "Loading the images into both nodes"
  "$CLUSTER" load target/images/*.tar 2>&1 | indent
  step "Installing the operator with helm"
  e2e/install-chart "$CLUSTER" helm | indent
  start_client
  kube -n "$NAMESPACE" get pods -o wide | indent
  saw "operator and agents are ready"
}

# What is packaged already and newer than its sources is not packaged again.
build_images() {
  local jar=target/quarkus-app/quarkus-run.jar
  if [ ! -f "$jar" ] || [ -n "$(find pom.xml src/main -newer "$jar" -print -quit)" ]; then mvn -q -B package -DskipTests; fi
  images/build
}

# A pod that knows nothing of the tunnel. It is there from the first snapshot on, since the network plugin leaves a bridge.
start_client() {
  local image
  image=$(images/build --names | awk '/runtime/ {print $1}')
  kube run client --image="$image" --overrides="{\"spec\": {\"nodeName\": \"${NODES[1]}\", \"terminationGracePeriodSeconds\": 0}}" \
    --command -- sleep infinity >/dev/null
  kube wait --for=condition=Ready pod/client --timeout=60s >/dev/null
}

keep() {
  cat <<X

The cluster stays. Use it with
  export KUBE_DIR=$KUBE_DIR KUBE_NS=$KUBE_NS KUBE_SUBNET=$KUBE_SUBNET
  $CLUSTER kubectl get vpn,vpnatt,vpnclean
  $CLUSTER on n1 ip rule
  $CLUSTER peer show
and remove it with
  $CLUSTER down
X
}

# remove CODE: 0 when the demo went well
remove() {
  [ "$1" = 0 ] || { rm -rf target/demo-logs; "$CLUSTER" logs target/demo-logs || true; }
  step "Removing the cluster"
  "$CLUSTER" down 2>&1 | indent
}
