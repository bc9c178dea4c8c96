-- Keeps sockets of an address counted. KEYS: as sockets_enter.lua. ARGV: ms until they run out, how many
-- of them have not said hello, and the sockets, these first.
local clock = redis.call('TIME')
local till = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[1])
for i = 3, #ARGV do
    redis.call('ZADD', KEYS[1], till, ARGV[i])
    if i - 2 <= tonumber(ARGV[2]) then
        redis.call('ZADD', KEYS[2], till, ARGV[i])
    end
end
for _, key in ipairs(KEYS) do
    redis.call('PEXPIRE', key, ARGV[1])
end
return 1
