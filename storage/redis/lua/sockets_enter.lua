-- Counts a socket of an address in, unless the address has as many as allowed.
-- KEYS: the address' sockets, and those of them that have not said hello: sorted sets, each member
-- with the time (ms) until which its process keeps it; of an IPv6 address then those of its /48.
-- ARGV: the socket, ms until it runs out, and for each key the most that it may hold. Returns 1, or 0
-- if full.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for i, key in ipairs(KEYS) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now))
    local is_in = redis.call('ZSCORE', key, ARGV[1]) and 1 or 0
    if redis.call('ZCARD', key) - is_in >= tonumber(ARGV[2 + i]) then
        return 0
    end
end
for _, key in ipairs(KEYS) do
    redis.call('ZADD', key, string.format('%.0f', now + ARGV[2]), ARGV[1])
    redis.call('PEXPIRE', key, ARGV[2])
end
return 1
