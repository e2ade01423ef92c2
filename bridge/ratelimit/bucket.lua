-- The arithmetic of bucket.py in one atomic step on the server's clock. Hash KEYS[1]: available, at, maximum, rate,
-- and one field "g:<id>" = "<cost>:<end in ms>" per open grant. ARGV[1] names the step; "" stands for "not said".
local key, step = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local b = {available = 0, at = now, maximum = 0, rate = 0}
local grants, outstanding, open = {}, 0, 0

local raw = redis.call('HGETALL', key)
for i = 1, #raw, 2 do
  if string.sub(raw[i], 1, 2) == 'g:' then
    local cost, ends = string.match(raw[i + 1], '^(.-):(.*)$')
    if tonumber(ends) > now then
      grants[string.sub(raw[i], 3)] = tonumber(cost)
      outstanding, open = outstanding + tonumber(cost), open + 1
    else
      redis.call('HDEL', key, raw[i])
    end
  else
    b[raw[i]] = tonumber(raw[i + 1])
  end
end

local function learnt() return b.rate > 0 end
if learnt() then
  b.available = math.min(b.available + b.rate * math.max(0, now - b.at) / 1000, b.maximum - outstanding)
end

local function drop(id)
  local cost = grants[id]
  if cost then
    outstanding = outstanding - cost
    redis.call('HDEL', key, 'g:' .. id)
  end
  return cost
end

local function grant(id, cost, seconds)
  redis.call('HSET', key, 'g:' .. id, cost .. ':' .. string.format('%.3f', now + seconds * 1000))
end

local function believe(available, maximum, rate, slack)
  local first = not learnt()
  if maximum and maximum > 0 then b.maximum = maximum end
  if rate and rate > 0 then b.rate = rate end
  if not available then return end
  local least = available - outstanding
  if first or b.available < least or b.available > available + slack then b.available = least end
  b.available = math.min(b.available, available, b.maximum - outstanding)
end

local answer = 0
if step == 'take' then
  local id, cost, mark, ttl = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
  if not learnt() then
    if open > 0 then answer = tonumber(ARGV[7]) else grant(id, cost, math.min(ttl, tonumber(ARGV[6]))) end
  else
    local needed = cost + math.min(b.maximum * mark, math.max(0, b.maximum - cost))
    if b.available < needed then
      answer = math.max(0.001, (needed - b.available) / b.rate)
    else
      b.available = b.available - cost
      grant(id, cost, ttl)
    end
  end
elseif step == 'settle' then
  local cost, charged = drop(ARGV[2]), tonumber(ARGV[3])
  if cost and charged and learnt() then b.available = b.available + cost - charged end
  believe(tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]))
elseif step == 'throttled' then
  local cost, requested, available = drop(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  if cost and learnt() then b.available = b.available + cost end
  if available then b.available = math.min(b.available, available) end
  believe(available, tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]))
  answer = math.max(0.05, learnt() and (requested - b.available) / b.rate or 1)
elseif step == 'release' then
  local cost = drop(ARGV[2])
  if cost and learnt() then b.available = math.min(b.available + cost, b.maximum - outstanding) end
end

if step == 'state' then
  return {tostring(b.available), tostring(b.maximum), tostring(b.rate), tostring(outstanding), learnt() and 1 or 0}
end
redis.call('HSET', key, 'available', string.format('%.6f', b.available), 'at', string.format('%.3f', now),
  'maximum', b.maximum, 'rate', b.rate)
redis.call('EXPIRE', key, 604800)
return tostring(answer)
