import { createHash } from 'node:crypto'

/** A script that Redis runs as one step, and the hash by which it knows it. */
export interface RedisScript {
  readonly text: string
  readonly sha1: string
}

// Times are the server's, in milliseconds: one clock for all processes.
const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

// A window is remembered for longer than it is open.
const OPEN = (key: string) => `tonumber(redis.call('HGET', ${key}, 'closes') or '0') > now`

/** Keys: count, attempt, and with `resume` window. Arguments: limit, end, attempt, length of the window, whether it joins. */
export const CLAIM = script(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 1 end
${NOW}
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local ends = tonumber(ARGV[2])
-- Two callers that differ: the longer memory is the safe one.
if used > 0 and redis.call('PTTL', KEYS[1]) < ends - now then redis.call('PEXPIREAT', KEYS[1], ARGV[2]) end
if ARGV[5] == '1' and ${OPEN('KEYS[3]')} then
  redis.call('HSET', KEYS[3], 'joined', '1')
  redis.call('SET', KEYS[2], 'joined', 'PX', 300000)
  return 1
end
if used >= tonumber(ARGV[1]) or now >= ends then return 0 end
redis.call('INCR', KEYS[1])
if used == 0 then redis.call('PEXPIREAT', KEYS[1], ARGV[2]) end
redis.call('SET', KEYS[2], 'counted', 'PX', 300000)
if KEYS[3] then
  -- Whoever opened the one before may yet be released, and is to be told whether it was joined: as long as attempts are known.
  if redis.call('HGET', KEYS[3], 'joined') == '1' then redis.call('HSET', KEYS[3], 'joinedBefore', '1') end
  redis.call('HSET', KEYS[3], 'by', ARGV[3], 'joined', '0', 'closes', string.format('%.0f', now + tonumber(ARGV[4])))
  local kept = math.max(tonumber(ARGV[4]), 300000)
  if redis.call('PTTL', KEYS[3]) < kept then redis.call('PEXPIRE', KEYS[3], kept) end
end
return 1`)

/** Keys: as of a claim. Argument: attempt. */
export const RELEASE = script(`
local took = redis.call('GET', KEYS[2])
redis.call('DEL', KEYS[2])
if took ~= 'counted' then return 0 end
if KEYS[3] then
  local isOwn = redis.call('HGET', KEYS[3], 'by') == ARGV[1]
  if redis.call('HGET', KEYS[3], isOwn and 'joined' or 'joinedBefore') == '1' then return 0 end
  if isOwn then redis.call('HSET', KEYS[3], 'closes', '0') end
end
-- A count that has ended meanwhile would come back, and stay for ever.
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
return 1`)

/** Keys: count, and with `resume` window. Arguments: limit, end, whether it joins. */
export const IS_SPENT = script(`
${NOW}
if ARGV[3] == '1' and ${OPEN('KEYS[2]')} then return 0 end
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used >= tonumber(ARGV[1]) or now >= tonumber(ARGV[2]) then return 1 end
return 0`)

/** Keys: one for each name. Arguments: issued by (seconds), end. */
export const REVOKE = script(`
for _, key in ipairs(KEYS) do
  local by, ends = ARGV[1], ARGV[2]
  local known = redis.call('GET', key)
  if known then
    local knownBy, knownEnds = string.match(known, '^(%S+) (%S+)$')
    if tonumber(knownBy) > tonumber(by) then by = knownBy end
    if tonumber(knownEnds) > tonumber(ends) then ends = knownEnds end
  end
  redis.call('SET', key, by .. ' ' .. ends)
  redis.call('PEXPIREAT', key, ends)
end
return 1`)

/** Keys: one for each name. Argument: issued at (seconds). */
export const IS_REVOKED = script(`
for _, key in ipairs(KEYS) do
  local known = redis.call('GET', key)
  if known and tonumber(string.match(known, '^%S+')) >= tonumber(ARGV[1]) then return 1 end
end
return 0`)

function script(text: string): RedisScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}
