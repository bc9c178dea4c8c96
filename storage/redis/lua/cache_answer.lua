-- Keeps an answer under a name that no other answer has. KEYS: see cache_books.lua. ARGV: the answer,
-- seconds; bytes of the shard, percent at which Redis is full.
if not book(#ARGV[1], ARGV[3], ARGV[4]) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
