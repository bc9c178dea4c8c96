-- The copies of a shard are counted, and the oldest make room for a new one: they never take more than
-- they may, and nothing once Redis itself is nearly full. Functions for scripts whose KEYS are: the copy,
-- and of the shard the ages (a sorted set of names), the sizes (a hash) and the books (a hash: `total`,
-- and when memory was looked at).
local OVERHEAD = 256 -- about what a key costs beside its name and value
local CHECKED_MS = 1000
local KEPT_S = 7200 -- longer than any copy

local function now_ms()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Whether this node uses more than so many percent of what it may.
local function is_full(now, percent)
    local seen = redis.call('HMGET', KEYS[4], 'checked', 'full')
    if seen[1] and now - seen[1] < CHECKED_MS then
        return seen[2] == '1'
    end
    local told = redis.pcall('INFO', 'memory')
    if type(told) ~= 'string' then
        return false
    end
    local used = tonumber(string.match(told, '\nused_memory:(%d+)'))
    local most = tonumber(string.match(told, '\nmaxmemory:(%d+)'))
    local full = used and most and most > 0 and used * 100 > most * percent
    redis.pcall('HSET', KEYS[4], 'checked', now, 'full', full and '1' or '0')
    return full
end

-- A copy that is gone counts no more.
local function forget(name)
    local size = redis.call('HGET', KEYS[3], name)
    if size then
        redis.call('ZREM', KEYS[2], name)
        redis.call('HDEL', KEYS[3], name)
        redis.call('HINCRBY', KEYS[4], 'total', -size)
    end
end

-- The generation of a row outlives its copies: who has read before a change would keep it otherwise.
local function evict(name)
    local generation = redis.call('TYPE', name).ok == 'hash' and redis.call('HGET', name, 'g')
    local left_ms = generation and redis.call('PTTL', name) or 0
    redis.call('DEL', name)
    if generation and left_ms > 0 then
        redis.call('HSET', name, 'g', generation)
        redis.call('PEXPIRE', name, left_ms)
    end
    forget(name)
end

-- Counts a copy of so many bytes more, after room was made; false where there is none.
local function book(bytes, most, percent)
    local now = now_ms()
    if is_full(now, tonumber(percent)) then
        return false
    end
    local name = KEYS[1]
    local size = bytes + 3 * #name + OVERHEAD
    local before = tonumber(redis.call('HGET', KEYS[3], name) or 0)
    if before > 0 and redis.call('EXISTS', name) == 1 then
        size = before + bytes
    end
    most = tonumber(most)
    if size > most then
        return false
    end
    forget(name)
    while tonumber(redis.call('HGET', KEYS[4], 'total') or 0) + size > most do
        local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
        if not oldest then
            redis.call('HSET', KEYS[4], 'total', 0)
            break
        end
        evict(oldest)
    end
    redis.call('ZADD', KEYS[2], now, name)
    redis.call('HSET', KEYS[3], name, size)
    redis.call('HINCRBY', KEYS[4], 'total', size)
    for n = 2, 4 do
        redis.call('EXPIRE', KEYS[n], KEPT_S)
    end
    return true
end
