-- Health of a VpnInstance. Uses the base library only, which is all that Argo CD gives to a script of argocd-cm.

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
  return {status = "Progressing", message = "the operator has not said anything of it yet"}
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "the operator has not seen the last change yet"}
end
if is("Stalled") then
  return {status = "Degraded", message = said("Stalled")}
end
if found.Ready.reason == "Suspended" then
  return {status = "Suspended", message = said("Ready")}
end
if is("Ready") and not is("Reconciling") then
  return {status = "Healthy", message = said("Ready")}
end
if is("Reconciling") then
  return {status = "Progressing", message = said("Reconciling")}
end
return {status = "Progressing", message = said("Ready")}
