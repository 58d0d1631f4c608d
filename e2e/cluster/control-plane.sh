# etcd, kube-apiserver, controller manager and scheduler, in the namespace $NS-cp. Sourced by `cluster`.

kubectl() { in_cp "$BIN/kubectl" --kubeconfig "$W/admin.kubeconfig" --cache-dir "$W/kubectl-cache" "$@"; }
helm() { in_cp env HELM_CACHE_HOME="$W/helm" HELM_CONFIG_HOME="$W/helm" HELM_DATA_HOME="$W/helm" "$BIN/helm" --kubeconfig "$W/admin.kubeconfig" "$@"; }

start_control_plane() {
  ip netns add "$NS-cp"
  ip -n "$NS-cp" link set lo up
  ip -n "$NS-cp" link add br0 address 02:00:00:00:00:01 type bridge
  ip -n "$NS-cp" addr add "$CP/24" dev br0
  ip -n "$NS-cp" addr add 10.96.0.1/32 dev lo # the kubernetes Service, without a proxy
  ip -n "$NS-cp" link set br0 up
  in_cp sysctl -qw net.ipv4.ip_forward=1
  make_pki
  start_etcd
  start_api
  start cp kcm "$BIN/kube-controller-manager" --kubeconfig "$W/kcm.kubeconfig" --leader-elect=false \
    --service-account-private-key-file="$W/pki/sa.key" --root-ca-file="$W/pki/ca.crt" \
    --use-service-account-credentials --node-monitor-grace-period=12s
  start cp scheduler "$BIN/kube-scheduler" --kubeconfig "$W/scheduler.kubeconfig" --leader-elect=false
}

start_etcd() {
  start cp etcd "$BIN/etcd" --data-dir "$W/etcd" --unsafe-no-fsync --log-level warn
  until_true 20 etcd_revision || die "etcd does not answer: see $W/log/etcd.log"
}

# As a crash does it: an API server that ends in order takes itself out of its Service, and a kube-proxy may need more than a
# minute to hear that it is in there again.
stop_api() {
  [ ! -s "$W/pid/apiserver" ] || kill -9 "$(cat "$W/pid/apiserver")" 2>/dev/null || true
  stop cp apiserver
}

# It is back when the nodes reach it by its Service, as their pods do.
start_api() {
  local node
  [ ! -e "$W/pid/apiserver" ] || { log "the API server runs already"; return; }
  start_apiserver
  until_true 60 kubectl get --raw /readyz || die "kube-apiserver is not ready: see $W/log/apiserver.log"
  for node in $(nodes); do
    [ ! -e "/run/netns/$NS-$node" ] || until_true 120 reaches_api "$node" || die "$node has no way to the API server's Service: see $W/log/kube-proxy-$node.log"
  done
}

reaches_api() { in_node "$1" timeout 2 bash -c '</dev/tcp/10.96.0.1/443'; }

# snapshot FILE: etcd's data as it is now; nothing is served while it is copied
snapshot() {
  local to=${1:?snapshot needs a file}
  stop_api
  stop cp etcd
  tar -C "$W" -cf "$to" etcd
  start_etcd
  start_api
  log "etcd's data are in $to"
}

# restore FILE: what was written since the snapshot is gone. The revision goes on from the present one and all before it is
# compacted, as with `etcdutl snapshot restore --bump-revision --mark-compacted`: who watches is told to read anew.
restore() {
  local from=${1:?restore needs a file} revision
  [ -s "$from" ] || die "$from does not exist: make one with 'cluster snapshot'"
  stop_api
  revision=$(etcd_revision)
  stop cp etcd
  rm -rf "$W/etcd"
  tar -C "$W" -xf "$from"
  start_etcd
  etcd_revision "$((revision + 1000))" >/dev/null
  start_api
  log "etcd has the data of $from"
}

# etcd_revision [LEAST]: prints etcd's revision, after raising it to LEAST and compacting what was before
etcd_revision() {
  in_cp python3 - "${1:-0}" <<'X'
import base64, http.client, json, sys

etcd = http.client.HTTPConnection("127.0.0.1", 2379, timeout=5)


def ask(what, **request):
    etcd.request("POST", "/v3/kv/" + what, json.dumps(request))
    return json.load(etcd.getresponse())


key, least = base64.b64encode(b"raised").decode(), int(sys.argv[1])
revision = int(ask("range", key=key)["header"]["revision"])
while revision < least:
    revision = int(ask("put", key=key, value=key)["header"]["revision"])
if least:
    ask("compaction", revision=str(revision))
print(revision)
X
}

start_apiserver() {
  local pki=$W/pki
  start cp apiserver "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --secure-port=443 --advertise-address="$CP" \
    --tls-cert-file="$pki/api.crt" --tls-private-key-file="$pki/api.key" --client-ca-file="$pki/ca.crt" \
    --service-account-key-file="$pki/sa.key" --service-account-signing-key-file="$pki/sa.key" \
    --service-account-issuer=https://kubernetes.default.svc --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --service-cluster-ip-range=10.96.0.0/16 --allow-privileged \
    --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key" \
    --kubelet-preferred-address-types=InternalIP
}

make_pki() {
  local pki=$W/pki
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$pki/ca.key" -out "$pki/ca.crt" -subj /CN=kube-ca -days 365 2>/dev/null
  openssl genrsa -out "$pki/sa.key" 2048 2>/dev/null
  make_certificate api /CN=kube-apiserver \
    "IP:$CP,IP:127.0.0.1,IP:10.96.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost"
  make_certificate admin /O=system:masters/CN=admin
  make_certificate kcm /CN=system:kube-controller-manager
  make_certificate scheduler /CN=system:kube-scheduler
  make_certificate proxy /CN=system:kube-proxy
}

# make_certificate NAME SUBJECT [ALTERNATIVE NAMES]: a key, a certificate and a kubeconfig that uses them
make_certificate() {
  local file=$W/pki/$1
  openssl req -newkey rsa:2048 -nodes -keyout "$file.key" -out "$file.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$file.csr" -CA "$W/pki/ca.crt" -CAkey "$W/pki/ca.key" -CAcreateserial -out "$file.crt" -days 365 \
    -extfile <(printf 'subjectAltName=%s' "${3:-DNS:client}") 2>/dev/null
  cat >"$W/$1.kubeconfig" <<X
apiVersion: v1
kind: Config
clusters: [{name: e2e, cluster: {server: "https://$CP:443", certificate-authority: $W/pki/ca.crt}}]
users: [{name: u, user: {client-certificate: $file.crt, client-key: $file.key}}]
contexts: [{name: e2e, context: {cluster: e2e, user: u}}]
current-context: e2e
X
}
