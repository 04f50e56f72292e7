-- So many requests a second, whatever becomes of those before: wrk sends on as many connections as it takes.
-- RATE is for all threads together, of which there is one.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds, nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
]]
local MONOTONIC = 1
local moment = ffi.new("moment")
local interval = 1000 / tonumber(os.getenv("RATE"))
local due

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) * 1000 + tonumber(moment.nanoseconds) / 1e6
end

-- The milliseconds until a connection that is free sends the next request.
function delay()
  due = (due or now()) + interval
  return math.max(0, math.floor(due - now() + 0.5))
end
