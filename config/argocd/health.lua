-- Copyright The Journeyman Authors.
-- SPDX-License-Identifier: Apache-2.0

-- Health of journeyman.dev objects by their kstatus conditions. Business facts, such as a stale source or a missed target, have conditions
-- of their own and do not make an object unhealthy.
local health = {status = "Progressing", message = "Waiting for the operator"}
if obj.status == nil or obj.status.conditions == nil then
  return health
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  return health
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Stalled" and condition.status == "True" then
    return {status = "Degraded", message = condition.message}
  end
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Ready" then
    health.message = condition.message
    if condition.status == "True" then
      health.status = "Healthy"
    end
  end
end
-- A source is suspended by spec.suspend, a map or a report by spec.analysis.suspend.
if health.status == "Healthy" and obj.spec ~= nil then
  local analysis = obj.spec.analysis or {}
  if obj.spec.suspend == true or analysis.suspend == true then
    return {status = "Suspended", message = "suspend is set"}
  end
end
return health
