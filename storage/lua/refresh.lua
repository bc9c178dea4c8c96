-- Keeps the connections of one process alive, and puts back what Redis has lost. KEYS: the users' connections, each followed by the
-- user's log. ARGV: seconds that both live, then for each pair a connection and its value.
for i = 1, #KEYS, 2 do
    redis.call('HSET', KEYS[i], ARGV[1 + i], ARGV[2 + i])
    redis.call('EXPIRE', KEYS[i], ARGV[1])
    if redis.call('EXISTS', KEYS[i + 1]) == 0 then
        redis.call('XADD', KEYS[i + 1], '*', 'm', ARGV[1 + i])
    end
    redis.call('EXPIRE', KEYS[i + 1], ARGV[1])
end
return #KEYS / 2
