-- Health of a VpnCleanup. Uses the base library only, which is all that Argo CD gives to a script of argocd-cm.

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
  return {status = "Progressing", message = "the cleanup begins"}
end
if is("Stalled") then
  return {status = "Degraded", message = said("Stalled")}
end
if is("Ready") then
  return {status = "Healthy", message = said("Ready")}
end
-- a debt too: it is settled when its nodes are back
return {status = "Progressing", message = said("Ready")}
