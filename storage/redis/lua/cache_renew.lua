-- Gives a resource a new generation; with NX only one that has none. A full Redis takes no value, but
-- forgets one: then nothing of the resource is found, and nothing kept. KEYS: the resource. ARGV: the
-- generation, NX or nothing.
local done = redis.pcall('SET', KEYS[1], unpack(ARGV))
if type(done) == 'table' and done.err then
    redis.call('DEL', KEYS[1])
end
return 1
