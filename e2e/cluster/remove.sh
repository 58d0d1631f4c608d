# Taking everything away again, also what an earlier run that crashed has left. Sourced by `cluster`.

# Only namespaces of this cluster's prefix are looked at; what runs in them was started in them by it.
namespaces() { ip netns list 2>/dev/null | awk '{print $1}' | grep -E "^$NS-(cp|peer|n[1-9])\$" || true; }

down() {
  local name tries
  for name in $(namespaces | grep -v -- '-cp$') $(namespaces | grep -- '-cp$'); do
    end_processes "$name"
    ip netns del "$name" 2>/dev/null || true
  done
  until_true 10 remove_cgroups "$NS-n[1-9]" || log "some control groups of $NS-* are still busy"
  if [ -e "$W/.cluster" ]; then
    for tries in 1 2 3 4 5; do rm -rf "$W" 2>/dev/null && break; sleep "$tries"; done
    [ ! -e "$W" ] || die "$W could not be removed: something still has it mounted"
  fi
  log "down: namespaces, processes, control groups and $W are gone"
}

# end_processes NAMESPACE: an init first, since everything on its machine ends with it
end_processes() {
  local name=$1 init=$W/nodes/${1#"$NS-"}/init.pid pid own
  own=" $(ancestors) "
  for pid in $(cat "$init" 2>/dev/null || true) $(ip netns pids "$name"); do
    [[ $own == *" $pid "* ]] || [ "$(stat -Lc %i "/proc/$pid/ns/net" 2>/dev/null)" != "$(stat -Lc %i "/run/netns/$name")" ] ||
      kill -9 "$pid" 2>/dev/null || true
  done
  until_true 10 eval "[ -z \"\$(ip netns pids $name | grep -vwE '${own// /|}0')\" ]" || log "processes are left in $name"
}

# this shell and those that called it: never ended by it, wherever they run
ancestors() {
  local pid=$OWN_PID
  while [ "$pid" -gt 1 ]; do
    echo -n "$pid "
    pid=$(awk '/^PPid:/ {print $2}' "/proc/$pid/status")
  done
}

# remove_cgroups PATTERN: in every hierarchy, deepest first
remove_cgroups() {
  find /sys/fs/cgroup -mindepth 1 -depth -type d \( -path "/sys/fs/cgroup/$1" -o -path "/sys/fs/cgroup/$1/*" \
    -o -path "/sys/fs/cgroup/*/$1" -o -path "/sys/fs/cgroup/*/$1/*" \) -exec rmdir {} + 2>/dev/null
}

# keep_logs: prints where the logs of a start that failed were put, since $W goes
keep_logs() {
  local kept
  kept=$(mktemp -d "${TMPDIR:-/tmp}/cluster-logs.XXXXXX")
  cp -r "$W/log/." "$kept" 2>/dev/null || true
  echo "$kept"
}

# logs DIRECTORY
logs() {
  local to=${1:?logs needs a directory} node
  mkdir -p "$to"
  cp -r "$W/log/." "$to"
  for node in $(nodes); do
    mkdir -p "$to/pods-$node"
    cp -rL "$W/nodes/$node/pods/." "$to/pods-$node" 2>/dev/null || true
  done
  kubectl get events.v1.events.k8s.io -A >"$to/events.txt" 2>&1 || true
  kubectl get pods -A -o wide >"$to/pods.txt" 2>&1 || true
  log "logs are in $to"
}
