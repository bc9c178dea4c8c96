-- Keeps an answer under a name that no other answer has; of several processes that made the same one, the
-- first keeps it. KEYS: see cache_books.lua. ARGV: the answer, seconds; bytes of the shard, percent at which
-- Redis is full.
if redis.call('EXISTS', KEYS[1]) == 1 or not book(#ARGV[1], ARGV[3], ARGV[4]) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
