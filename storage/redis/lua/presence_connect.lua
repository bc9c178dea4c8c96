-- Registers a connection, unless the user has as many as allowed. ARGV[3..7]: the user, the connection,
-- "status text", ms until it runs out, the most. Returns 1, or 0 if full.
local user = user_of(ARGV[3])
if #live(user, ARGV[4]) >= tonumber(ARGV[7]) then
    return 0
end
redis.call('HSET', user.connections, ARGV[4], ARGV[5])
redis.call('ZADD', KEYS[1], number(now + ARGV[6]), user.id .. ' ' .. ARGV[4])
announce(user)
return 1
