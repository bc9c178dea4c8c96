-- Registers a connection of a user, unless the user has as many as allowed.
-- KEYS: the user's connections, the user's log. ARGV: connection, its value, now (ms), the most
-- connections, seconds that both keys live. Returns nil when full, else the log's newest entry id.
-- A value is "expires_ms status text": entries past their time belong to a process that died.
local all = redis.call('HGETALL', KEYS[1])
local live = 0
for i = 1, #all, 2 do
    if tonumber(string.match(all[i + 1], '^%d+')) < tonumber(ARGV[3]) then
        redis.call('HDEL', KEYS[1], all[i])
    elseif all[i] ~= ARGV[1] then
        live = live + 1
    end
end
if live >= tonumber(ARGV[4]) then
    return false
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[5])
if redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('XADD', KEYS[2], '*', 'm', ARGV[1])
end
redis.call('EXPIRE', KEYS[2], ARGV[5])
return redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1][1]
