-- Forgets a connection. KEYS[2..4], ARGV[3..4]: the user. ARGV[5..6]: the connection, ms after which
-- somebody without another one is gone.
local user = user_at(2, 3)
redis.call('HDEL', user.connections, ARGV[5])
local _, last = live(user.connections)
redis.call('ZADD', KEYS[1], number(math.max(last, now + tonumber(ARGV[6]))), user.id)
return 1
