-- Keeps sockets of an address counted. KEYS: as sockets_enter.lua. ARGV: ms until they run out, how many
-- of them have not said hello, and the sockets, these first.
local clock = redis.call('TIME')
local till = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[1])
local members = {{}, {}}
for i = 3, #ARGV do
    for k = 1, i - 2 <= tonumber(ARGV[2]) and 2 or 1 do
        table.insert(members[k], till)
        table.insert(members[k], ARGV[i])
    end
end
for k, key in ipairs(KEYS) do
    if #members[k] > 0 then
        redis.call('ZADD', key, unpack(members[k]))
    end
    redis.call('PEXPIRE', key, ARGV[1])
end
return 1
