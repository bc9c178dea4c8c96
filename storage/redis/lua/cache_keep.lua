-- Keeps a row's representation for one kind of reader, unless the row was changed since it was read:
-- then the generation is another. KEYS: see cache_books.lua. ARGV: the generation seen, the reader, the
-- body, seconds from the first that is kept; bytes of the shard, percent at which Redis is full.
if (redis.call('HGET', KEYS[1], 'g') or '') ~= ARGV[1] then
    return 0
end
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 or not book(#ARGV[3], ARGV[5], ARGV[6]) then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4], 'NX')
return 1
