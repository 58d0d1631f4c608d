-- Health of a VpnNode. Uses the base library only, which is all that Argo CD gives to a script of argocd-cm.

local status = obj.status
if status == nil or status.agentVersion == nil then
  return {status = "Progressing", message = "the agent of this node has not said anything yet"}
end
local sweep = status.sweep
if sweep ~= nil and sweep.error ~= nil then
  return {status = "Degraded", message = "the sweep could not read the node: " .. sweep.error}
end
if sweep ~= nil and sweep.orphansPresent ~= nil and sweep.orphansPresent > 0 then
  return {status = "Degraded", message = "the sweep found " .. sweep.orphansPresent .. " that nothing explains"}
end
return {status = "Healthy", message = "agent " .. status.agentVersion}
