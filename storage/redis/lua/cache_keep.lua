-- Keeps a row's representation for one kind of reader, unless the row was changed since it was read:
-- then the generation is another. KEYS: the row. ARGV: the generation seen, the reader, the body,
-- seconds from the first that is kept.
if (redis.call('HGET', KEYS[1], 'g') or '') ~= ARGV[1] then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4], 'NX')
return 1
