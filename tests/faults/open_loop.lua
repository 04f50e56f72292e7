-- Open-loop load for wrk: RATE requests a second, independent of earlier responses, as long as
-- connections are free. RATE is the total of all threads; the tests use one thread.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds, nanoseconds; } timespec_t;
  int clock_gettime(int clock, timespec_t *now);
]]
local MONOTONIC = 1
local timespec = ffi.new("timespec_t")
local interval = 1000 / tonumber(os.getenv("RATE"))
local due

local function now()
  ffi.C.clock_gettime(MONOTONIC, timespec)
  return tonumber(timespec.seconds) * 1000 + tonumber(timespec.nanoseconds) / 1e6
end

-- Returns the milliseconds until a free connection sends the next request.
function delay()
  due = (due or now()) + interval
  return math.max(0, math.floor(due - now() + 0.5))
end
