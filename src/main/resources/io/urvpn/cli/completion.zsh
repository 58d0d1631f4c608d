#compdef kubectl-vpn
# zsh completion of kubectl-vpn; for 'kubectl vpn' that of kubectl is enough
_kubectl_vpn() {
  local line
  local -a replies
  for line in ${(f)"$(kubectl-vpn __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    [[ $line = :* ]] || replies+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  _describe 'kubectl vpn' replies
}
compdef _kubectl_vpn kubectl-vpn
