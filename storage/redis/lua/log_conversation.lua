-- The log of a large conversation after a rev. KEYS: the log, the run that it was begun in.
-- ARGV: the rev (empty: only the newest one is asked for), seconds that it is kept.
-- Returns {newest rev, entries}; false without a log, or when this Redis may have lost some of it.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if redis.call('GET', KEYS[2]) ~= run then
    redis.call('DEL', KEYS[1])
    redis.call('SET', KEYS[2], run)
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not newest then
    return false
end
local rev = tonumber(string.match(newest[1], '^%d+'))
if ARGV[1] == '' then
    return {rev, {}}
end
return {rev, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1] .. '-0', '+')}
