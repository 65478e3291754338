import { createHash } from 'node:crypto';

/** A script that Redis runs as one step: nothing else happens meanwhile. Every key it touches is in KEYS. */
export interface LuaScript {
  readonly text: string;
  readonly sha1: string;
}

/** Length of the random ids of `randomId`, which every script below relies on. */
export const ID_LENGTH = 16;

/** Gives a missing record a random id, and lets it live at least as long as asked. */
const KEEP = `
local function keep(key, id, lifetime)
  local found = redis.call('GET', key)
  if not found then
    if lifetime then redis.call('SET', key, id, 'PX', lifetime) else redis.call('SET', key, id) end
  elseif lifetime and redis.call('PTTL', key) < tonumber(lifetime) then
    redis.call('PEXPIRE', key, lifetime)
  end
  return found or id
end`;

/**
 * Before a computation: takes the lease of the key, or joins the one that another process holds, and gives every record that is
 * missing a new random id, which is what voids values whose tag record was lost. Replies with what then holds.
 * KEYS: lease, clear record, sequence, tags…   ARGV: token, lifetime in ms, version, greatest number of versions, ids…
 */
export const PREPARE = script(`${KEEP}
local reply = { keep(KEYS[1], ARGV[1], ARGV[2]) }
local clear = redis.call('GET', KEYS[2])
if not clear or not string.find(clear .. ' ', ' ' .. ARGV[3] .. ' ', 1, true) then
  local _, versions = string.gsub(clear or '', ' ', '')
  if not clear or versions >= tonumber(ARGV[4]) then clear = ARGV[5] end
  clear = clear .. ' ' .. ARGV[3]
  redis.call('SET', KEYS[2], clear)
end
reply[2] = clear
reply[3] = keep(KEYS[3], ARGV[6])
for i = 4, #KEYS do reply[i] = keep(KEYS[i], ARGV[i + 3], ARGV[2]) end
return reply`);

/**
 * After a computation that added tags: their versions, and the sequence, at one moment. Replies with the sequence, or null, and then
 * the versions. KEYS: sequence, tags…   ARGV: lifetime in ms, ids…
 */
export const VERSIONS = script(`${KEEP}
local reply = { redis.call('GET', KEYS[1]) }
for i = 2, #KEYS do reply[i] = keep(KEYS[i], ARGV[i], ARGV[1]) end
return reply`);

/**
 * After a computation: stores if the key was not deleted since (its lease, or the value that carries its token, is still there),
 * if nothing was cleared and if every tag is what it was before. A tag's record then lives as long as the value.
 * KEYS: value, lease, clear record, tags…   ARGV: token, clear id, lifetime in ms, envelope, tags' versions…
 */
export const STORE = script(`
local clear = redis.call('GET', KEYS[3])
if not clear or string.sub(clear, 1, ${ID_LENGTH}) ~= ARGV[2] then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[1] and redis.call('GETRANGE', KEYS[1], 0, ${ID_LENGTH - 1}) ~= ARGV[1] then return 0 end
for i = 4, #KEYS do if redis.call('GET', KEYS[i]) ~= ARGV[i + 1] then return 0 end end
for i = 4, #KEYS do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
end
redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1`);

/**
 * Removes a key's value, in every version of the application that has written since the last clear, and its lease. Does nothing
 * and replies with the clear record when that names a version of which KEYS has no value.
 * KEYS: clear record, lease, values…   ARGV: channel, message, versions of the values…
 */
export const DELETE = script(`
local clear = redis.call('GET', KEYS[1])
if clear then
  local known = {}
  for i = 3, #ARGV do known[ARGV[i]] = true end
  for version in string.gmatch(clear, ' ([^ ]+)') do if not known[version] then return clear end end
end
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1`);

/** KEYS: sequence, tags…   ARGV: new sequence, channel, message */
export const INVALIDATE_TAGS = script(`
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1`);

/** KEYS: clear record, sequence   ARGV: new clear record, new sequence, channel, message */
export const CLEAR = script(`
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`);

/** Replies with the count and the milliseconds until it starts over. KEYS: counter   ARGV: window in ms */
export const INCREMENT = script(`
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return { count, left }`);

function script(lua: string): LuaScript {
  const text = lua.trim();
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}
