# A node: containerd, kubelet and kube-proxy in namespaces of their own. Sourced by `cluster`.

nodes() { find "$W/nodes" -mindepth 1 -maxdepth 1 -name 'n[1-9]' -printf '%f\n' 2>/dev/null | sort; }

ctr_on() {
  local node=$1
  shift
  "$BIN/ctr" -a "$W/nodes/$node/run/containerd.sock" -n k8s.io "$@" 2> >(grep -v 'DEPRECATION:' >&2)
}

# start_node NAME COUNT: the node nI of COUNT, at $SUB.(10 + I), with the pods' network 10.244.I.0/24
start_node() {
  local node=$1 count=$2 i=${1#n} d=$W/nodes/$1 j
  mkdir -p "$d"/{kubelet,cni,run,root,state,pods,pki,loaded}
  wire "$node" $((10 + i))
  for j in $(seq "$count"); do
    [ "$j" = "$i" ] || ip -n "$NS-$node" route add "10.244.$j.0/24" via "$SUB.$((10 + j))"
  done
  ip -n "$NS-cp" route replace "10.244.$i.0/24" via "$SUB.$((10 + i))"
  boot "$node"
  in_node "$node" sysctl -qw net.ipv4.ip_forward=1
  make_certificate "node-$node" "/O=system:nodes/CN=system:node:$node" "DNS:$node,IP:$SUB.$((10 + i))"
  configure_network "$d" "$i"
  configure_containerd "$d"
  configure_kubelet "$d" "$node"
  configure_proxy "$d" "$node"
  start "$node" "containerd-$node" env PATH="$BIN:$PATH" "$BIN/containerd" -c "$d/containerd.toml"
  until_true 20 ctr_on "$node" version || die "containerd of $node does not answer: see $W/log/containerd-$node.log"
  load_pause "$node"
  make_cgroup "$NS-$node"
  start_kubelet "$node"
  start "$node" "kube-proxy-$node" "$BIN/kube-proxy" --config "$d/proxy.yaml"
}

start_kubelet() {
  local node=$1 d=$W/nodes/$1
  start "$node" "kubelet-$node" env PATH="$BIN:$PATH" "$BIN/kubelet" --config "$d/kubelet.yaml" --kubeconfig "$W/node-$node.kubeconfig" \
    --hostname-override "$node" --node-ip "$SUB.$((10 + ${node#n}))" --root-dir "$d/kubelet" --cert-dir "$d/pki"
}

configure_network() {
  cat >"$1/cni/10-bridge.conflist" <<X
{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"hairpinMode":true,
 "ipam":{"type":"host-local","dataDir":"$1/ipam","ranges":[[{"subnet":"10.244.$2.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
X
}

# restrict_oom_score_adj: machines without CAP_SYS_RESOURCE may not lower it
configure_containerd() {
  cat >"$1/containerd.toml" <<X
version = 3
root = "$1/root"
state = "$1/state"
[grpc]
  address = "$1/run/containerd.sock"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "$PAUSE"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$1/cni"
X
}

configure_kubelet() {
  local d=$1 node=$2
  cat >"$d/kubelet.yaml" <<X
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $W/pki/ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /$NS-$node
enforceNodeAllocatable: []
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
makeIPTablesUtilChains: false
containerRuntimeEndpoint: unix://$d/run/containerd.sock
tlsCertFile: $W/pki/node-$node.crt
tlsPrivateKeyFile: $W/pki/node-$node.key
podLogsDir: $d/pods
clusterDomain: cluster.local
maxPods: 250
nodeStatusUpdateFrequency: 3s
nodeStatusReportFrequency: 3s
nodeLeaseDurationSeconds: 8
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
X
}

configure_proxy() {
  cat >"$1/proxy.yaml" <<X
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: $W/proxy.kubeconfig}
hostnameOverride: $2
clusterCIDR: 10.244.0.0/16
conntrack: {maxPerCore: 0}
X
}

# make_cgroup NAME: the node's own root for its pods, in the one hierarchy of cgroup v2 or in each of v1
make_cgroup() {
  local top=/sys/fs/cgroup name=$1 controllers hierarchy controller file
  if [ -f "$top/cgroup.controllers" ]; then
    mkdir -p "$top/$name"
    read -ra controllers <"$top/cgroup.controllers"
    for controller in "${controllers[@]}"; do
      for file in "$top" "$top/$name"; do echo "+$controller" >"$file/cgroup.subtree_control" 2>/dev/null || true; done
    done
    return
  fi
  for hierarchy in "$top"/*/; do [ -L "${hierarchy%/}" ] || mkdir -p "$hierarchy$name"; done
  if [ -d "$top/cpuset" ]; then
    for file in cpus mems; do cat "$top/cpuset/cpuset.$file" >"$top/cpuset/$name/cpuset.$file"; done
  fi
}

crash() {
  local node=$1
  kill -9 "$(cat "$W/nodes/$node/init.pid")"
  ip -n "$NS-cp" link del "v-$node"
  ip netns del "$NS-$node"
  rm -f "$W"/pid/*"-$node" "$W/nodes/$node/init.pid"
  until_true 5 remove_cgroups "$NS-$node" || log "some control groups of $node are still busy"
}

reboot() {
  local node=$1
  [ -d "$W/nodes/$node" ] || die "there is no node $node"
  [ ! -e "/run/netns/$NS-$node" ] || crash "$node"
  start_node "$node" "$(nodes | wc -l)"
}

# replace NODE: another machine under the name of NODE: what the old one wrote to its disk is gone
replace() {
  local node=$1
  [ -d "$W/nodes/$node" ] || die "there is no node $node"
  [ ! -e "/run/netns/$NS-$node" ] || crash "$node"
  rm -rf "$W/nodes/$node/disk"
  start_node "$node" "$(nodes | wc -l)"
}
