import { terms } from './windows.ts'

// Redis runs a script as one step: what stands in it cannot be torn by a crash or another process. Each takes the time
// as its first argument and JSON as its second. Every key that a script writes it lets expire.
const words = `
local now = tonumber(ARGV[1])
local given = cjson.decode(ARGV[2])
local call = redis.call
local function num(value) return tonumber(value or '') or 0 end
local function text(number) return string.format('%.0f', number) end
local function dedupKey(key) return 'ops-events:dedup:' .. key end
local function stormKey(hook, minute) return 'ops-events:storm:' .. hook .. ':' .. text(minute) end
local function windowKey(window)
  if window.kind == 'dedup' then return dedupKey(window.key) end
  return stormKey(window.key, window.start / ${terms.minute})
end
local function verdictsKey(hook, ago)
  return 'ops-events:verdicts:' .. hook .. ':' .. text(math.floor(now / ${terms.verdicts}) - ago)
end
`

/** Answers `goes:{held}:{since}`, `threshold`, `dedup:{start}:{scheduled}` or `storm:{start}:{scheduled}` for each request. */
export const judgeScript = `${words}
local function threshold(at)
  local key = 'ops-events:threshold:' .. at.group
  local current = math.floor(now / math.ceil(at.window / ${terms.slots}))
  local sum = at.weight
  local slots = call('HGETALL', key)
  for i = 1, #slots, 2 do
    if num(slots[i]) < current - ${terms.slots} then call('HDEL', key, slots[i])
    else sum = sum + num(slots[i + 1]) end
  end
  if sum >= at.count then
    call('DEL', key)
    return nil
  end
  call('HINCRBY', key, text(current), at.weight)
  call('PEXPIRE', key, text(at.window + ${terms.minute}))
  return 'threshold'
end

local function dedup(event, at)
  local key = dedupKey(at.key)
  local start, owner, claimed, went, ended, told, held, since, carried, carriedSince = unpack(call('HMGET', key,
    'start', 'owner', 'claimed', 'went', 'ended', 'told', 'held', 'since', 'carried', 'carriedSince'))
  local open = start and ended ~= '1' and now < num(start) + at.window
  local free = owner == '' or (went ~= '1' and now - num(claimed) >= ${terms.claim})
  if open and owner == event then return nil, (carried or '0') .. ':' .. (carriedSince or '') end
  if open and not free then
    call('HINCRBY', key, 'held', 1)
    call('HSETNX', key, 'since', text(now))
    call('HSET', key, 'last', at.text)
    return 'dedup:' .. start
  end
  local count, from = 0, ''
  if not told and num(held) > 0 then count, from = num(held), since end
  if start and went ~= '1' and num(carried) > 0 then count, from = count + num(carried), carriedSince end
  if open then call('HDEL', key, 'since', 'last')
  else
    call('DEL', key)
    call('HSET', key, 'start', text(now), 'before', start or '')
  end
  call('HSET', key, 'owner', event, 'claimed', text(now), 'went', '0', 'held', '0', 'carried', text(count), 'carriedSince', from)
  call('PEXPIRE', key, text(at.window + ${terms.late}))
  return nil, text(count) .. ':' .. from
end

local function storm(hook, at)
  local minute = math.floor(now / ${terms.minute})
  if call('HEXISTS', stormKey(hook, minute), 'ended') == 1 then minute = minute + 1 end
  local key = stormKey(hook, minute)
  local total = call('HINCRBY', key, 'total', 1)
  call('PEXPIRE', key, ${terms.minute + terms.late})
  if total <= at.limit and num(call('HGET', stormKey(hook, minute - 1), 'total')) <= at.limit then return nil end
  call('HINCRBY', key, 'held', 1)
  call('HSETNX', key, 'since', text(now))
  local reason = 'reason:' .. at.reason
  if call('HEXISTS', key, reason) == 0 and call('HINCRBY', key, 'reasons', 1) > ${terms.mostReasons} then reason = 'reason:other' end
  call('HINCRBY', key, reason, 1)
  local names = num(call('HGET', key, 'names'))
  if names < ${terms.mostNames} and call('HSETNX', key, 'name:' .. at.name, text(names)) == 1 then call('HINCRBY', key, 'names', 1) end
  return 'storm:' .. text(minute * ${terms.minute})
end

local function decide(request)
  if request.threshold and threshold(request.threshold) then return 'threshold' end
  local verdict, carried
  if request.dedup then verdict, carried = dedup(request.event, request.dedup) end
  if not verdict and request.storm then verdict = storm(request.hook, request.storm) end
  return verdict or ('goes:' .. (carried or '0:'))
end

local function remember(request, verdict)
  local key = verdictsKey(request.hook, 0)
  local most = string.sub(verdict, 1, 4) == 'goes' and ${5 * terms.mostVerdicts} or ${terms.mostVerdicts}
  if call('HLEN', key) >= most then return end
  call('HSET', key, request.event, verdict)
  call('PEXPIRE', key, ${2 * terms.verdicts})
end

local function scheduled(request, verdict)
  local kind, start = string.match(verdict, '^(%a+):(%d+)$')
  if kind == 'dedup' then
    local key = dedupKey(request.dedup and request.dedup.key or '')
    local opened, before, done = unpack(call('HMGET', key, 'start', 'before', 'scheduled'))
    return verdict .. (((opened == start and done == '1') or before == start) and ':1' or ':0')
  end
  if kind == 'storm' then
    local done = call('HGET', stormKey(request.hook, num(start) / ${terms.minute}), 'scheduled')
    return verdict .. (done == '1' and ':1' or ':0')
  end
  return verdict
end

local verdicts = {}
for i, request in ipairs(given) do
  local verdict = call('HGET', verdictsKey(request.hook, 0), request.event) or call('HGET', verdictsKey(request.hook, 1), request.event)
  if not verdict then
    verdict = decide(request)
    remember(request, verdict)
  end
  verdicts[i] = scheduled(request, verdict)
end
return verdicts
`

