-- Sends the requests of a file in order, and reports the results as a line of JSON.
-- wrk.py writes the file, a line per request: "METHOD<tab>PATH<tab>TOKEN<tab>BODY".
-- Twelve zeros stand for a number that is drawn for each request.

local UNIQUE = string.rep("0", 12)
local requests = {}
local started = 0
local last

-- Runs in wrk's main state, once per thread.
function setup(thread)
   thread:set("number", started)
   started = started + 1
end

-- Runs in the state of each thread. Formats all requests in advance, outside of the measured time.
-- Each thread starts at a different request.
function init(args)
   local file, seed, threads = args[1], tonumber(args[2]), tonumber(args[3])
   math.randomseed(seed + number)
   for line in io.lines(file) do
      local method, path, token, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
      local headers = {}
      if token ~= "" then headers["Authorization"] = "Token " .. token end
      if body == "" then body = nil else headers["Content-Type"] = "application/json" end
      local text = wrk.format(method, path, headers, body)
      local from, to = text:find(UNIQUE, 1, true)
      table.insert(requests, from and { text:sub(1, from - 1), text:sub(to + 1) } or text)
   end
   last = math.floor(#requests * number / threads)
end

function request()
   last = last % #requests + 1
   local text = requests[last]
   if type(text) == "string" then return text end
   return text[1] .. string.format("%.0f", math.random(10 ^ 11, 10 ^ 12 - 1)) .. text[2]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "status_errors": %d, "socket_errors": %d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
