-- Appends events to the logs of their recipients and publishes them, a whole group in one call.
-- KEYS: the recipients' logs, those of the first body first. ARGV[1]: a mode a key, one letter each:
-- d durable, o own (published only if another connection is open), e not durable. ARGV[2]: how many
-- keys each body has, by commas; then the bodies.
-- A log that does not exist belongs to nobody who was here within the hour.
-- What is published is the entry's id (empty without one), a space, and the body.
local modes, next_count = ARGV[1], string.gmatch(ARGV[2], '%d+')
local left, body, number = tonumber(next_count()), ARGV[3], 3
for i, log in ipairs(KEYS) do
    if left == 0 then
        left, number = tonumber(next_count()), number + 1
        body = ARGV[number]
    end
    left = left - 1
    local mode = string.sub(modes, i, i)
    local user = string.sub(log, 12)
    local id = ''
    if mode ~= 'e' then
        id = redis.call('XADD', log, 'NOMKSTREAM', 'MAXLEN', '~', '256', '*', 'e', body) or ''
    end
    if mode ~= 'o' or redis.call('HLEN', 'parley:presence:' .. user) > 1 then
        redis.call('SPUBLISH', 'parley:user:' .. user, id .. ' ' .. body)
    end
end
return #KEYS
