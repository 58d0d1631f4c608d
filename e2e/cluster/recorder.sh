# Records what leaves a node by its own link, where the link ends in the control plane's network: nothing on the node
# has a say in it. Sourced by `cluster`.

# record NODE NETWORK...: from now on, anew
record() {
  local node=$1
  shift
  [ -e "/run/netns/$NS-$node" ] || die "there is no node $node"
  [ $# -gt 0 ] || die "record needs the networks to look for, such as 10.200.0.0/24"
  stop cp "recorder-$node"
  : >"$W/log/recorder-$node.log"
  start cp "recorder-$node" python3 -u "$HERE/recorder.py" "v-$node" "$@"
  until_true 10 grep -q recording "$W/log/recorder-$node.log" || die "it does not record: see $W/log/recorder-$node.log"
}

# recorded NODE: a line for each packet that was seen: when, in milliseconds since 1970, and where to
recorded() { grep -v recording "$W/log/recorder-$1.log" || true; }