/** Takes note of deeds. */
export const settleScript = `${words}
local function mark(window, field, value)
  local key = windowKey(window)
  if call('EXISTS', key) == 0 then return end
  if window.kind == 'dedup' and call('HGET', key, 'start') ~= text(window.start) then return end
  call('HSET', key, field, value)
end

for _, deed in ipairs(given) do
  if deed.window then mark(deed.window, deed.kind, deed.by or '1')
  elseif deed.kind == 'over' then
    if call('EXISTS', dedupKey(deed.key)) == 1 then call('HSET', dedupKey(deed.key), 'ended', '1') end
  else
    local key = dedupKey(deed.key)
    local owns = call('HGET', key, 'owner') == deed.event
    if deed.kind == 'went' and owns then call('HSET', key, 'went', '1') end
    if deed.kind == 'freed' then
      call('HDEL', verdictsKey(deed.hook, 0), deed.event)
      call('HDEL', verdictsKey(deed.hook, 1), deed.event)
      if owns then call('HSET', key, 'owner', '', 'went', '0') end
    end
  end
end
return 1
`

/** Answers `forgotten`, `told`, or the fields of the window and their values in turn. */
export const endScript = `${words}
local key = windowKey(given.window)
if call('EXISTS', key) == 0 then return 'forgotten' end
local start, before, told = unpack(call('HMGET', key, 'start', 'before', 'told'))
local asked = text(given.window.start)
if given.window.kind == 'dedup' and start ~= asked then
  -- The window that followed it has taken over what it held; one that never knew of it has not.
  return before == asked and 'told' or 'forgotten'
end
if told and told ~= given.by then return 'told' end
call('HSET', key, 'ended', '1')
return call('HGETALL', key)
`
