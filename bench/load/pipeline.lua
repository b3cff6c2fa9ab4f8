-- Sixteen requests in one write.
init = function(args)
  local requests = {}
  for i = 1, 16 do requests[i] = wrk.format("GET", wrk.path) end
  sixteen = table.concat(requests)
end
request = function() return sixteen end
