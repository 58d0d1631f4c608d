-- Health of a VpnAttachment. Uses the base library only, which is all that Argo CD gives to a script of argocd-cm.

local found = {}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    found[condition.type] = condition
  end
end

local function is(name)
  return found[name] ~= nil and found[name].status == "True"
end

local function said(name)
  return found[name].reason .. ": " .. found[name].message
end

if found.Ready == nil then
  return {status = "Progressing", message = "the agent of node " .. obj.spec.nodeName .. " has not said anything of it yet"}
end
-- what an agent that is away said last may be long ago
if obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "the agent of node " .. obj.spec.nodeName .. " has not seen the last order yet"}
end
if is("Stalled") then
  return {status = "Degraded", message = said("Stalled")}
end
if is("Ready") and obj.spec.desired == "Attached" then
  return {status = "Healthy", message = said("Ready")}
end
return {status = "Progressing", message = said("Ready")}
