# Images on the nodes. Sourced by `cluster`.

PAUSE=docker.io/e2e/pause:local

# The sandbox image, which holds a pod's namespaces: one static binary that waits.
load_pause() {
  local d=$W/pause
  if [ ! -f "$W/pause.tar" ]; then
    mkdir -p "$d/rootfs"
    cp "$BIN/pause" "$d/rootfs/pause"
    python3 "$HERE/../../images/archive.py" layer "$d/rootfs" "$d/layer.tar"
    python3 "$HERE/../../images/archive.py" image "$PAUSE" '{"Entrypoint":["/pause"]}' "$W/pause.tar" "$d/layer.tar"
  fi
  ctr_on "$1" images import "$W/pause.tar" >/dev/null 2>&1
}

# load TAR...: into all nodes at once
load() {
  local archive node job jobs=() failed=0
  [ $# -gt 0 ] || die "load what? Name one or more docker-archives"
  for archive in "$@"; do
    [ -f "$archive" ] || die "$archive does not exist: build it with images/build"
    for node in $(nodes); do
      load_on "$node" "$archive" &
      jobs+=($!)
    done
  done
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  [ "$failed" = 0 ] || die "an image was not loaded"
}

# The archive's config digest stands for its content; containerd names what it imports by another digest of its own,
# so both are noted at the import and compared the next time.
load_on() {
  local node=$1 archive=$2 started=$SECONDS name config note
  read -r config name < <(tar -xOf "$archive" manifest.json | python3 -c \
    'import json, sys; m = json.load(sys.stdin)[0]; print(m["Config"].split("/")[-1].split(".")[0], m["RepoTags"][0])')
  note=$W/nodes/$node/loaded/$config
  if [ -s "$note" ] && [ "$(digest_on "$node" "$name")" = "$(cat "$note")" ]; then
    log "$name is on $node already"
    return
  fi
  ctr_on "$node" images import "$archive" >/dev/null
  digest_on "$node" "$name" >"$note"
  log "loaded $name on $node in $((SECONDS - started)) s"
}

# tag IMAGE NAME
tag() {
  local image=${1:?tag needs an image} name=${2:?tag needs a name} node
  for node in $(nodes); do ctr_on "$node" images tag --force "$image" "$name" >/dev/null; done
}

digest_on() { ctr_on "$1" images ls "name==$2" | awk 'NR == 2 {print $3}'; }
