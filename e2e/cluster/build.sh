# The binaries, compiled from their Go modules into $BIN. Sourced by `cluster`.

# module folder, Go package, name of the binary
BINARIES="
etcd       go.etcd.io/etcd/server/v3                                etcd
kubernetes k8s.io/kubernetes/cmd/kube-apiserver                     kube-apiserver
kubernetes k8s.io/kubernetes/cmd/kube-controller-manager            kube-controller-manager
kubernetes k8s.io/kubernetes/cmd/kube-scheduler                     kube-scheduler
kubernetes k8s.io/kubernetes/cmd/kubelet                            kubelet
kubernetes k8s.io/kubernetes/cmd/kube-proxy                         kube-proxy
kubernetes k8s.io/kubernetes/cmd/kubectl                            kubectl
containerd github.com/containerd/containerd/v2/cmd/containerd       containerd
containerd github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2 containerd-shim-runc-v2
containerd github.com/containerd/containerd/v2/cmd/ctr              ctr
helm       helm.sh/helm/v4/cmd/helm                                 helm
"

# A binary is current when it was compiled by this machine's user from the version that its module file names.
is_current() {
  local folder=$1 package=$2 binary=$BIN/$3 module version
  [ -x "$binary" ] || return 1
  [ "$binary" -nt "$HERE/modules/$folder/go.sum" ] && return 0
  read -r module version < <(go version -m "$binary" | awk '$1 == "mod" {print $2, $3}')
  [[ $package == "$module"* ]] && grep -q "[[:space:]]$module $version" "$HERE/modules/$folder/go.mod" && touch "$binary"
}

build() {
  local missing=() folder package name
  while read -r folder package name; do
    [ -z "$name" ] || is_current "$folder" "$package" "$name" || missing+=("$folder $package $name")
  done <<<"$BINARIES"
  [ ${#missing[@]} = 0 ] || compile "${missing[@]}"
  [ "$BIN/pause" -nt "$HERE/modules/pause/main.go" ] ||
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$BIN/pause" "$HERE/modules/pause/main.go"
}

compile() {
  command -v go >/dev/null || die "Go 1.26 or newer is needed to compile Kubernetes: put 'go' on the PATH"
  mkdir -p "$BIN"
  exec 8>"$BIN/.lock"
  flock -n 8 || { log "waiting: somebody else is compiling into $BIN"; flock 8; }
  local started=$SECONDS i=0 entry folder package name minor
  minor=$(cut -d. -f2 <<<"$KUBE")
  local flags="-s -w -X k8s.io/component-base/version.gitVersion=v$KUBE"
  flags+=" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$minor"
  log "compiling $# binaries into $BIN: once, about 10 minutes on two cores for all 11"
  for entry in "$@"; do
    read -r folder package name <<<"$entry"
    i=$((i + 1))
    is_current "$folder" "$package" "$name" && continue # the other one made it
    log "compiling $name ($i of $#, $((SECONDS - started)) s so far)"
    (cd "$HERE/modules/$folder" && CGO_ENABLED=0 go build -ldflags "$flags" -o "$BIN/.$name" "$package" 2> >(grep -v '^go: downloading' >&2))
    mv "$BIN/.$name" "$BIN/$name"
  done
  exec 8>&-
  log "compiled in $((SECONDS - started)) s"
}
