-- Drops what is kept of a row and gives it a new generation. KEYS: see cache_books.lua. ARGV: the
-- generation, seconds; longer than any request that read before takes to keep what it read.
redis.call('DEL', KEYS[1])
forget(KEYS[1])
redis.call('HSET', KEYS[1], 'g', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
