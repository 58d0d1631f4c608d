# bash completion of kubectl-vpn; for 'kubectl vpn' that of kubectl is enough
_kubectl_vpn() {
  local line word words=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [[ $word = '=' ]] || words+=("$word")
  done
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line = :* ]] || COMPREPLY+=("${line%%$'\t'*}")
  done < <(kubectl-vpn __complete -- "${words[@]}" 2>/dev/null)
}
complete -F _kubectl_vpn kubectl-vpn
