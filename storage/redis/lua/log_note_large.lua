-- Notes in a user's place which large conversations the user is in, and answers all that are noted.
-- KEYS: the place. ARGV: the epoch for which they were read; then conversations, each with a rev by
-- which the user was in it. What was noted at a later rev stays, and so does a place begun anew.
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then
    for i = 2, #ARGV, 2 do
        local known = redis.call('HGET', KEYS[1], 'c:' .. ARGV[i])
        if not known or math.abs(tonumber(known)) < tonumber(ARGV[i + 1]) then
            redis.call('HSET', KEYS[1], 'c:' .. ARGV[i], ARGV[i + 1])
        end
    end
    redis.call('HSET', KEYS[1], 'known', '1')
end
return redis.call('HGETALL', KEYS[1])
