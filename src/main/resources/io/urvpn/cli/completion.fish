# fish completion of kubectl-vpn; for 'kubectl vpn' that of kubectl is enough
function __kubectl_vpn
    set -l typed (commandline -opc)
    kubectl-vpn __complete -- $typed[2..-1] (commandline -ct) 2>/dev/null | string match -v -r '^:'
end
complete -c kubectl-vpn -f -a '(__kubectl_vpn)'
