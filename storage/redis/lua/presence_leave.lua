-- Forgets a connection. ARGV[3..5]: the user, the connection, ms after which somebody without another
-- one is gone.
local user = user_of(ARGV[3])
redis.call('HDEL', user.connections, ARGV[4])
redis.call('ZREM', KEYS[1], user.id .. ' ' .. ARGV[4])
redis.call('ZADD', KEYS[1], number(now + ARGV[5]), user.id)
return 1
